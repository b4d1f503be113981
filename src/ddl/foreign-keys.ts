import { type Clause, isWord, readAlterations } from '../sql/clauses.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'
import { cutCreatedTable } from './created-table.ts'
import { listAdded, readDroppedKey, readNewNames } from './read-alterations.ts'
import { readPart } from './read-definition.ts'
import { referenceOf } from './read-parts.ts'

/** A foreign key as a statement declares it. Names are unquoted; a schema may be a placeholder, `{{schema:user_db}}`. */
export interface ForeignKey {
  /** Null where the server generates the name. */
  readonly name: string | null
  readonly table: Pick<ObjectName, 'schema' | 'name'>
  readonly columns: readonly string[]
  readonly parent: Pick<ObjectName, 'schema' | 'name'>
  /** Empty where none are given: MySQL 9 then uses the primary key of the parent. */
  readonly parentColumns: readonly string[]
  /** Where the declaration begins. */
  readonly file: string
  readonly line: number
}

/**
 * The keys that a CREATE TABLE or ALTER TABLE adds, in order: for the table, or for one column (`a INT REFERENCES p (b)`).
 */
export function readForeignKeys(
  statement: Pick<Statement, 'text' | 'file' | 'line' | 'class' | 'objects' | 'references'>,
): readonly ForeignKey[] {
  const [table] = statement.objects
  // A temporary table, which has another statement class, cannot have a foreign key.
  if (statement.class !== 'definition' || statement.references.length === 0 || table === undefined) return []
  const tokens = tokenize(statement.text)
  const definitions = isWord(tokens[0], 'CREATE')
    ? (cutCreatedTable(tokens)?.definitions ?? [])
    : readAlterations(tokens).flatMap(listAdded)
  return definitions.flatMap((definition) => {
    const lines = statement.text.slice(0, definition[0]?.start ?? 0).split('\n').length - 1
    const place = { file: statement.file, line: statement.line + lines }
    return readPart(definition, null).foreignKeys.flatMap((key): readonly ForeignKey[] => {
      const { name, columns, parentColumns } = key
      const { parent } = referenceOf(key)
      const own = { schema: table.schema, name: table.name }
      return columns.length === 0 ? [] : [{ name, columns, parent, parentColumns, table: own, ...place }]
    })
  })
}

type TableName = ForeignKey['table']

/** The name of a statement's own database in its text; names without a schema mean it, too. */
interface OwnDatabase {
  readonly database: string
  readonly schema: string
}

/**
 * The declared keys of a database after a statement. This differs from `applyStatement`, which follows the real schema, and only tables that it knows; here a key counts from the file that
 * declares it, even on a table that no file creates and where the server never gets the key. Keys that it adds always count; drops and renames count only if it `ran`: until then the old
 * keys and names are in force. In the result, tables of the database itself have no schema, and every key has a name: its own or the one that the server generates.
 */
export function followForeignKeys(
  keys: readonly ForeignKey[],
  statement: Statement,
  own: OwnDatabase,
  ran: boolean,
): readonly ForeignKey[] {
  if (statement.class !== 'definition') return keys
  const changes = readAlterations(tokenize(statement.text))
  const before = ran ? renameColumns(dropKeys(keys, statement, changes, own), statement, changes, own) : keys
  const after = addKeys(before, readForeignKeys(statement), own)
  return ran ? renameTables(after, statement, own) : after
}

function localName({ schema, name }: TableName, own: OwnDatabase): TableName {
  const local = schema === null || schema === own.schema || schema === `{{schema:${own.database}}}`
  return { schema: local ? null : schema, name }
}

/** Without regard to case: a server may ignore the case of table names, and always ignores that of columns and constraints. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

function isSameTable(one: TableName, other: TableName): boolean {
  return one.schema === other.schema && isSame(one.name, other.name)
}

function dropKeys(
  keys: readonly ForeignKey[],
  statement: Statement,
  changes: readonly Clause[],
  own: OwnDatabase,
): readonly ForeignKey[] {
  const named = statement.objects.map((object) => localName(object, own))
  if (statement.verb === 'DROP TABLE')
    return keys.filter((key) => !named.some((table) => isSameTable(key.table, table)))
  const [table] = named
  const dropped = changes.flatMap((change) => {
    const key = readDroppedKey(change)
    return key !== null && (key.kind === 'FOREIGN KEY' || key.kind === 'CONSTRAINT') ? [key.name] : []
  })
  if (table === undefined || dropped.length === 0) return keys
  return keys.filter(
    (key) => !(isSameTable(key.table, table) && dropped.some((name) => key.name !== null && isSame(name, key.name))),
  )
}

function addKeys(keys: readonly ForeignKey[], added: readonly ForeignKey[], own: OwnDatabase): readonly ForeignKey[] {
  const all = [...keys]
  for (const key of added) {
    const table = localName(key.table, own)
    all.push({ ...key, table, parent: localName(key.parent, own), name: key.name ?? nextName(all, table) })
  }
  return all
}

/** `TABLE_ibfk_1` and on: one more than the highest in use (manual, "FOREIGN KEY Constraints"). */
function nextName(keys: readonly ForeignKey[], table: TableName): string {
  const prefix = `${table.name}_ibfk_`
  const numbers = keys
    .filter((key) => isSameTable(key.table, table) && key.name?.startsWith(prefix))
    .map((key) => Number(key.name?.slice(prefix.length)))
    .filter((number) => Number.isInteger(number))
  return `${prefix}${Math.max(0, ...numbers) + 1}`
}

function renameColumns(
  keys: readonly ForeignKey[],
  statement: Statement,
  changes: readonly Clause[],
  own: OwnDatabase,
): readonly ForeignKey[] {
  const [object] = statement.objects
  const names = readNewNames(changes)
  if (object === undefined || names.size === 0) return keys
  const table = localName(object, own)
  const renamed = (column: string): string => names.get(column.toLowerCase()) ?? column
  return keys.map((key) => ({
    ...key,
    columns: isSameTable(key.table, table) ? key.columns.map(renamed) : key.columns,
    parentColumns: isSameTable(key.parent, table) ? key.parentColumns.map(renamed) : key.parentColumns,
  }))
}

function renameTables(keys: readonly ForeignKey[], statement: Statement, own: OwnDatabase): readonly ForeignKey[] {
  const renames =
    statement.verb === 'RENAME TABLE' || (statement.verb === 'ALTER TABLE' && /\brename\b/i.test(statement.text))
  if (!renames) return keys
  return readPairs(statement.objects).reduce((all, [from, to]) => {
    const [before, after] = [localName(from, own), localName(to, own)]
    const renamed = (table: TableName): TableName => (isSameTable(table, before) ? after : table)
    return all.map((key) => ({ ...key, table: renamed(key.table), parent: renamed(key.parent) }))
  }, keys)
}

/** Old and new names, one after the other. */
function readPairs(names: readonly ObjectName[]): readonly (readonly [ObjectName, ObjectName])[] {
  return names.flatMap((from, index): (readonly [ObjectName, ObjectName])[] => {
    const to = names[index + 1]
    return index % 2 === 0 && to !== undefined ? [[from, to]] : []
  })
}
