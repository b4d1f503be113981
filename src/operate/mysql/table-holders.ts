import type { Holder } from '../../core/holder.ts'
import { countOf } from '../../core/plural.ts'
import type { Connection, Row } from '../../mysql/connection.ts'
import { metadataLocksOf } from '../../mysql/metadata-locks.ts'
import { listPrepared, nameTheirPrepared } from '../../mysql/server-locks.ts'
import { secondsSinceBegin } from '../../mysql/transaction-age.ts'
import { maskPasswords } from '../../sql/mask-passwords.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { ObjectName } from '../../sql/statement.ts'

/** Tables as a statement names them, and how their names are resolved. */
export interface NamedTables {
  readonly tables: readonly ObjectName[]
  /** The schema of an unqualified name. */
  readonly schema: string
  /** Whether names that differ only in case are the same name. */
  readonly foldsNames: boolean
}

/** The locks of LOCK TABLES. An ALTER that runs has others. */
export const tableLocks = "'SHARED_READ_ONLY','SHARED_NO_READ_WRITE'"

function listNames({ tables, schema, foldsNames }: NamedTables): readonly string[] {
  const quote = (name: string): string => quoteString(foldsNames ? name.toLowerCase() : name)
  return tables
    .filter(({ type }) => type === 'table')
    .map((table) => `(${quote(table.schema ?? schema)},${quote(table.name)})`)
}

/**
 * Old transactions; sessions with LOCK TABLES, of whatever age, because they keep every definition out until they unlock; and prepared XA transactions, which no age ends:
 * of their sessions, whose transaction InnoDB does not have any more (8.0.29), or of a thread that does not exist any more.
 */
const selectHolders = (
  locks: string,
  names: readonly string[],
  seconds: number,
): string => `SELECT ${ownHint} t.PROCESSLIST_ID,t.PROCESSLIST_USER,t.PROCESSLIST_HOST,
 ${secondsSinceBegin('x')},x.trx_rows_modified,COALESCE(t.PROCESSLIST_INFO,MAX(s.SQL_TEXT)),MIN(g.OBJECT_NAME),
 MAX(g.LOCK_TYPE IN (${tableLocks})),t.THREAD_ID IS NULL,t.PROCESSLIST_TIME
FROM ${locks} g
LEFT JOIN performance_schema.threads t ON t.THREAD_ID=g.OWNER_THREAD_ID
LEFT JOIN information_schema.INNODB_TRX x ON x.trx_mysql_thread_id=t.PROCESSLIST_ID
LEFT JOIN performance_schema.events_statements_current s ON s.THREAD_ID=t.THREAD_ID
LEFT JOIN performance_schema.events_transactions_current e ON e.THREAD_ID=t.THREAD_ID AND e.XA_STATE='PREPARED'
WHERE g.OBJECT_TYPE='TABLE' AND g.LOCK_STATUS='GRANTED'
 AND (g.OBJECT_SCHEMA,g.OBJECT_NAME) IN (${names.join(',')})
 AND (t.THREAD_ID IS NULL OR e.THREAD_ID IS NOT NULL OR g.LOCK_TYPE IN (${tableLocks}) OR ${secondsSinceBegin('x')}>=${seconds})
GROUP BY t.THREAD_ID,1,2,3,4,5,t.PROCESSLIST_INFO,t.PROCESSLIST_TIME ORDER BY 4 DESC`

/** Without it the server does not show table locks, and nobody would seem to hold one. */
const instrument = 'wait/lock/metadata/sql/mdl'
const selectInstrument = `SELECT COUNT(*) FROM performance_schema.setup_instruments WHERE NAME='${instrument}' AND ENABLED='YES'`

/**
 * Those who hold one of the tables: transactions of others that are at least so old, with their last statement; LOCK TABLES; prepared XA transactions. Needs PROCESS, and SELECT
 * on performance_schema. Throws where the server does not show who holds a table.
 */
export async function findTableHolders(
  connection: Connection,
  tables: NamedTables,
  milliseconds: number,
): Promise<readonly Holder[]> {
  const names = listNames(tables)
  if (names.length === 0) return []
  const { table: locks } = await metadataLocksOf(connection)
  const [shown, found] = await connection.askAll(
    `${selectInstrument};${selectHolders(locks, names, Math.ceil(milliseconds / 1000))}`,
  )
  if (Number(shown?.rows[0]?.[0]) !== 1)
    throw new Error(
      `the instrument \`${instrument}\` of performance_schema is disabled, and without it the server does not show who holds a table.`,
    )
  const rows = (found?.rows ?? []).filter((row) => isPrepared(row) || !connection.isOwn(Number(row[0])))
  const holders = await nameTheirPrepared(connection, rows.filter((row) => !isPrepared(row)).map(toHolder))
  return rows.some(isPrepared) ? [...holders, ...(await listPrepared(connection))] : holders
}

/** Its owner is a thread that does not exist any more. */
const isPrepared = (row: Row): boolean => Number(row[8]) === 1

function toHolder([id, user, host, seconds, changed, statement, table, isLocked, , idle]: Row): Holder {
  const isTableLock = Number(isLocked) === 1
  const last = statement === null || statement === undefined ? '' : shortenStatement(String(statement))
  const end = last === '' ? '' : `, last statement \`${last}\``
  const holds = isTableLock
    ? `\`LOCK TABLES\` on \`${table}\`, which \`UNLOCK TABLES\` there or \`KILL ${id}\` ends${end}`
    : `\`${table}\` in a transaction of ${seconds} s, ${countOf(Number(changed), 'row')} changed${end}`
  return {
    connectionId: Number(id),
    user: user === null || user === undefined ? null : String(user),
    host: host === null || host === undefined ? null : String(host),
    seconds: seconds === null || seconds === undefined ? Number(idle) : Number(seconds),
    state: null,
    statement: null,
    orphaned: false,
    holds,
  }
}

export function shortenStatement(statement: string): string {
  return maskPasswords(statement).replace(/\s+/g, ' ').trim().slice(0, 80)
}
