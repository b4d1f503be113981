import { nothingKnown, stateOfTable } from '../ddl/schema.ts'
import type { Statement } from '../sql/statement.ts'
import { firstTableMayHaveData } from './existing-data.ts'
import type { HazardContext } from './rule.ts'

/** CREATE TABLE IF NOT EXISTS changes nothing where the table exists. */
export function createsTable(statement: Statement, context: HazardContext): boolean {
  const table = statement.objects[0]
  if (statement.verb !== 'CREATE TABLE' || table === undefined) return false
  return !statement.idempotent || stateOfTable(context.tables ?? nothingKnown, table).type !== 'table'
}

/** A table that the plan creates was checked at its CREATE TABLE. */
export function altersTable(statement: Statement, context: HazardContext): boolean {
  return statement.verb === 'ALTER TABLE' && firstTableMayHaveData(statement, context)
}
