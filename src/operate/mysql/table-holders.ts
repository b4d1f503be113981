import type { Holder } from '../../core/holder.ts'
import { countOf } from '../../core/plural.ts'
import type { Connection } from '../../mysql/connection.ts'
import { secondsSinceBegin } from '../../mysql/transaction-age.ts'
import { maskPasswords } from '../../sql/mask-passwords.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { ObjectName } from '../../sql/statement.ts'

/** Tables as a statement names them, and what their names mean here. */
export interface NamedTables {
  readonly tables: readonly ObjectName[]
  /** That of a name without one. */
  readonly schema: string
  /** Whether names that differ in case alone are one name. */
  readonly foldsNames: boolean
}

function listNames({ tables, schema, foldsNames }: NamedTables): readonly string[] {
  const quote = (name: string): string => quoteString(foldsNames ? name.toLowerCase() : name)
  return tables
    .filter(({ type }) => type === 'table')
    .map((table) => `(${quote(table.schema ?? schema)},${quote(table.name)})`)
}

const selectHolders = (
  names: readonly string[],
  seconds: number,
): string => `SELECT t.PROCESSLIST_ID,t.PROCESSLIST_USER,t.PROCESSLIST_HOST,
 ${secondsSinceBegin('x')},x.trx_rows_modified,COALESCE(t.PROCESSLIST_INFO,MAX(s.SQL_TEXT)),MIN(g.OBJECT_NAME)
FROM performance_schema.metadata_locks g
JOIN performance_schema.threads t ON t.THREAD_ID=g.OWNER_THREAD_ID
JOIN information_schema.INNODB_TRX x ON x.trx_mysql_thread_id=t.PROCESSLIST_ID
LEFT JOIN performance_schema.events_statements_current s ON s.THREAD_ID=t.THREAD_ID
WHERE g.OBJECT_TYPE='TABLE' AND g.LOCK_STATUS='GRANTED'
 AND (g.OBJECT_SCHEMA,g.OBJECT_NAME) IN (${names.join(',')})
 AND ${secondsSinceBegin('x')}>=${seconds}
GROUP BY 1,2,3,4,5,t.PROCESSLIST_INFO ORDER BY 4 DESC`

/** Without it the server shows no lock of a table, and nobody would seem to hold one. */
const instrument = 'wait/lock/metadata/sql/mdl'
const selectInstrument = `SELECT COUNT(*) FROM performance_schema.setup_instruments WHERE NAME='${instrument}' AND ENABLED='YES'`

/**
 * The transactions of others that have held one of the tables for at least so long, the oldest first, with their last statement. Needs PROCESS, and SELECT
 * on performance_schema. Throws where the server does not show who holds a table.
 */
export async function findTableHolders(
  connection: Connection,
  tables: NamedTables,
  milliseconds: number,
): Promise<readonly Holder[]> {
  const names = listNames(tables)
  if (names.length === 0) return []
  const [shown, found] = await connection.askAll(
    `${selectInstrument};${selectHolders(names, Math.ceil(milliseconds / 1000))}`,
  )
  if (Number(shown?.rows[0]?.[0]) !== 1)
    throw new Error(
      `the instrument \`${instrument}\` of performance_schema is disabled, and without it the server does not show who holds a table.`,
    )
  return (found?.rows ?? [])
    .filter(([id]) => !connection.isOwn(Number(id)))
    .map(([id, user, host, seconds, changed, statement, table]): Holder => {
      const last = statement === null || statement === undefined ? '' : shorten(String(statement))
      const end = last === '' ? '' : `, last statement \`${last}\``
      return {
        connectionId: Number(id),
        user: user === null || user === undefined ? null : String(user),
        host: host === null || host === undefined ? null : String(host),
        seconds: Number(seconds),
        state: null,
        statement: null,
        orphaned: false,
        holds: `\`${table}\` in a transaction of ${seconds} s, ${countOf(Number(changed), 'row')} changed${end}`,
      }
    })
}

function shorten(statement: string): string {
  return maskPasswords(statement).replace(/\s+/g, ' ').trim().slice(0, 80)
}
