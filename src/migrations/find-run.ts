import type { Context } from '../command/context.ts'
import type { Config } from '../config/config.ts'
import { percentOf } from '../core/progress.ts'
import type { RunUnderWay } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'
import type { RunningPass } from './journal/status.ts'
import { targetServers } from './ports.ts'
import { type OpenTarget, refreshTarget } from './targets.ts'

const hasOpenRows = ({ snapshot }: OpenTarget): boolean => snapshot.passes.some((pass) => pass.open > 0)

/**
 * The run that carries out what the journal has open: the connection that holds the lock of the database, and how far the server is with its statement.
 * Null where no connection holds it, or it is not visible. Needs no more privileges than the journal: what the account may not see is null.
 */
export async function findRun(context: Context, config: Config, target: OpenTarget): Promise<RunningPass | null> {
  const open = target.snapshot.passes.findLast((pass) => pass.open > 0)
  if (open === undefined) return null
  try {
    const servers = await context.port(targetServers)
    const administration = await servers.administrate(target.database, config.timeouts)
    try {
      const holder = await administration.readLock()
      if (holder === null) return null
      const { connectionId, user, host, seconds, orphaned } = holder
      const account = user === null ? null : host === null ? user : `${user}@${host}`
      const progress = await administration.readProgress(connectionId)
      const percent = progress.type === 'known' ? percentOf(progress.completed, progress.estimated) : null
      return { pass: open.pass, person: open.appliedBy, connectionId, account, seconds, percent, orphaned }
    } finally {
      await administration.close()
    }
  } catch (error) {
    if (error instanceof ToolError) return null
    throw error
  }
}

/**
 * The run in progress, and the target's current state: a run may have ended between reading the journal and checking the lock, so open rows without a holder are
 * read again.
 */
export async function lookAtRun(
  context: Context,
  config: Config,
  opened: OpenTarget,
): Promise<{ readonly run: RunningPass | null; readonly target: OpenTarget }> {
  const run = await findRun(context, config, opened)
  return { run, target: run === null && hasOpenRows(opened) ? await refreshTarget(opened) : opened }
}

/** The runs that hold the database now, even between two statements; empty where this account may not see them. */
export async function findRunsUnderWay({ session }: OpenTarget): Promise<readonly RunUnderWay[]> {
  try {
    return await session.readRunsUnderWay()
  } catch (error) {
    if (error instanceof ToolError) return []
    throw error
  }
}
