import { isCode } from '../../ddl/compare-snapshots.ts'
import type { SchemaSnapshot, TableSnapshot } from '../../ddl/snapshot.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { Statement } from '../../sql/statement.ts'
import { tokenize } from '../../sql/tokens.ts'

/**
 * How the rows of a table from two replays can be compared:
 * - `exact`  every value, and where AUTO_INCREMENT continues
 * - `but`    every value, except for columns that are filled from the clock
 * - `count`  only their number: statements filled it with values that differ in each run
 */
export type RowComparison =
  | { readonly type: 'exact' }
  | { readonly type: 'but'; readonly columns: ReadonlySet<string> }
  | { readonly type: 'count' }

/** Values that differ in each run, or in each scratch schema. A user variable may hold any of them. */
const changing =
  /\b(?:now|sysdate|curdate|curtime|current_(?:date|time|timestamp|user)|localtime(?:stamp)?|utc_(?:date|time|timestamp)|unix_timestamp|uuid(?:_short)?|rand|random_bytes|connection_id|user|session_user|system_user|database|schema|last_insert_id|information_schema|performance_schema)\b|@/i

/**
 * How the rows of each table can be compared after later migrations ran in two replays, which run at different times. Pure.
 * @param later in the order in which they run
 */
export function compareRowsOf(
  later: readonly Migration[],
  { objects }: SchemaSnapshot,
): (table: string) => RowComparison {
  const tables = objects.filter((object): object is TableSnapshot => object.type === 'table')
  const filled = new Map(tables.map((table) => [table.name.toLowerCase(), clockColumns(table)]))
  const tainted = findTainted(
    later,
    objects.filter(isCode).map(({ text }) => text),
    filled,
  )
  return (table) => {
    const columns = filled.get(table.toLowerCase())
    if (tainted === null || columns === undefined || tainted.has(table.toLowerCase())) return { type: 'count' }
    return columns.size === 0 ? { type: 'exact' } : { type: 'but', columns }
  }
}

function clockColumns({ columns }: TableSnapshot): ReadonlySet<string> {
  const isFilled = ({ default: value, text }: TableSnapshot['columns'][number]): boolean =>
    (value !== null && !value.startsWith("'") && changing.test(value)) || /\bON UPDATE CURRENT_TIMESTAMP\b/i.test(text)
  return new Set(columns.filter(isFilled).map(({ name }) => name))
}

/** The tables that such values reach, also through others; null where that is unknown. */
function findTainted(
  later: readonly Migration[],
  code: readonly string[],
  filled: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlySet<string> | null {
  const tainted = new Set<string>()
  if (later.length === 0) return tainted
  if (code.some((text) => changing.test(text))) return null
  for (const { up } of later) {
    if (up.type !== 'statements') return null
    for (const statement of up.statements) {
      if (statement.class === 'call' || statement.class === 'execute') return null
      if (statement.class === 'data' || statement.class === 'definition') taint(statement, tainted, filled)
    }
  }
  return tainted
}

function taint(
  { text, objects, verb }: Statement,
  tainted: Set<string>,
  filled: ReadonlyMap<string, ReadonlySet<string>>,
): void {
  const own = objects.map(({ name }) => name.toLowerCase())
  const isQuery = /\bselect\b|\btable\b/i.test(text) && !verb.startsWith('ALTER')
  const named = isQuery ? tokenize(text).map((token) => token.text.toLowerCase()) : []
  const reads = named.some((name) => !own.includes(name) && (tainted.has(name) || (filled.get(name)?.size ?? 0) > 0))
  const isDefault = verb === 'CREATE TABLE' && !/\bselect\b/i.test(text)
  if (reads || (changing.test(text) && !isDefault)) for (const name of own) tainted.add(name)
}
