import { type Schema, tableKey, type ViewText } from '../ddl/schema.ts'
import { readSources } from '../sql/read-sources.ts'
import type { ObjectName } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'
import { chooseTables } from './choose-tables.ts'
import type { Asker } from './connection.ts'

/** The longest chain of views that is followed. */
const deepest = 10

/** These views and those behind them, by `tableKey`; nothing is known about a view that the account may not read. */
export async function readViews(
  connection: Asker,
  none: Schema,
  names: readonly ObjectName[],
): Promise<ReadonlyMap<string, ViewText>> {
  const found = new Map<string, ViewText>()
  let left = names
  for (let depth = 0; depth < deepest && left.length > 0; depth += 1) {
    const { rows } = await connection.ask(
      `SELECT TABLE_SCHEMA,TABLE_NAME,VIEW_DEFINITION FROM information_schema.VIEWS WHERE ${chooseTables(none, none.schema ?? '', left)}`,
    )
    for (const row of rows) {
      const key = tableKey(none, { schema: String(row[0]), name: String(row[1]) })
      const text = String(row[2] ?? '')
      if (!found.has(key)) found.set(key, { text, reads: readSources(tokenize(text)).map(({ table }) => table) })
    }
    const behind = [...found.values()].flatMap(({ reads }) => reads)
    left = rows.length === 0 ? [] : behind.filter((name) => !found.has(tableKey(none, name)))
  }
  return found
}

/** The table itself, or all tables behind the view. */
export function listBehind(none: Schema, views: ReadonlyMap<string, ViewText>, name: ObjectName): readonly string[] {
  const found = new Set([tableKey(none, name)])
  for (const key of found) for (const one of views.get(key)?.reads ?? []) found.add(tableKey(none, one))
  return [...found]
}
