import { readTable } from '../../../src/ddl/read-table.ts'
import type { Table } from '../../../src/ddl/table.ts'
import { type KnownTables, type TableState, tableKey } from '../../../src/ddl/table-state.ts'
import { tokenize } from '../../../src/sql/tokens.ts'
import { statementOf } from '../migrations/statements.ts'

/** A table that was there before the plan, from its CREATE TABLE; few rows by default. */
export function tableOf(text: string, more: Partial<Table> = {}): Table {
  const table = readTable(statementOf(text), tokenize(text))
  return { ...table, at: null, rows: 3, bytes: 16_384, ...more }
}

/** The same as a state. */
export function stateOf(text: string, more: Partial<Table> = {}): TableState {
  return { type: 'table', table: tableOf(text, more) }
}

/** What a server says of the tables of the schema `app`. */
export function serverWith(states: Readonly<Record<string, TableState>>): KnownTables {
  const schema = 'app'
  return {
    schema,
    states: new Map(Object.entries(states).map(([name, state]) => [tableKey({ schema }, { schema, name }), state])),
  }
}
