import { spawn } from 'node:child_process'
import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

type Variables = Readonly<Record<string, string | undefined>>

/** The program of this name on PATH; null where there is none. */
export async function findProgram(name: string, { PATH = '' }: Variables): Promise<string | null> {
  for (const folder of PATH.split(delimiter).filter((path) => path !== '')) {
    const program = join(folder, name)
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return program
  }
  return null
}

/**
 * Runs the tool, and ends it when the pipe to it is closed: that is what is left of a wwdb that was killed. A tool that went on would copy to a table that the
 * next run removes.
 */
const guarded = `exec 3<&0 </dev/null
"$@" &
tool=$!
(cat <&3 >/dev/null; kill -TERM $tool; sleep 2; kill -KILL $tool) >/dev/null 2>&1 &
guard=$!
wait $tool
code=$?
kill $guard 2>/dev/null
exit $code`

/** How a tool ended. */
interface ToolEnd {
  /** Null where a signal ended it. */
  readonly code: number | null
  /** Its last lines. */
  readonly output: readonly string[]
}

export interface RunningTool {
  readonly ended: Promise<ToolEnd>
  /** Ends it; `ended` settles then. */
  readonly end: () => void
}

const mostLines = 20

/** Starts a tool in a session of its own: Ctrl-C on the terminal is not its. */
export function startTool(
  program: string,
  words: readonly string[],
  variables: Variables,
  onLine: (line: string) => void,
): RunningTool {
  const child = spawn('/bin/sh', ['-c', guarded, 'sh', program, ...words], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...variables },
  })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    let rest = ''
    stream.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        output.push(line)
        if (output.length > mostLines) output.shift()
        onLine(line)
      }
    })
  }
  child.stdin.on('error', () => undefined)
  const ended = new Promise<ToolEnd>((resolve) => {
    child.once('error', (error) => resolve({ code: null, output: [error.message] }))
    child.once('exit', (code) => {
      child.stdin.end()
      // What the shell leaves may hold the pipes a moment longer.
      setTimeout(() => resolve({ code, output }), 50)
    })
  })
  return { ended, end: () => child.stdin.end() }
}

/** A folder that only this account may read, with files; `remove` takes it away again. */
export async function privateFolder(
  files: (folder: string) => ReadonlyMap<string, string>,
): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'wwdb-online-'))
  for (const [name, text] of files(path)) await writeFile(join(path, name), text, { mode: 0o600 })
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}
