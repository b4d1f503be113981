import type { SessionConfig } from '../config/config.ts'
import { defaultSession } from '../config/session.ts'
import { assignVariable, listMeaningVariables } from '../config/session-variables.ts'
import { ToolError } from '../core/tool-error.ts'
import { beginningOf } from '../sql/mask-passwords.ts'
import { quoteName } from '../sql/quote-name.ts'
import { isSafeClientSet, useUtf8, whyUnsafe } from '../sql/statements/settings.ts'
import type { Asker, Connection } from './connection.ts'
import { isConnectionLost } from './errors.ts'
import type { SessionLeftovers } from './facts.ts'

type Pins = Pick<SessionConfig, 'timeZone' | 'sqlMode' | 'variables'>

/**
 * Sessions of wwdb itself: with the defaults, so that definitions and rows are read the same way everywhere, and with lists of any
 * length, such as the IDs of a table's 8,192 partitions.
 */
export const ownSession: SessionConfig = {
  ...defaultSession,
  variables: new Map([['group_concat_max_len', '1073741824']]),
}

const utf8 = 'NAMES utf8mb4 COLLATE utf8mb4_0900_ai_ci'
const setUtf8 = `SET ${utf8}`

/** Without these an answer may be cut off: they come before the first query whose answer has several rows. */
const whole =
  'sql_select_limit=18446744073709551615,max_join_size=18446744073709551615,sql_big_selects=1,max_execution_time=0'

/** Must be sent before a query that precedes the pins. */
export const wholeAnswers = `SET SESSION ${whole}`

/**
 * Variables that change answers, errors and warnings, and for which only this value is right. Each variable that 8.0.11 does not
 * have is in an executable comment with its first version. Which variables are not here, and why, is a table in
 * docs/operations/guarantees.md.
 */
const seeing = [
  whole,
  'transaction_read_only=0',
  'completion_type=0',
  'foreign_key_checks=1',
  'unique_checks=1',
  'sql_safe_updates=0',
  'sql_auto_is_null=0',
  'sql_notes=1',
  'sql_quote_show_create=1',
  'show_create_table_verbosity=0',
  'end_markers_in_json=0',
  "lc_messages='en_US'",
  'max_sort_length=1024',
  'sql_buffer_result=0',
  'range_optimizer_max_mem_size=8388608',
  // With a larger block, each range optimization ends with warning 3170.
  'range_alloc_block_size=4096',
  // Without this, information_schema of 8.0.12 gives tables the comments of other views' errors; the other switches stay the
  // server's.
  "optimizer_switch='derived_merge=on'",
  'parser_max_mem_size=18446744073709551615',
  'net_read_timeout=600',
  'net_write_timeout=600',
  // The driver follows SET NAMES by what the server reports about it.
  "session_track_system_variables='time_zone,autocommit,character_set_client,character_set_results,character_set_connection'",
  'session_track_schema=1',
  'session_track_state_change=0',
  "session_track_transaction_info='OFF'",
  'timestamp=DEFAULT',
].join(',')

const seeingOfLater =
  '/*!80013 ,use_secondary_engine=1*//*!80020 ,show_create_table_skip_secondary_engine=0*//*!80030 ,show_gipk_in_create_table_and_information_schema=1*/'

/**
 * One SET for the session settings that every statement relies on.
 * autocommit is off: a data statement then shares its transaction with the journal row that closes it, without a
 * round trip for BEGIN. The lock lives as long as the connection, so the server must not close it while a data migration computes: wait_timeout is a day.
 * @param more further assignments, such as those that `openSession` found to be needed on this server
 */
export function pinSession(
  lockWaitMilliseconds: number,
  pins: Pins = ownSession,
  more: readonly string[] = [],
): string {
  return pin(lockWaitMilliseconds, pins, ['autocommit=0', ...more])
}

function pin(lockWaitMilliseconds: number, { timeZone, sqlMode, variables }: Pins, more: readonly string[]): string {
  const meaning = listMeaningVariables(variables)
    .filter(([, { restricted }]) => restricted !== true)
    .map(([name, variable, value]) => assignVariable(name, variable, value))
  const first = [
    `sql_mode='${sqlMode}', time_zone='${timeZone}', lock_wait_timeout=${inSeconds(lockWaitMilliseconds)}, innodb_lock_wait_timeout=50`,
    "transaction_isolation='REPEATABLE-READ', wait_timeout=86400",
  ]
  return `SET SESSION ${[...first, seeing, ...meaning, ...more].join(', ')}${seeingOfLater}, ${utf8}`
}

/** The server counts it in whole seconds, from one. */
const inSeconds = (milliseconds: number): number => Math.max(1, Math.round(milliseconds / 1000))

/** How long a session waits for locks of tables and of rows; without the second, as pinned. */
export const setLockWaits = (milliseconds: number, forRows = 50_000): string =>
  `SET SESSION lock_wait_timeout=${inSeconds(milliseconds)},innodb_lock_wait_timeout=${inSeconds(forRows)}`

const setLockWait = (milliseconds: number): string => `SET SESSION lock_wait_timeout=${inSeconds(milliseconds)}`

/**
 * Runs one statement that waits less for the locks of tables than what is pinned. What follows waits as usual again: a server-wide lock of a backup, for one, lasts longer
 * than a definition is to wait.
 * @param milliseconds null for what is pinned
 * @param usual what is pinned
 */
export async function withLockWait<T>(
  connection: Asker,
  milliseconds: number | null,
  usual: number,
  work: () => Promise<T>,
): Promise<T> {
  if (milliseconds === null) return work()
  await connection.ask(setLockWait(Math.min(milliseconds, usual)))
  try {
    return await work()
  } finally {
    await connection.ask(setLockWait(usual)).catch((error: unknown) => {
      if (!isConnectionLost(error)) throw error
    })
  }
}

/**
 * The same for the monitor connection: without a transaction, whose snapshot would hide later changes. It is one statement, because
 * behind a pooling proxy several in one packet are refused before the proxy can be detected.
 */
export function pinMonitor(
  lockWaitMilliseconds: number,
  pins: Pins = ownSession,
  more: readonly string[] = [],
): string {
  return pin(lockWaitMilliseconds, pins, ['autocommit=1', ...more])
}

/** Session variables without a DEFAULT value; they are reset with their statement or by the pins. */
const withoutDefault = new Set([
  'last_insert_id',
  'insert_id',
  'rand_seed1',
  'rand_seed2',
  'transaction_isolation',
  'autocommit',
])

/** The statements that reset variables, prepared statements and temporary tables of a migration. */
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

/** Restores the pins after a migration that changed its session. A leftover that no longer exists is not an error. */
export async function restorePins(
  connection: Connection,
  leftovers: SessionLeftovers,
  lockWait: number,
  pins: Pins,
  more: readonly string[],
): Promise<void> {
  for (const text of forgetLeftovers(leftovers)) {
    await connection.ask(text).catch(() => undefined)
  }
  await connection.ask(pinSession(lockWait, pins, more))
}

/** Statements that may change the client's character set to one that their text does not show. */
const mayChange =
  /^\W*(?:\d+\s*)?(?:call|execute|set\b[\s\S]*\b(?:names|char|character|charset|character_set_client))\b/i

/**
 * Must be called after a statement of a user: the server must parse the next one as it was checked. If the client character
 * set of the session does not guarantee that, it is reset, and ToolError `STATEMENT_REFUSED` is thrown.
 */
export async function checkClientCharacterSet(connection: Asker, text: string): Promise<void> {
  if (!mayChange.test(text)) return
  const { rows } = await connection.ask('SELECT CAST(@@SESSION.character_set_client AS CHAR)')
  const name = String(rows[0]?.[0])
  if (isSafeClientSet(name)) return
  await connection.ask(setUtf8)
  throw new ToolError('STATEMENT_REFUSED', {
    what: `A statement set the client character set to \`${name}\`.`,
    where: { statement: beginningOf(text) },
    why: whyUnsafe(name),
    next: useUtf8,
  })
}

/**
 * The values of user variables as SQL literals with the same value and type: numbers as printed, texts and
 * bytes as hexadecimal with their character set, NULL. Needed because repeating `SET @id = LAST_INSERT_ID()` on a new
 * connection would set another value.
 */
export async function readVariables(
  connection: Connection,
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  if (names.length === 0) return {}
  const { rows } = await connection.ask(`SELECT ${names.map((name) => selectValue(`@${quoteName(name)}`)).join(',')}`)
  const values: Record<string, string> = {}
  for (const [index, name] of names.entries()) {
    const [hex, charset, text, kind] = (rows[0] ?? []).slice(index * 4, index * 4 + 4)
    values[name] = toLiteral(hex, charset, text, kind)
  }
  return values
}

/**
 * Only JSON distinguishes a number from bytes, and a double from a decimal: CHARSET() is binary for all of them. Its
 * path states its character set: under `SET NAMES binary` it would be bytes, which a path must not be.
 */
function selectValue(value: string): string {
  const kind = `IF(CHARSET(${value})='binary',JSON_TYPE(JSON_EXTRACT(JSON_ARRAY(${value}),_utf8mb4'$[0]')),NULL)`
  return `HEX(${value}),CHARSET(${value}),CAST(${value} AS CHAR),${kind}`
}

const numbers: ReadonlySet<unknown> = new Set(['INTEGER', 'UNSIGNED INTEGER', 'DECIMAL'])

function toLiteral(hex: unknown, charset: unknown, text: unknown, kind: unknown): string {
  if (hex === null || hex === undefined) return 'NULL'
  if (charset !== 'binary') return `CONVERT(x'${String(hex)}' USING ${String(charset)})`
  if (kind === 'DOUBLE') return /e/i.test(String(text)) ? String(text) : `${String(text)}e0`
  return numbers.has(kind) ? String(text) : `x'${String(hex)}'`
}

/** Restores what a session remembered. */
export async function restoreMemory(
  connection: Asker,
  {
    variables,
    lastInsertId,
  }: { readonly variables: Readonly<Record<string, string>>; readonly lastInsertId: string | null },
): Promise<void> {
  const assignment = assignVariables(variables)
  if (assignment !== null) await connection.ask(assignment)
  if (lastInsertId !== null) await connection.ask(`SET SESSION last_insert_id=${lastInsertId}`)
}

/** The SET that restores remembered variables; null when there are none. */
function assignVariables(variables: Readonly<Record<string, string>>): string | null {
  const parts = Object.entries(variables).map(([name, literal]) => `@${quoteName(name)} = ${literal}`)
  return parts.length === 0 ? null : `SET ${parts.join(', ')}`
}
