import * as z from 'zod/mini'
import type { DatabaseConfig } from '../config/config.ts'
import { exitCodes } from '../domain/exit-code.ts'
import type { LockStatus } from '../domain/lock-status.ts'
import type { Administration } from '../engine/ports.ts'
import { administerEach, targetOf } from './administer.ts'
import type { CommandResult, Context } from './context.ts'

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
  const locks = await administerEach(context, readLockStatus)
  return { result: { kind: 'locks', locks }, exitCode: exitCodes.done }
}
