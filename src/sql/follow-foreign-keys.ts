import { type Clause, hasWords, isName, isWord, readAlterations } from './clauses.ts'
import { type ForeignKey, readForeignKeys } from './foreign-keys.ts'
import type { ObjectName, Statement } from './statement.ts'
import { tokenize } from './tokens.ts'

type TableName = ForeignKey['table']

/** How a statement's own database is named in its text; names without a schema mean it, too. */
export interface OwnDatabase {
  readonly database: string
  readonly schema: string
}

/**
 * The declared keys of a database as a statement leaves them. What it adds counts in any case; what it drops or renames
 * counts only if it `ran`: until then the old keys and names are those that hold. Of the keys that come back, names in the
 * database itself have no schema, and every key has a name: the one the server would give.
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

/** Without regard to case: a server may or may not tell table names apart by it, and never columns and constraints. */
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
  const dropped = changes.flatMap(readDroppedKey)
  if (table === undefined || dropped.length === 0) return keys
  return keys.filter(
    (key) => !(isSameTable(key.table, table) && dropped.some((name) => key.name !== null && isSame(name, key.name))),
  )
}

/** The name in `DROP FOREIGN KEY x` or `DROP CONSTRAINT x`. */
function readDroppedKey(change: Clause): readonly string[] {
  const at = hasWords(change, 0, 'DROP', 'FOREIGN', 'KEY') ? 3 : hasWords(change, 0, 'DROP', 'CONSTRAINT') ? 2 : -1
  const name = change[at]
  return isName(name) ? [name.text] : []
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
  const renames = changes.flatMap(readColumnRename)
  if (object === undefined || renames.length === 0) return keys
  const table = localName(object, own)
  const renamed = (column: string): string => renames.find(({ from }) => isSame(from, column))?.to ?? column
  return keys.map((key) => ({
    ...key,
    columns: isSameTable(key.table, table) ? key.columns.map(renamed) : key.columns,
    parentColumns: isSameTable(key.parent, table) ? key.parentColumns.map(renamed) : key.parentColumns,
  }))
}

/** `RENAME COLUMN a TO b` or `CHANGE [COLUMN] a b ...`. */
function readColumnRename(change: Clause): readonly { readonly from: string; readonly to: string }[] {
  const changes = isWord(change[0], 'CHANGE')
  if (!changes && !hasWords(change, 0, 'RENAME', 'COLUMN')) return []
  const at = isWord(change[1], 'COLUMN') ? 2 : 1
  const [from, to] = [change[at], change[changes ? at + 1 : at + 2]]
  return isName(from) && isName(to) ? [{ from: from.text, to: to.text }] : []
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
