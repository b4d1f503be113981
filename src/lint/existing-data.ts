import type { ObjectName, Statement } from '../sql/statement.ts'
import { isOwnColumn, noTablesKnown, stateOfTable, type TableState } from '../sql/table-state.ts'
import type { HazardContext } from './rule.ts'

/** Below both of these a copy or a rebuild takes a fraction of a second, so that nobody notices the lock. */
const smallTable = { rows: 10_000, bytes: 16 * 1024 * 1024 } as const

/** True when the table may hold something that was there before the run: not made by it, not missing. */
function mayHoldData(table: ObjectName, context: HazardContext): boolean {
  return showsData(stateOfTable(context.tables ?? noTablesKnown, table), context, 0)
}

/** Views of views end somewhere: the server makes no circle, and ten deep is deeper than any. */
function showsData(state: TableState, context: HazardContext, depth: number): boolean {
  switch (state.type) {
    case 'present':
    case 'unknown':
      return true
    case 'new':
    case 'absent':
      return false
    case 'view':
      return (
        depth > 10 ||
        state.reads === null ||
        state.reads.some((name) => showsData(stateOfTable(context.tables ?? noTablesKnown, name), context, depth + 1))
      )
  }
}

/** True when the table may hold rows; no estimate of none is proof, which is enough for a note but for nothing that destroys. */
export function isOccupied(state: TableState): boolean {
  if (state.type === 'view') return state.reads === null
  return state.type === 'unknown' || (state.type === 'present' && state.rows > 0)
}

export function isFirstTableOccupied(statement: Statement, context: HazardContext): boolean {
  const table = statement.objects[0]
  return table === undefined || isOccupied(stateOfTable(context.tables ?? noTablesKnown, table))
}

/** The tables of a statement that may hold data, for people. */
export function tablesWithData(statement: Statement, context: HazardContext): readonly string[] {
  return statement.objects.filter((table) => table.type === 'table' && mayHoldData(table, context)).map(printName)
}

/** True when the first table that the statement names may hold data; also when none can be told from the text. */
export function firstTableMayHaveData(statement: Statement, context: HazardContext): boolean {
  const table = statement.objects[0]
  return table === undefined || mayHoldData(table, context)
}

/** True when the column of the first table may hold a value that was there before the run: it was not added by it. */
export function columnMayHaveData(column: string, statement: Statement, context: HazardContext): boolean {
  const table = statement.objects[0]
  return table === undefined || !isOwnColumn(context.tables ?? noTablesKnown, table, column)
}

/** True when carrying out the statement takes long enough for others to notice. */
export function isLargeEnough(state: TableState): boolean {
  switch (state.type) {
    case 'unknown':
      return true
    case 'new':
    case 'absent':
    case 'view':
      return false
    case 'present':
      return state.rows >= smallTable.rows || state.bytes >= smallTable.bytes
  }
}

export function printName(name: ObjectName): string {
  return name.schema === null ? name.name : `${name.schema}.${name.name}`
}
