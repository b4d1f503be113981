import { isOwnColumn, nothingKnown, stateOfTable, type TableState } from '../ddl/schema.ts'
import type { Table } from '../ddl/table.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'
import type { HazardContext } from './rule.ts'

/** Below both limits a copy or a rebuild takes a fraction of a second, so that its lock does not matter. */
const largeTable = { rows: 10_000, bytes: 16 * 1024 * 1024 } as const

/** True when the table may contain data from before the run: the run did not create it, and it exists. */
function mayHoldData(table: ObjectName, context: HazardContext): boolean {
  return showsData(stateOfTable(context.tables ?? nothingKnown, table), context, 0)
}

/** Follows views to their tables, at most ten levels deep; the server allows no cycles. */
function showsData(state: TableState, context: HazardContext, depth: number): boolean {
  switch (state.type) {
    case 'table':
    case 'unknown':
      return true
    case 'new':
    case 'absent':
      return false
    case 'view':
      return (
        depth > 10 ||
        state.reads === null ||
        state.reads.some((name) => showsData(stateOfTable(context.tables ?? nothingKnown, name), context, depth + 1))
      )
  }
}

/**
 * True when the table may contain rows. An estimate of 0 rows proves nothing: it is used only for notes, not for destructive
 * hazards.
 */
export function isOccupied(state: TableState): boolean {
  if (state.type === 'view') return state.reads === null
  return state.type === 'unknown' || (state.type === 'table' && (state.table.rows ?? 1) > 0)
}

export function isFirstTableOccupied(statement: Statement, context: HazardContext): boolean {
  const table = statement.objects[0]
  return table === undefined || isOccupied(stateOfTable(context.tables ?? nothingKnown, table))
}

/** The names of the tables of a statement that may contain data. */
export function tablesWithData(statement: Statement, context: HazardContext): readonly string[] {
  return statement.objects.filter((table) => table.type === 'table' && mayHoldData(table, context)).map(printName)
}

/** True when the first table that the statement names may contain data; also when the text names none. */
export function firstTableMayHaveData(statement: Statement, context: HazardContext): boolean {
  const table = statement.objects[0]
  return table === undefined || mayHoldData(table, context)
}

/** True when the column of the first table may contain values from before the run: the run did not add it. */
export function columnMayHaveData(column: string, statement: Statement, context: HazardContext): boolean {
  const table = statement.objects[0]
  return table === undefined || !isOwnColumn(context.tables ?? nothingKnown, table, column)
}

/** True when a copy or a rebuild of the table takes long enough to disturb other sessions. */
export function isLargeEnough(state: TableState): boolean {
  switch (state.type) {
    case 'unknown':
      return true
    case 'new':
    case 'absent':
    case 'view':
      return false
    case 'table':
      return isLargeTable(state.table)
  }
}

/** A table whose size no server reports counts as large. */
function isLargeTable({ rows, bytes }: Table): boolean {
  return rows === undefined || rows >= largeTable.rows || (bytes ?? 0) >= largeTable.bytes
}

export function printName(name: ObjectName): string {
  return name.schema === null ? name.name : `${name.schema}.${name.name}`
}
