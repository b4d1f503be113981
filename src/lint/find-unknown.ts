import { closestName } from '../core/closest-name.ts'
import { readAdded, readColumnDefinition, readDroppedColumn } from '../ddl/read-alterations.ts'
import { readIndexParts } from '../ddl/read-definition.ts'
import { partsOf } from '../ddl/read-parts.ts'
import { findObject } from '../ddl/schema.ts'
import { findKnownColumn, type Table } from '../ddl/table.ts'
import {
  type Clause,
  findWords,
  hasWords,
  indexNameAt,
  isIndexStatement,
  isMark,
  isName,
  isWord,
  readAlterations,
  splitAtCommas,
} from '../sql/clauses.ts'
import type { ObjectName } from '../sql/statement.ts'
import type { Token } from '../sql/tokens.ts'
import type { ReadStatement } from './subjects.ts'
import { readInsertedColumns } from './written-tables.ts'

/** A name that a statement uses and that does not exist before it. */
export interface UnknownName {
  readonly name: string
  readonly table: string
  /** What was probably meant; null where no name is similar. */
  readonly meant: string | null
}

const needsTable = new Set([
  'ALTER TABLE',
  'CREATE INDEX',
  'DROP INDEX',
  'DROP TABLE',
  'TRUNCATE',
  'RENAME TABLE',
  'INSERT',
  'REPLACE',
  'UPDATE',
  'DELETE',
])

/** The tables that must exist for the statement to run. */
export function listNeededTables({ statement }: ReadStatement): readonly ObjectName[] {
  const { verb, objects, references, idempotent } = statement
  if (!needsTable.has(verb) || (verb === 'DROP TABLE' && idempotent)) return verb === 'CREATE TABLE' ? references : []
  const isRename = verb === 'RENAME TABLE'
  const own = verb === 'ALTER TABLE' ? objects.slice(0, 1) : isRename ? firstOfPairs(objects) : objects
  return [...own, ...references].filter(({ type }) => type === 'table')
}

/** In `RENAME TABLE a TO b, b TO c` the name `b` comes from the statement itself. */
function firstOfPairs(objects: readonly ObjectName[]): readonly ObjectName[] {
  const made = new Set<string>()
  return objects.filter(({ name }, at) => {
    if (at % 2 === 1) made.add(name.toLowerCase())
    return at % 2 === 0 && !made.has(name.toLowerCase())
  })
}

/**
 * The columns that a statement uses in its first table and that the table does not have. Empty where that is not certain.
 */
export function findUnknownColumns(read: ReadStatement): readonly UnknownName[] {
  const { statement, before, after } = read
  const [object] = statement.objects
  if (object === undefined || object.type !== 'table') return []
  if (statement.verb === 'CREATE TABLE') return findInNewTable(read, object)
  const found = findObject(before, object)
  if (found.type !== 'table' || found.table.partial === true) return []
  const { table } = found
  const changed = findObject(after, object)
  const later = changed.type === 'table' ? changed.table : table
  const names = listUsedColumns(read)
  const lacks = (name: string, ...tables: readonly Table[]): boolean =>
    name.toLowerCase() !== 'my_row_id' && tables.every((each) => findKnownColumn(each, name) === null)
  const unknown = [
    ...names.before.filter((name) => lacks(name, table)),
    ...names.either.filter((name) => lacks(name, table, later)),
  ]
  const columns = table.columns.map(({ name }) => name)
  return [...new Set(unknown)].map((name) => ({ name, table: table.name, meant: closestName(name, columns) }))
}

/** Indexes, keys and partitions of a CREATE TABLE name columns of the same table. */
function findInNewTable({ statement, after }: ReadStatement, object: ObjectName): readonly UnknownName[] {
  const found = findObject(after, object)
  if (statement.idempotent || found.type !== 'table' || found.table.partial === true) return []
  const { table } = found
  const used = [
    ...table.indexes.flatMap((index) => partsOf(index).flatMap(({ column }) => column ?? [])),
    ...table.foreignKeys.flatMap(({ columns }) => columns),
  ]
  const unknown = used.filter((name) => findKnownColumn(table, name) === null)
  const columns = table.columns.map(({ name }) => name)
  return [...new Set(unknown)].map((name) => ({ name, table: table.name, meant: closestName(name, columns) }))
}

interface UsedColumns {
  /** These must exist before the statement. */
  readonly before: readonly string[]
  /** These may be added by the same statement. */
  readonly either: readonly string[]
}

function listUsedColumns({ statement, tokens }: ReadStatement): UsedColumns {
  switch (statement.verb) {
    case 'INSERT':
    case 'REPLACE':
      return { before: statement.text.length > 65_536 ? [] : (readInsertedColumns(statement.text) ?? []), either: [] }
    case 'UPDATE':
      return { before: statement.objects.length === 1 ? readAssigned(tokens) : [], either: [] }
    case 'CREATE INDEX':
      return { before: namesOfParts(tokens.slice(findWords(tokens, 'ON'))), either: [] }
    case 'ALTER TABLE': {
      const clauses = readAlterations(tokens)
      return { before: clauses.flatMap(readChanged), either: clauses.flatMap(readUsed) }
    }
    default:
      return { before: [], either: [] }
  }
}

function namesOfParts(clause: Clause): readonly string[] {
  return readIndexParts(clause).flatMap(({ column }) => column ?? [])
}

/** `UPDATE t SET a = 1, b = 2`; an alias or a join makes the columns uncertain. */
function readAssigned(tokens: readonly Token[]): readonly string[] {
  const set = findWords(tokens, 'SET')
  if (!isWord(tokens[0], 'UPDATE') || set < 0 || set > 4) return []
  const end = tokens.findIndex((token, at) => at > set && isWord(token, 'WHERE', 'ORDER', 'LIMIT'))
  return splitAtCommas(tokens.slice(set + 1, end < 0 ? tokens.length : end)).flatMap(([name, mark]) =>
    isName(name) && isMark(mark, '=') ? [name.text] : [],
  )
}

/** Columns that a clause drops, changes or renames. */
function readChanged(clause: Clause): readonly string[] {
  const dropped = readDroppedColumn(clause)
  if (dropped !== null) return [dropped]
  const changed = readColumnDefinition(clause)
  if (changed !== null) return [changed.column]
  if (hasWords(clause, 0, 'RENAME', 'COLUMN')) return isName(clause[2]) ? [clause[2].text] : []
  if (!isWord(clause[0], 'ALTER') || isWord(clause[1], 'INDEX', 'CHECK', 'CONSTRAINT')) return []
  const name = isWord(clause[1], 'COLUMN') ? clause[2] : clause[1]
  return isName(name) ? [name.text] : []
}

/** Columns of added keys, and the column after which a column is placed. */
function readUsed(clause: Clause): readonly string[] {
  const after = findWords(clause, 'AFTER')
  const neighbor = after < 0 || !isWord(clause[0], 'ADD', 'MODIFY', 'CHANGE') ? undefined : clause[after + 1]
  const isKey = isWord(clause[0], 'ADD') && readAdded(clause).length === 0 && !isWord(clause[1], 'PARTITION')
  const key = isKey && findWords(clause, 'CHECK') < 0 ? clause.slice(0, until(clause, 'REFERENCES')) : []
  return [...(isName(neighbor) ? [neighbor.text] : []), ...namesOfParts(key)]
}

function until(clause: Clause, word: string): number {
  const at = findWords(clause, word)
  return at < 0 ? clause.length : at
}

/** The indexes and foreign keys that a statement drops or renames and that the table does not have. */
export function findUnknownKeys(read: ReadStatement): readonly UnknownName[] {
  const [object] = read.statement.objects
  const found = object === undefined ? null : findObject(read.before, object)
  if (found?.type !== 'table' || found.table.partial === true) return []
  const { table } = found
  const indexes = [
    ...table.indexes.map(({ name }) => name),
    // The server creates an index for a foreign key, and names it after the key or its first column.
    ...table.foreignKeys.flatMap(({ name, columns }) => [...(name === null ? [] : [name]), ...columns]),
  ]
  const keys = table.foreignKeys.flatMap(({ name }) => name ?? [])
  const dropped = isIndexStatement(read.tokens)
    ? [
        {
          name: isWord(read.tokens[0], 'DROP') ? read.tokens[indexNameAt(read.tokens)]?.text : undefined,
          among: indexes,
        },
      ]
    : readAlterations(read.tokens).flatMap((clause) => readKeyName(clause, indexes, keys))
  return dropped.flatMap(({ name, among }) => {
    const isThere = name === undefined || among.some((each) => each.toLowerCase() === name.toLowerCase())
    // Generated names of foreign keys depend on how the table was created.
    if (isThere || /_ibfk_\d+$/i.test(name)) return []
    return [{ name, table: table.name, meant: closestName(name, among) }]
  })
}

function readKeyName(clause: Clause, indexes: readonly string[], keys: readonly string[]) {
  if (isWord(clause[0], 'DROP') && isWord(clause[1], 'INDEX', 'KEY'))
    return [{ name: clause[hasWords(clause, 2, 'IF', 'EXISTS') ? 4 : 2]?.text, among: indexes }]
  if (hasWords(clause, 0, 'DROP', 'FOREIGN', 'KEY'))
    return [{ name: clause[hasWords(clause, 3, 'IF', 'EXISTS') ? 5 : 3]?.text, among: keys }]
  if (isWord(clause[0], 'RENAME') && isWord(clause[1], 'INDEX', 'KEY'))
    return [{ name: clause[2]?.text, among: indexes }]
  return []
}

/** The token of a name, for a finding; the whole statement where it is not found. */
export function tokenOf(tokens: readonly Token[], name: string): { readonly at?: Token } {
  const at = tokens.find((token) => isName(token) && token.text.toLowerCase() === name.toLowerCase())
  return at === undefined ? {} : { at }
}
