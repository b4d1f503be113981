import * as z from 'zod/mini'
import type { DatabaseConfig } from '../../config/config.ts'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { UnreachedTarget } from '../../core/unreached.ts'
import { administerReached, targetOf } from '../../databases/administer.ts'
import type { LockStatus } from '../lock-status.ts'
import type { Administration } from '../ports.ts'
import { exitCodeWith } from '../unreached.ts'

export const input = z.strictObject({})

const nobody = {
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
  return { target: targetOf(database), held: holder !== null, ...(holder ?? nobody), workers }
}

/** `wwdb lock status`: who holds the lock of each database. */
export async function run(_input: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  return readLocks(context, readLockStatus)
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
