import type { Connection } from '../../mysql/connection.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { TableTrigger } from '../ports.ts'

/** All triggers of a schema that this user may see, by table: one question. Without the TRIGGER privilege there are none to see. */
export async function readTriggers(
  connection: Pick<Connection, 'ask'>,
  schema: string,
): Promise<ReadonlyMap<string, readonly TableTrigger[]>> {
  const { rows } = await connection.ask(
    `SELECT EVENT_OBJECT_TABLE,TRIGGER_NAME,ACTION_TIMING,EVENT_MANIPULATION,ACTION_ORDER,ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA=${quoteString(schema)}`,
  )
  const triggers = new Map<string, TableTrigger[]>()
  for (const [table, name, timing, event, order, body] of rows) {
    const own = triggers.get(String(table)) ?? []
    triggers.set(String(table), own)
    own.push({
      name: String(name),
      timing: String(timing),
      event: String(event),
      order: Number(order),
      body: String(body),
    })
  }
  return triggers
}
