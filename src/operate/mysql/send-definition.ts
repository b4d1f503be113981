import type { GuardConfig } from '../../config/guard-config.ts'
import type { Holder } from '../../core/holder.ts'
import type { Connection } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { withLockWait } from '../../mysql/pinned-session.ts'
import { type Waiter, watchBlockers } from '../../mysql/watch-blockers.ts'
import { awaitTables, type GuardBudget } from '../guard.ts'
import { findTableHolders, type NamedTables } from './table-holders.ts'

/** A definition of existing tables that is sent outside of a migration. */
export interface GuardedDefinition extends Waiter {
  readonly connection: Connection
  readonly tables: NamedTables
  readonly guard: GuardConfig
  readonly budget: GuardBudget
}

/** How it ended: `attempts` is 0 where it was never sent. */
export type SentDefinition =
  | { readonly type: 'sent' }
  | { readonly type: 'blocked'; readonly attempts: number; readonly by: readonly Holder[]; readonly cause: unknown }

/** Attempts where the guard is off, each as long as the session waits. */
const unguardedAttempts = 3
/** Milliseconds after the start of an attempt at which blockers are first read. */
const firstLook = 250

/**
 * Looks outside the lock queue, and then sends a definition for one to three seconds at a time until it ran or the budget is used up. Readers of a table queue behind a definition
 * that waits for it: so it waits briefly, and lets them through in between. Throws any error of the server but that it gave up waiting.
 */
export async function sendDefinition(
  request: GuardedDefinition,
  send: () => Promise<unknown>,
): Promise<SentDefinition> {
  const { connection, guard, budget, lockWait } = request
  const look = lookAt(request)
  let by: readonly Holder[] = []
  let cause: unknown = null
  for (let attempt = 1; ; attempt += 1) {
    const { holders } = await awaitTables({ look, budget, held: async () => undefined })
    if (holders.length > 0) return { type: 'blocked', attempts: attempt - 1, by: holders, cause }
    const wait = guard.transaction === null ? null : budget.lockWait(attempt)
    const watch = watchBlockers(request, firstLook)
    try {
      await withLockWait(connection, wait, lockWait, send)
      return { type: 'sent' }
    } catch (error) {
      if (!hasNumber(error, serverErrors.lockWaitTimeout, serverErrors.deadlock)) throw error
      budget.gaveUp()
      const seen = await watch.stop()
      if (seen.length > 0) by = seen
      cause = error
      const isOver = guard.transaction === null ? attempt === unguardedAttempts : budget.isUsedUp
      if (isOver || budget.isStopped) return { type: 'blocked', attempts: attempt, by, cause }
      await budget.pause()
      if (guard.transaction !== null && budget.isUsedUp) return { type: 'blocked', attempts: attempt, by, cause }
    } finally {
      await watch.stop()
    }
  }
}

/** What cannot be looked at holds nothing up, unless somebody was seen before. */
function lookAt({ monitor, tables, guard: { transaction } }: GuardedDefinition): () => Promise<readonly Holder[]> {
  let seen: readonly Holder[] = []
  return async () => {
    if (transaction === null) return []
    const found = monitor.ask((other) => findTableHolders(other, tables, transaction))
    seen = await found.catch(() => seen)
    return seen
  }
}
