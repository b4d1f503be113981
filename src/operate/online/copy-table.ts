import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sleepUnlessStopped } from '../../core/sleep-unless-stopped.ts'
import { ToolError } from '../../core/tool-error.ts'
import { isAtLeast } from '../../core/version.ts'
import type { AlterChange } from './alter-change.ts'
import type { ChangeRequest } from './change-request.ts'
import {
  connectionFiles,
  oldestPtOsc,
  optionFile,
  ptOscArguments,
  ptOscProgram,
  readPtOscProgress,
  readPtOscVersion,
} from './pt-osc.ts'
import type { OnlineRecord } from './record.ts'
import { lookAtChange } from './settle.ts'
import { findProgram, privateFolder, type RunningTool, startTool } from './start-tool.ts'

/** Has the tool copy the table. Returns when the copy is complete and every trigger keeps it current, as the server shows it. */
export async function copyTable(request: ChangeRequest, change: AlterChange, record: OnlineRecord): Promise<void> {
  const { server, connection, target, table, variables, stop } = request
  const program = await findTool(variables)
  const folder = await privateFolder()
  const pauseFile = join(folder.path, 'pause')
  const words = ptOscArguments({
    schema: target.schema,
    table: table.name,
    changes: change.changes,
    defaultsFile: join(folder.path, optionFile),
    pauseFile,
    token: record.token,
    renames: change.renamed.size > 0,
    addsUnique: change.uniques.length > 0,
  })
  const began = performance.now()
  const onLine = (line: string): void => {
    const seen = readPtOscProgress(line)
    if (seen === null) return
    const progress = {
      type: 'known',
      stage: `copying rows (${ptOscProgram})`,
      completed: seen.percent,
      estimated: 100,
    } as const
    request.progressed(progress, performance.now() - began)
  }
  const tool = startTool({ program, words, variables, folder: folder.path, onLine })
  let isKilled = false
  const unsubscribe = stop.onKill(() => {
    isKilled = true
    tool.end()
  })
  try {
    await folder.write(connectionFiles(connection, folder.path))
    tool.begin()
    const watching = watch(request, tool, pauseFile)
    const end = await Promise.race([tool.ended, watching])
    if (isKilled) throw canceled(request)
    // The exit code alone proves nothing: it is 0 where the table was not swapped, and 1 for nearly everything else.
    if (end.code !== 0 || (await lookAtChange(server, record)) !== 'kept-current')
      throw failed(request, end.code, end.output)
  } finally {
    unsubscribe()
    tool.end()
    await tool.ended
    await server.endSessions(record.token).catch(() => undefined)
    await folder.remove()
  }
}

async function findTool(variables: ChangeRequest['variables']): Promise<string> {
  const program = await findProgram(ptOscProgram, variables)
  if (program === null)
    throw new ToolError('ONLINE_TOOL', {
      what: `\`${ptOscProgram}\` is not on PATH.`,
      why: 'The table is too large to be changed in place, or the change needs a copy, and `-- wwdb:online` lets this tool make it.',
      next: 'Install it (Debian: percona-toolkit) where wwdb runs, or remove `wwdb:online` to let the server change the table itself.',
    })
  const ran = await promisify(execFile)(program, ['--version'], { env: { ...variables } }).catch((error: unknown) => ({
    stdout: '',
    stderr: error instanceof Error ? error.message : String(error),
  }))
  const version = readPtOscVersion(ran.stdout)
  if (version !== null && isAtLeast(version, oldestPtOsc)) return program
  const why =
    version === null
      ? `\`${program} --version\` printed no version. ${ran.stderr.trim().split('\n')[0] ?? ''}`.trim()
      : `It is version ${version}; wwdb works with ${oldestPtOsc} and later.`
  throw new ToolError('ONLINE_TOOL', {
    what: `\`${ptOscProgram}\` cannot be used.`,
    why,
    next: 'Install a version that works where wwdb runs.',
  })
}

const every = 1000

/** Beside the tool: the governor pauses it, and the connection that holds the lock is kept in use. Only rejects, or never settles. */
async function watch({ server, governor, stop }: ChangeRequest, tool: RunningTool, pauseFile: string): Promise<never> {
  let isOver = false
  void tool.ended.then(() => {
    isOver = true
  })
  while (!isOver) {
    // Once this connection is lost, another run may have the lock: the tool must not go on.
    await server.ask('DO 0')
    await governor?.clear(async () => {
      await writeFile(pauseFile, '').catch((error: unknown) => {
        // The folder goes with the tool: there is nothing to pause any more.
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
      })
    })
    await rm(pauseFile, { force: true })
    await Promise.race([
      sleepUnlessStopped(every, stop.requested ? { ...stop, onStop: () => () => undefined } : stop),
      tool.ended,
    ])
  }
  return new Promise<never>(() => undefined)
}

/** What the tool says at its end of that which wwdb has it leave, and removes itself. */
const farewell = /^(?:Not dropping |To drop |DROP T\w+ IF EXISTS|.* was not altered\.$)/

function failed({ target, table }: ChangeRequest, code: number | null, output: readonly string[]): ToolError {
  const said = output.filter((line) => line.trim() !== '' && !farewell.test(line))
  const faults = said.filter((line) => line.startsWith('  * '))
  const last = (faults.length > 0 ? faults : said.slice(-4)).join(' ').trim()
  return new ToolError('ONLINE_FAILED', {
    what: `\`${ptOscProgram}\` ended before the copy of \`${table.name}\` was complete${code === null ? '' : ` (exit code ${code})`}.`,
    where: { database: target.database, server: target.server },
    why: `The last that it printed: ${last === '' ? 'nothing' : last.replace(/\.$/, '')}.`,
    next: 'The table is as it was, and what the tool left was removed. Correct what it names, then run the command again.',
  })
}

function canceled({ target, table }: ChangeRequest): ToolError {
  return new ToolError('CANCELED', {
    what: `The copy of \`${table.name}\` was ended.`,
    where: { database: target.database, server: target.server },
    why: 'The run was stopped twice.',
    next: 'The table is as it was, and what the tool left was removed. Run the command again to begin the copy again.',
  })
}
