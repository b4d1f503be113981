import type { SessionConfig } from '../config/config.ts'
import { defaultSession } from '../config/session.ts'
import type { SessionLeftovers } from '../migrations/ports.ts'
import { quoteName } from '../sql/quote-name.ts'
import type { Connection } from './connection.ts'

type Pins = Pick<SessionConfig, 'timeZone' | 'sqlMode'>

const utf8 = 'NAMES utf8mb4 COLLATE utf8mb4_0900_ai_ci'
export const setUtf8 = `SET ${utf8}`

/**
 * One SET that puts a session into the state every statement may rely on.
 * autocommit is off: a data statement then shares its transaction with the journal row that closes it, without a
 * round trip for BEGIN. The lock lives as long as the connection, so an idle one must not be closed while a data
 * migration computes: wait_timeout is a day.
 * @param pins default: what everything has that does not run a user's statements, so that definitions and rows read the same everywhere
 */
export function pinSession(lockWaitMilliseconds: number, pins: Pins = defaultSession): string {
  return pin(lockWaitMilliseconds, pins, 0)
}

function pin(lockWaitMilliseconds: number, { timeZone, sqlMode }: Pins, autocommit: 0 | 1): string {
  const seconds = Math.max(1, Math.round(lockWaitMilliseconds / 1000))
  return (
    `SET SESSION sql_mode='${sqlMode}', time_zone='${timeZone}', lock_wait_timeout=${seconds}, innodb_lock_wait_timeout=50, ` +
    `transaction_isolation='REPEATABLE-READ', foreign_key_checks=1, unique_checks=1, sql_safe_updates=0, ` +
    `autocommit=${autocommit}, wait_timeout=86400, ${utf8}`
  )
}

/**
 * The same for the connection that only looks: without a transaction, whose snapshot would never show what came later. One statement, as of the
 * other: behind a pooling proxy several in one packet are refused, before it can be said what is wrong.
 */
export function pinOnlooker(lockWaitMilliseconds: number, pins: Pins = defaultSession): string {
  return pin(lockWaitMilliseconds, pins, 1)
}

/** Session variables that have no DEFAULT to go back to, and end with their statement or with the pins. */
const withoutDefault = new Set([
  'last_insert_id',
  'insert_id',
  'rand_seed1',
  'rand_seed2',
  'transaction_isolation',
  'autocommit',
])

/** The statements that undo what a migration's own SET, PREPARE and temporary tables left behind. */
function forgetLeftovers(leftovers: SessionLeftovers): readonly string[] {
  return [
    ...leftovers.sessionVariables
      .filter((name) => !withoutDefault.has(name))
      .map((name) => `SET SESSION ${quoteName(name)} = DEFAULT`),
    ...leftovers.userVariables.map((name) => `SET @${quoteName(name)} = NULL`),
    ...leftovers.prepared.map((name) => `DEALLOCATE PREPARE ${quoteName(name)}`),
    ...leftovers.temporaryTables.map((name) => `DROP TEMPORARY TABLE IF EXISTS ${quoteName(name)}`),
  ]
}

/** Restores the pins after a migration that changed its session. A leftover that is gone already is no fault. */
export async function restorePins(
  connection: Connection,
  leftovers: SessionLeftovers,
  lockWait: number,
  pins: Pins,
): Promise<void> {
  for (const text of forgetLeftovers(leftovers)) {
    await connection.ask(text).catch(() => undefined)
  }
  await connection.ask(pinSession(lockWait, pins))
}
