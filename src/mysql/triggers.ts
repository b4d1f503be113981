import { groupBy } from '../core/group-by.ts'
import { type Schema, type TriggerState, tableKey, type ViewText } from '../ddl/schema.ts'
import { quoteName } from '../sql/quote-name.ts'
import type { ObjectName } from '../sql/statement.ts'
import { chooseTables } from './choose-tables.ts'
import type { Asker, Row } from './connection.ts'
import { listBehind } from './views.ts'

type Place = { readonly schema: string; readonly foldsNames: boolean }

/**
 * The triggers that a write to these tables fires, or to the tables behind these views, by `tableKey`. A trigger is visible only to an account that may create one on its table. @param views those among the names, and the views behind them
 */
export async function readTriggers(
  connection: Asker,
  place: Place,
  names: readonly ObjectName[],
  views: ReadonlyMap<string, ViewText>,
): Promise<ReadonlyMap<string, readonly TriggerState[]>> {
  const none: Schema = { ...place, states: new Map() }
  const tables = [...names, ...[...views.values()].flatMap(({ reads }) => reads)]
  const where = chooseTables(none, place.schema, tables, ['EVENT_OBJECT_SCHEMA', 'EVENT_OBJECT_TABLE'])
  const { rows } = await connection.ask(
    `SELECT EVENT_OBJECT_SCHEMA,EVENT_OBJECT_TABLE,TRIGGER_NAME,EVENT_MANIPULATION,ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE ${where} ORDER BY ACTION_ORDER`,
  )
  const own = groupBy(rows, (row) => tableKey(none, { schema: String(row[0]), name: String(row[1]) }))
  const found = names.map((name): readonly [string, readonly TriggerState[]] => {
    const behind = listBehind(none, views, name)
    return [tableKey(none, name), behind.flatMap((key) => own.get(key) ?? []).flatMap(toTrigger)]
  })
  return new Map(found.filter(([, triggers]) => triggers.length > 0))
}

function toTrigger([schema, table, name, event, body]: Row): readonly TriggerState[] {
  if (event !== 'INSERT' && event !== 'UPDATE' && event !== 'DELETE') return []
  const place = `${quoteName(String(schema))}.${quoteName(String(table))}`
  const text = `CREATE TRIGGER ${quoteName(String(name))} AFTER ${event} ON ${place} FOR EACH ROW ${String(body)}`
  return [{ schema: String(schema), name: String(name), event, text }]
}
