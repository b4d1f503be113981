import { FollowedTable } from '../../../src/ddl/followed-table.ts'
import { readTable } from '../../../src/ddl/read-table.ts'
import { objectKey, type Schema, type SchemaObject } from '../../../src/ddl/schema.ts'
import type { Table } from '../../../src/ddl/table.ts'
import { tokenize } from '../../../src/sql/tokens.ts'
import { statementOf } from '../migrations/statements.ts'

/** A table that was there before the plan, from its CREATE TABLE; few rows by default. */
export function tableOf(text: string, more: Partial<Table> = {}): Table {
  const table = readTable(statementOf(text), tokenize(text))
  return { ...table, rows: 3, bytes: 16_384, ...more }
}

/** The same as a state. */
export function stateOf(text: string, more: Partial<Table> = {}): SchemaObject {
  return { type: 'table', table: tableOf(text, more) }
}

/** One that the plan makes. */
export const newTable: SchemaObject = FollowedTable.make('fresh', 'migrations/app/1_test.sql', '', () =>
  tableOf('CREATE TABLE fresh (id INT PRIMARY KEY)', { partial: true }),
)

/** What a server says of the tables of the schema `app`. */
export function serverWith(states: Readonly<Record<string, SchemaObject>>): Schema {
  const schema = 'app'
  return {
    schema,
    states: new Map(Object.entries(states).map(([name, state]) => [objectKey({ schema }, { schema, name }), state])),
  }
}
