import { type KnownTables, tableKey } from '../ddl/table-state.ts'
import { readSources } from '../sql/read-sources.ts'
import type { ObjectName } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'
import { chooseTables } from './choose-tables.ts'
import type { Asker } from './connection.ts'

/** The most views that are followed, one behind another. */
const deepest = 10

/** What views read, by `tableKey`; of a view that the account may not read nothing. */
export async function readViews(
  connection: Asker,
  none: KnownTables,
  names: readonly ObjectName[],
): Promise<ReadonlyMap<string, readonly ObjectName[]>> {
  const reads = new Map<string, readonly ObjectName[]>()
  let left = names
  for (let depth = 0; depth < deepest && left.length > 0; depth += 1) {
    const { rows } = await connection.ask(
      `SELECT TABLE_SCHEMA,TABLE_NAME,VIEW_DEFINITION FROM information_schema.VIEWS WHERE ${chooseTables(none, none.schema ?? '', left)}`,
    )
    for (const row of rows) {
      const key = tableKey(none, { schema: String(row[0]), name: String(row[1]) })
      if (!reads.has(key))
        reads.set(
          key,
          readSources(tokenize(String(row[2] ?? ''))).map(({ table }) => table),
        )
    }
    left = rows.length === 0 ? [] : [...reads.values()].flat().filter((name) => !reads.has(tableKey(none, name)))
  }
  return reads
}

/** The table itself, or all tables behind the view. */
export function listBehind(
  none: KnownTables,
  reads: ReadonlyMap<string, readonly ObjectName[]>,
  name: ObjectName,
): readonly string[] {
  const found = new Set([tableKey(none, name)])
  for (const key of found) for (const one of reads.get(key) ?? []) found.add(tableKey(none, one))
  return [...found]
}
