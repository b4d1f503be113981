import { setTimeout as pause } from 'node:timers/promises'
import type { Holder } from '../../core/holder.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { HeldLock } from '../../migrations/mysql/journal-tables.ts'
import { fence } from '../../migrations/mysql/journal-tables.ts'
import type { Connection } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { type Waiter, watchBlockers } from '../../mysql/watch-blockers.ts'

export interface LockRetry extends Waiter {
  readonly connection: Connection
  readonly lock: HeldLock
}

/** Readers of a table queue behind a definition that waits for it: so it waits briefly, and lets them through in between. */
const attempts = 3
const shortestPause = 200
const longestPause = 1000
/** Milliseconds after the start of an attempt at which blockers are first read. */
const firstLook = 250

/**
 * Sends a definition of tables behind the fence, in one packet. Where others use them it gives up after the lock-wait
 * timeout, a few times, with pauses of random length; then throws ToolError `SHARD_BLOCKED` with who was seen in the way.
 */
export async function runWithLockRetry(retry: LockRetry, text: string, tables: readonly string[]): Promise<void> {
  let blockers: readonly Holder[] = []
  for (let attempt = 1; ; attempt += 1) {
    const watch = watchBlockers(retry, firstLook)
    try {
      await retry.connection.askAll(`SELECT ${fence(retry.lock)};${text}`)
      return
    } catch (error) {
      if (!hasNumber(error, serverErrors.lockWaitTimeout, serverErrors.deadlock)) throw error
      const seen = await watch.stop()
      if (seen.length > 0) blockers = seen
      if (attempt === attempts) throw shardBlocked(retry, tables, blockers, error)
      await pause(shortestPause + Math.random() * (longestPause - shortestPause))
    } finally {
      await watch.stop()
    }
  }
}

function shardBlocked(
  { target, lockWait }: LockRetry,
  tables: readonly string[],
  blockers: readonly Holder[],
  cause: unknown,
): ToolError {
  const why =
    blockers.length === 0
      ? 'another transaction uses it; showing which one requires performance_schema and the PROCESS privilege'
      : `held by ${blockers.map(describeBlocker).join(', ')}`
  const fault = {
    what: `${tables.map((table) => `\`${table}\``).join(', ')}: gave up waiting for a lock after ${attempts} attempts of ${lockWait / 1000} s.`,
    where: { database: target.database, server: target.server },
    why,
    next: 'End that transaction (KILL), or let the next run retry. Nothing was changed.',
  }
  return new ToolError('SHARD_BLOCKED', fault, { cause })
}

function describeBlocker({ connectionId, user, host, seconds, statement, holds }: Holder): string {
  if (connectionId === 0) return holds ?? 'a prepared XA transaction'
  const who = user === null ? '' : ` of ${user}${host === null ? '' : ` from ${host}`}`
  if (holds !== undefined) return `connection ${connectionId}${who}, which holds ${holds}`
  const doing =
    statement === null ? ', idle in a transaction' : `, running \`${statement.replace(/\s+/g, ' ').slice(0, 80)}\``
  return `connection ${connectionId}${who}${seconds === null ? '' : ` for ${seconds} s`}${doing}`
}
