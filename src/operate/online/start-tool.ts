import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Runs the tool, and ends it when the pipe to it is closed: that is what is left of a wwdb that was killed. A tool that went on, and be it for a moment, would write to
 * what the next run removes; SIGTERM would leave the same and let it finish what it does. The tool goes before the folder, where a file may be what
 * keeps it from its next step, and the folder before the rest; its files are written when this already waits for the line that begins.
 */
const guarded = `exec 3<&0 </dev/null
folder=$1
shift
read -r begin <&3 || { rm -rf -- "$folder"; exit 1; }
"$@" &
tool=$!
(cat <&3 >/dev/null; trap '' TERM; kill -KILL $tool; rm -rf -- "$folder"; kill -KILL 0) >/dev/null 2>&1 &
guard=$!
wait $tool
code=$?
rm -rf -- "$folder"
kill $guard 2>/dev/null
exit $code`

/** How a tool ended. */
export interface ToolEnd {
  /** Null where a signal ended it. */
  readonly code: number | null
  /** Its last lines. */
  readonly output: readonly string[]
}

export interface RunningTool {
  readonly ended: Promise<ToolEnd>
  /** The files that it reads are there. */
  readonly begin: () => void
  /** Ends it; `ended` settles then. */
  readonly end: () => void
}

const mostLines = 20

interface ToolRequest {
  readonly program: string
  readonly words: readonly string[]
  readonly variables: Variables
  /** Its private folder, which is removed when it ends. */
  readonly folder: string
  readonly onLine: (line: string) => void
}

/** Starts a tool in a session of its own: Ctrl-C on the terminal is not its, and its group is ended together with it. */
export function startTool({ program, words, variables, folder, onLine }: ToolRequest): RunningTool {
  const child = spawn('/bin/sh', ['-c', guarded, 'sh', folder, program, ...words], {
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
  return { ended, begin: () => child.stdin.write('\n'), end: () => child.stdin.end() }
}

export interface PrivateFolder {
  readonly path: string
  readonly write: (files: ReadonlyMap<string, string>) => Promise<void>
  readonly remove: () => Promise<void>
}

/** A folder that only this account may read; `remove` takes it away again. */
export async function privateFolder(): Promise<PrivateFolder> {
  const path = await mkdtemp(join(tmpdir(), 'wwdb-online-'))
  return {
    path,
    write: async (files) => {
      for (const [name, text] of files) await writeFile(join(path, name), text, { mode: 0o600 })
    },
    remove: () => rm(path, { recursive: true, force: true }),
  }
}
