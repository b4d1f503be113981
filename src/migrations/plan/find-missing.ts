import { closestName } from '../../core/closest-name.ts'
import type { Fault } from '../../core/tool-error.ts'
import { knownColumns, type Schema, stateOfTable, tableKey } from '../../ddl/schema.ts'
import { isPlainInsert } from '../../lint/plain-rows.ts'
import { readInsertedColumns } from '../../lint/written-tables.ts'
import { listTablesRead } from '../../sql/read-sources.ts'
import type { ObjectName, Statement } from '../../sql/statement.ts'
import { type ForeseenStatement, placeOf } from './foreseen-statement.ts'

/** Verbs whose first object is a table that must exist. */
const verbs: ReadonlySet<string> = new Set([
  'ALTER TABLE',
  'CREATE INDEX',
  'DROP INDEX',
  'DROP TABLE',
  'TRUNCATE TABLE',
  'RENAME TABLE',
  'INSERT',
  'REPLACE',
  'LOAD DATA',
  'LOAD XML',
  'UPDATE',
  'DELETE',
])

/** A table or a column that a statement needs and that nothing before it makes; null where all is there. Pure. */
export function findMissing(one: ForeseenStatement, temporary: ReadonlySet<string>): Fault | null {
  // The content of executable comments counts only on some servers.
  if (one.statement.idempotent || one.statement.text.includes('/*!')) return null
  return findMissingTable(one, temporary) ?? findMissingColumn(one, temporary)
}

function findMissingTable(one: ForeseenStatement, temporary: ReadonlySet<string>): Fault | null {
  const { statement, tables } = one
  const missing = listNamedTables(statement).find((name) => isMissing(name, tables, temporary))
  if (missing === undefined) return null
  const close = closestName(missing.name, listTables(tables))
  return {
    what: `${statement.verb} references table \`${missing.name}\`, which does not exist.`,
    where: placeOf(one),
    why: `The server has no table \`${missing.name}\`, and no statement before this one creates it.`,
    next: suggest(close),
  }
}

/** The tables that a statement needs: the one that it changes, all that it drops, those that it reads. */
function listNamedTables(statement: Statement): readonly ObjectName[] {
  const { verb, objects } = statement
  const changed = verbs.has(verb) ? (verb === 'DROP TABLE' ? objects : objects.slice(0, 1)) : []
  return isPlainInsert(statement) ? changed : [...changed, ...listTablesRead(statement)]
}

/** Names in another schema may be created by another database's migrations. */
function isMissing(name: ObjectName, tables: Schema, temporary: ReadonlySet<string>): boolean {
  return (
    name.type === 'table' &&
    // The run itself creates its journal before the statement runs.
    !name.name.toLowerCase().startsWith('wwdb_') &&
    (name.schema === null || name.schema === tables.schema) &&
    !temporary.has(name.name.toLowerCase()) &&
    stateOfTable(tables, name).type === 'absent'
  )
}

/** A column in the list of an INSERT or REPLACE that its table does not have. */
function findMissingColumn(one: ForeseenStatement, temporary: ReadonlySet<string>): Fault | null {
  const { statement, tables } = one
  const table = statement.objects[0]
  if (table === undefined || (statement.verb !== 'INSERT' && statement.verb !== 'REPLACE')) return null
  if (tables.forgotten !== undefined || temporary.has(table.name.toLowerCase())) return null
  const columns = knownColumns(stateOfTable(tables, table))
  const named = columns === null ? null : readInsertedColumns(statement.text)
  const has = (name: string): boolean =>
    // The server may add a primary key of its own.
    name.toLowerCase() === 'my_row_id' ||
    columns?.some((column) => column.toLowerCase() === name.toLowerCase()) === true
  const missing = named?.find((name) => !has(name))
  if (columns === null || missing === undefined) return null
  return {
    what: `${statement.verb} references column \`${missing}\`, which does not exist.`,
    where: placeOf(one),
    why: `The table \`${table.name}\` has no column \`${missing}\`, and no statement before this one adds it.`,
    next: suggest(closestName(missing, columns)),
  }
}

const suggest = (close: string | null): string =>
  close === null ? 'Check its name. Nothing was run.' : `Did you mean \`${close}\`? Nothing was run.`

function listTables(tables: Schema): readonly string[] {
  const prefix = tableKey(tables, { schema: null, name: '' })
  return [...tables.states].flatMap(([key, { type }]) =>
    key.startsWith(prefix) && type === 'table' ? [key.slice(prefix.length)] : [],
  )
}
