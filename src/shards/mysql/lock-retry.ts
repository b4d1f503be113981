import type { GuardConfig } from '../../config/guard-config.ts'
import type { Holder } from '../../core/holder.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { HeldLock } from '../../migrations/mysql/journal-tables.ts'
import { fence } from '../../migrations/mysql/journal-tables.ts'
import type { Connection } from '../../mysql/connection.ts'
import type { Waiter } from '../../mysql/watch-blockers.ts'
import { GuardBudget } from '../../operate/guard.ts'
import { type SentDefinition, sendDefinition } from '../../operate/mysql/send-definition.ts'

export interface LockRetry extends Waiter {
  readonly connection: Connection
  readonly lock: HeldLock
  readonly guard: GuardConfig
  readonly foldsNames: boolean
}

/** One shard that is in use must not keep a rotation from the others: the next run retries it. */
const longestBudget = 15_000

/** A person who stops a rotation waits for the definition under way, which this bounds. */
const untilBudget: StopRequest = {
  requested: false,
  killRequested: false,
  onStop: () => () => undefined,
  onKill: () => () => undefined,
}

/**
 * Sends a definition of tables behind the fence, in one packet, through the guard. Where others use them until the end of its budget it throws ToolError
 * `SHARD_BLOCKED` with who was seen in the way.
 */
export async function runWithLockRetry(
  retry: LockRetry,
  text: string,
  tables: readonly string[],
  attempted?: () => void,
): Promise<void> {
  const { guard, foldsNames, target, lock, connection } = retry
  const budget = new GuardBudget(Math.min(guard.budget, longestBudget), untilBudget)
  const named = tables.map((name) => ({ type: 'table', schema: null, name }) as const)
  const ended = await sendDefinition(
    { ...retry, budget, tables: { tables: named, schema: target.schema, foldsNames } },
    () => {
      attempted?.()
      return connection.askAll(`SELECT ${fence(lock)};${text}`)
    },
  )
  if (ended.type === 'blocked') throw shardBlocked(retry, tables, ended)
}

function shardBlocked(
  { target }: LockRetry,
  tables: readonly string[],
  { attempts, by, cause }: Extract<SentDefinition, { readonly type: 'blocked' }>,
): ToolError {
  const why =
    by.length === 0
      ? 'another transaction uses it; showing which one requires performance_schema and the PROCESS privilege'
      : `held by ${by.map(describeBlocker).join(', ')}`
  const how =
    attempts === 0
      ? 'it was not sent, because others hold it'
      : `gave up waiting for a lock after ${attempts === 1 ? '1 attempt' : `${attempts} attempts`}`
  const fault = {
    what: `${tables.map((table) => `\`${table}\``).join(', ')}: ${how}.`,
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
