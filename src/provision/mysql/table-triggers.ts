import { groupBy } from '../../core/group-by.ts'
import type { Connection } from '../../mysql/connection.ts'
import { quoteString } from '../../sql/quote-name.ts'

/** The triggers of a table. */
export interface TableTriggers {
  readonly schema: string
  readonly table: string
  /** In the order in which they fire. */
  readonly names: readonly string[]
  /** All that they are, to be compared. */
  readonly text: string
}

/** The text of a table that has none. */
export const noTriggers = '[]'

/** One that was created within a packet keeps the semicolon behind it, and its copy, which is created alone, has none. */
const packetEnd = /[;\s]+$/

/** By `schema.table`, of the tables that have triggers. An account sees those of tables on which it may create one. */
export async function readTriggers(
  connection: Connection,
  schemas: readonly string[],
): Promise<ReadonlyMap<string, TableTriggers>> {
  const { rows } = await connection.ask(
    `SELECT EVENT_OBJECT_SCHEMA,EVENT_OBJECT_TABLE,TRIGGER_NAME,ACTION_TIMING,EVENT_MANIPULATION,ACTION_STATEMENT,SQL_MODE,DEFINER,CHARACTER_SET_CLIENT,COLLATION_CONNECTION
FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA IN (${schemas.map(quoteString).join(',')})
ORDER BY EVENT_OBJECT_SCHEMA,EVENT_OBJECT_TABLE,ACTION_TIMING,EVENT_MANIPULATION,ACTION_ORDER`,
  )
  const groups = groupBy(rows, ([schema, table]) => `${schema}.${table}`)
  return new Map(
    [...groups].map(([name, own]) => {
      const [schema, table] = own[0] ?? []
      const parts = own.map(([, , ...part]) => part.map((cell) => String(cell).replace(packetEnd, '')))
      const names = own.map((row) => String(row[2]))
      return [name, { schema: String(schema), table: String(table), names, text: JSON.stringify(parts) }]
    }),
  )
}
