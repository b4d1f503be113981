import { rm, writeFile } from 'node:fs/promises'
import { sleepUnlessStopped } from '../../core/sleep-unless-stopped.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { ChangeRequest } from './change-request.ts'
import type { RunningTool, ToolEnd } from './start-tool.ts'

const every = 1000

/**
 * Beside a tool that copies: the governor pauses it where it can be paused, and the connection that holds the lock is kept in use. Returns when the tool has ended, or when `isReady` says
 * after a look that its copy is complete.
 */
export async function watchTool(
  { server, governor, stop }: ChangeRequest,
  tool: RunningTool,
  pauseFile: string | null,
  isReady: () => Promise<boolean>,
): Promise<ToolEnd | 'ready'> {
  const end = tool.ended
  let isOver = false
  void end.then(() => {
    isOver = true
  })
  while (!isOver) {
    // Once this connection is lost, another run may have the lock: the tool must not go on.
    await server.ask('DO 0')
    if (pauseFile !== null) {
      await governor?.clear(() => touch(pauseFile))
      await rm(pauseFile, { force: true })
    }
    if (await isReady()) return 'ready'
    await Promise.race([
      sleepUnlessStopped(every, stop.requested ? { ...stop, onStop: () => () => undefined } : stop),
      end,
    ])
  }
  return end
}

/** Creates a file in the folder of a tool. The folder goes with the tool: there is nothing to hold up any more. */
export async function touch(file: string): Promise<void> {
  await writeFile(file, '').catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  })
}

/** @param lines the last that it printed and that say why */
export function toolFailed(
  { target, table }: Pick<ChangeRequest, 'target' | 'table'>,
  program: string,
  code: number | null,
  lines: readonly string[],
): ToolError {
  const last = lines.join(' ').trim()
  return new ToolError('ONLINE_FAILED', {
    what: `\`${program}\` ended before the copy of \`${table.name}\` was complete${code === null ? '' : ` (exit code ${code})`}.`,
    where: { database: target.database, server: target.server },
    why: last === '' ? 'It printed nothing.' : `Its last output: ${last.replace(/\.$/, '')}.`,
    next: 'The table is as it was, and what the tool left was removed. Correct what it names, then run the command again.',
  })
}

export function toolCanceled({
  target,
  table,
}: {
  readonly target: Target
  readonly table: { readonly name: string }
}) {
  return new ToolError('CANCELED', {
    what: `The copy of \`${table.name}\` was ended.`,
    where: { database: target.database, server: target.server },
    why: 'The run was stopped twice.',
    next: 'The table is as it was, and what the tool left was removed. Run the command again to begin the copy again.',
  })
}
