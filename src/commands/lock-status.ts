import * as z from 'zod/mini'
import type { Holder } from '../domain/event.ts'
import { exitCodes } from '../domain/exit-code.ts'
import type { LockStatus } from '../domain/result.ts'
import type { Target } from '../domain/target.ts'
import { administerEach, targetOf } from './administer.ts'
import type { CommandResult, Context } from './context.ts'

export const input = z.strictObject({})

/** A lock as `lock status` shows it. */
export function toLockStatus(target: Target, holder: Holder | null): LockStatus {
  if (holder === null) {
    return {
      target,
      held: false,
      connectionId: null,
      user: null,
      host: null,
      seconds: null,
      state: null,
      statement: null,
      orphaned: false,
    }
  }
  return { target, held: true, ...holder }
}

/** `wwdb lock status`: who holds the lock of each database. */
export async function run(_input: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const locks = await administerEach(context, async (administration, database) =>
    toLockStatus(targetOf(database), await administration.readLock()),
  )
  return { result: { kind: 'locks', locks }, exitCode: exitCodes.done }
}
