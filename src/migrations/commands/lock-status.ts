import type { DatabaseConfig } from '../../config/config.ts'
import { defineCommand } from '../../core/command.ts'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { UnreachedTarget } from '../../core/target.ts'
import { administerReached, targetOf } from '../../databases/administer.ts'
import type { Administration, LockStatus } from '../ports.ts'
import { exitCodeWith } from '../unreached.ts'

/** `wwdb lock status`: who holds the lock of each database. */
export const command = defineCommand({
  name: 'lock status',
  group: 'Migrations',
  summary: 'who holds the lock of each database',
  purpose:
    'Shows for every database whether a run holds its lock, on which connection, since when and what that ' +
    'connection is doing, and whether the run that opened it is dead; also for the workers of a fan-out, which ' +
    'have locks of their own.',
  examples: [
    { command: 'wwdb lock status', purpose: 'all databases' },
    { command: 'wwdb lock status -t user_db --json', purpose: 'one, for a program' },
  ],
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: false,
  connects: true,
  async run(_options, context) {
    return readLocks(context, readLockStatus)
  },
})

const noHolder = {
  connectionId: null,
  user: null,
  host: null,
  seconds: null,
  state: null,
  statement: null,
  orphaned: false,
} as const

/** A database's lock, and those of fan-outs' workers in it, as `lock status` shows them. */
export async function readLockStatus(administration: Administration, database: DatabaseConfig): Promise<LockStatus> {
  const holder = await administration.readLock()
  const workers = await administration.readWorkerLocks()
  return { target: targetOf(database), held: holder !== null, ...(holder ?? noHolder), workers }
}

/** The locks of the databases that were reached, and the databases that were not. */
export async function readLocks(context: Context, read: typeof readLockStatus): Promise<CommandResult> {
  type Answer = { readonly lock: LockStatus } | { readonly unreached: UnreachedTarget }
  const { answers, isIncomplete } = await administerReached<Answer>(
    context,
    async (administration, database) => ({ lock: await read(administration, database) }),
    (unreached) => ({ unreached }),
  )
  const locks = answers.flatMap((answer) => ('lock' in answer ? [answer.lock] : []))
  const unreached = answers.flatMap((answer) => ('unreached' in answer ? [answer.unreached] : []))
  return { result: { kind: 'locks', locks, unreached }, exitCode: exitCodeWith(exitCodes.done, isIncomplete) }
}
