import type { Context } from '../command/context.ts'
import type { DatabaseConfig } from '../config/config.ts'
import type { UnreachedTarget } from '../core/target.ts'
import type { LockStatus } from '../migrations/lock-status.ts'
import type { Administration } from '../migrations/ports.ts'
import { administerReached, targetOf } from './administer.ts'

/** The locks of the databases that were reached, and the databases that were not. */
export interface LocksReading {
  readonly locks: readonly LockStatus[]
  readonly unreached: readonly UnreachedTarget[]
}

/** Reads the lock of each chosen database. Throws ToolError as `administerReached`. */
export async function readLocks(context: Context, read = readLockStatus): Promise<LocksReading> {
  type Answer = { readonly lock: LockStatus } | { readonly unreached: UnreachedTarget }
  const { answers } = await administerReached<Answer>(
    context,
    async (administration, database) => ({ lock: await read(administration, database) }),
    (unreached) => ({ unreached }),
  )
  return {
    locks: answers.flatMap((answer) => ('lock' in answer ? [answer.lock] : [])),
    unreached: answers.flatMap((answer) => ('unreached' in answer ? [answer.unreached] : [])),
  }
}

const noHolder = {
  connectionId: null,
  user: null,
  host: null,
  seconds: null,
  state: null,
  statement: null,
  orphaned: false,
} as const

/** A database's lock, those of fan-outs' workers in it, and on a keyspace that of VSchemas. */
export async function readLockStatus(administration: Administration, database: DatabaseConfig): Promise<LockStatus> {
  const holder = await administration.readLock()
  const workers = await administration.readWorkerLocks()
  const vschemas = await administration.vschemaTurn?.read()
  return {
    ...{ target: targetOf(database), held: holder !== null, ...(holder ?? noHolder), workers },
    ...(vschemas !== undefined && { vschemas }),
  }
}
