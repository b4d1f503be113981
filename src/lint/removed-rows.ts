import { withEntry } from '../core/versioned-map.ts'
import { type Schema, stateOfTable, tableKey } from '../ddl/schema.ts'
import type { Cascade } from '../ddl/table.ts'
import { type Clause, findWords, isMark, isWord, outerTokens } from '../sql/clauses.ts'
import { listTablesRead } from '../sql/read-sources.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'
import { readCondition } from './chosen-rows.ts'
import { isPlainInsert } from './plain-rows.ts'
import { readDeletedTables } from './written-tables.ts'

/**
 * What earlier statements of a plan did to the rows of tables, by `tableKey`. A foreign key cannot delete rows that they have already deleted.
 */
export interface RemovedRows {
  /** All rows are gone, or those that these DELETEs remove: their conditions read only values from before the plan. */
  readonly gone: ReadonlyMap<string, 'all' | readonly Statement[]>
  /** Statements that changed rows in another way. */
  readonly changed: ReadonlyMap<string, readonly Statement[]>
  /** True after code that may have changed anything. */
  readonly isUnseen: boolean
}

const nothingRemoved: RemovedRows = { gone: new Map(), changed: new Map(), isUnseen: false }

/** Null where no table is known whose rows are deleted with those of another: then nothing needs to be followed. */
export function beginRemovedRows({ states }: Schema, statements: readonly Statement[]): RemovedRows | null {
  for (const state of states.values()) {
    const { cascades = [], updates = [] } = state.type === 'table' ? state.table : state.type === 'view' ? state : {}
    if (cascades.length + updates.length > 0) return nothingRemoved
  }
  return statements.some(addsCascade) ? nothingRemoved : null
}

function addsCascade({ verb, text }: Statement): boolean {
  return verb === 'ALTER TABLE' && /\breferences\b[\s\S]*\b(?:cascade|null)\b/i.test(text)
}

/** @param tables what is known before the statement */
export function followRemovedRows(rows: RemovedRows, statement: Statement, tables: Schema): RemovedRows {
  const { verb, objects, class: kind } = statement
  if (kind === 'call' || kind === 'execute') return { ...nothingRemoved, isUnseen: true }
  if (verb === 'TRUNCATE TABLE' || verb === 'DROP TABLE')
    return objects.reduce((after, name) => withGone(after, tableKey(tables, name), 'all'), rows)
  const isRename = verb === 'RENAME TABLE' || (verb === 'ALTER TABLE' && objects.length === 2)
  if (isRename) return objects.reduce((after, name) => withChange(after, tableKey(tables, name), statement), rows)
  if (verb === 'DELETE') return followDelete(rows, statement, tables)
  // Rows of literals belong to the plan.
  if (kind !== 'data' || (verb === 'INSERT' && isPlainInsert(statement))) return rows
  const names = verb === 'UPDATE' ? [...objects, ...listTablesRead(statement)] : objects
  return names.reduce((after, name) => withChange(after, tableKey(tables, name), statement), rows)
}

function followDelete(rows: RemovedRows, statement: Statement, tables: Schema): RemovedRows {
  const tokens = tokenize(statement.text)
  const deleted = readDeletedTables(tokens)
  if (deleted === null) return { ...nothingRemoved, isUnseen: true }
  const read = [...statement.objects, ...listTablesRead(statement)].map((name) => tableKey(tables, name))
  const isAlone = read.every((key) => key === read[0]) && !/\bselect\b|\btable\b/i.test(statement.text)
  const isLimited = outerTokens(tokens).some(({ token }) => isWord(token, 'LIMIT'))
  const isWhole = isAlone && !isLimited && readCondition(tokens, 'DELETE') === null
  // A condition on the row alone selects the same rows, whatever was deleted before.
  const isAsBefore = read.every((key) => !isChanged(rows, key, tokens) && (isAlone || !rows.gone.has(key)))
  return deleted.reduce((after, { table }) => {
    const key = tableKey(tables, table)
    const before = after.gone.get(key) ?? []
    if (before === 'all' || isWhole) return withGone(after, key, 'all')
    const isNamed = isAsBefore && !isLimited && !rows.isUnseen && before.length < mostStatements
    return withGone(after, key, isNamed ? [...before, statement] : before)
  }, rows)
}

/** The most DELETEs that a question includes. */
const mostStatements = 20

function withGone(rows: RemovedRows, key: string, gone: 'all' | readonly Statement[]): RemovedRows {
  return { ...rows, gone: withEntry(rows.gone, key, gone) }
}

/** Rows may have been added again, but not by an UPDATE. */
function withChange({ gone, changed, isUnseen }: RemovedRows, key: string, statement: Statement): RemovedRows {
  const before = changed.get(key) ?? []
  const kept = statement.verb === 'UPDATE' || !gone.has(key) ? gone : withEntry(gone, key, [])
  return { gone: kept, changed: withEntry(changed, key, [...before.slice(-mostStatements), statement]), isUnseen }
}

/** Whether rows of a table were changed in the columns or tables that a statement names. */
function isChanged({ changed }: RemovedRows, key: string, tokens: Clause): boolean {
  const named = new Set(tokens.map(({ text }) => text.toLowerCase()))
  return (changed.get(key) ?? []).some((one) => readAssigned(one)?.some((column) => named.has(column)) !== false)
}

/** The columns that an UPDATE assigns, in lower case, and possibly others; null for other statements. */
function readAssigned({ verb, text }: Statement): readonly string[] | null {
  if (verb !== 'UPDATE') return null
  const tokens = tokenize(text)
  const set = findWords(tokens, 'SET')
  return tokens.flatMap((token, at) => (at > set && isMark(tokens[at + 1], '=') ? [token.text.toLowerCase()] : []))
}

/**
 * The foreign keys through which rows of other tables may still be deleted or changed with rows of a table, or of those that a view reads. @param event `updates`: with columns that get another value
 */
export function listCascades(
  parent: Pick<ObjectName, 'schema' | 'name'>,
  tables: Schema,
  removed: RemovedRows | null,
  event: 'cascades' | 'updates' = 'cascades',
  depth = 0,
): readonly Cascade[] {
  const state = stateOfTable(tables, parent)
  const own = state.type === 'table' ? state.table[event] : state.type === 'view' ? state[event] : []
  const reads = state.type === 'view' && depth < deepestView ? (state.reads ?? []) : []
  const behind = reads.flatMap((name) => listCascades(name, tables, removed, event, depth + 1))
  return [...(own ?? []).filter((cascade) => isLeft(cascade, tables, removed)), ...behind]
}

const deepestView = 10

/** Whether rows of the table may still reference those of the parent, and of each table in between. */
function isLeft({ table, name, behind }: Cascade, tables: Schema, removed: RemovedRows | null): boolean {
  if (behind !== undefined && !isLeft(behind, tables, removed)) return false
  if (removed?.gone.get(tableKey(tables, table)) === 'all') return false
  const child = stateOfTable(tables, table)
  // A rename moves the rows, and the foreign key, to another name.
  const isMoved = removed?.changed.has(tableKey(tables, table)) === true
  if (child.type === 'new' || child.type === 'absent') return isMoved
  if (name === undefined || child.type !== 'table' || child.table.partial === true) return true
  // An earlier statement of the plan may have dropped it.
  return child.table.foreignKeys.some((key) => key.name?.toLowerCase() === name.toLowerCase())
}

/** Whether an earlier statement may have given the columns of a foreign key other values: then the current rows cannot answer. */
export function mayHaveMoved(
  { table, columns, behind }: Cascade,
  tables: Schema,
  removed: RemovedRows | null,
): boolean {
  if (removed === null) return false
  if (behind !== undefined && mayHaveMoved(behind, tables, removed)) return true
  if (removed.isUnseen) return true
  const changes = removed.changed.get(tableKey(tables, table)) ?? []
  const names = columns.map((column) => column.toLowerCase())
  return changes.some((one) => readAssigned(one)?.some((column) => names.includes(column)) !== false)
}
