import {
  type Clause,
  findWords,
  hasWords,
  inParentheses,
  isMark,
  isName,
  isWord,
  readAlterations,
  skipName,
  splitAtCommas,
} from '../sql/clauses.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'

/** A foreign key as a statement declares it. Names are unquoted; a schema may be a placeholder, `{{schema:user_db}}`. */
export interface ForeignKey {
  /** Null where the server generates the name. */
  readonly name: string | null
  readonly table: Pick<ObjectName, 'schema' | 'name'>
  readonly columns: readonly string[]
  readonly parent: Pick<ObjectName, 'schema' | 'name'>
  /** Empty where none are given: MySQL 9 then refers to the primary key of the parent. */
  readonly parentColumns: readonly string[]
  /** Where the declaration begins. */
  readonly file: string
  readonly line: number
}

/** The keys that a CREATE TABLE or ALTER TABLE adds, in order: of the table, or of one column (`a INT REFERENCES p (b)`). */
export function readForeignKeys(
  statement: Pick<Statement, 'text' | 'file' | 'line' | 'class' | 'objects' | 'references'>,
): readonly ForeignKey[] {
  const [table] = statement.objects
  // A temporary table, whose class is another, cannot have a foreign key.
  if (statement.class !== 'definition' || statement.references.length === 0 || table === undefined) return []
  const tokens = tokenize(statement.text)
  const definitions = isWord(tokens[0], 'CREATE') ? readCreated(tokens) : readAlterations(tokens).flatMap(readAdded)
  return definitions.flatMap((definition) => {
    const key = readDefinition(definition)
    const lines = statement.text.slice(0, definition[0]?.start ?? 0).split('\n').length - 1
    const place = { file: statement.file, line: statement.line + lines }
    return key === null ? [] : [{ ...key, table: { schema: table.schema, name: table.name }, ...place }]
  })
}

/** The definitions between the parentheses of a CREATE TABLE. */
function readCreated(tokens: Clause): readonly Clause[] {
  return splitAtCommas(readParentheses(tokens, 0))
}

/** The definitions that one change of an ALTER TABLE adds: `ADD x`, `ADD COLUMN x` or `ADD (x, y)`. */
function readAdded(change: Clause): readonly Clause[] {
  if (!isWord(change[0], 'ADD')) return []
  const added = change.slice(isWord(change[1], 'COLUMN') ? 2 : 1)
  return isMark(added[0], '(') ? splitAtCommas(readParentheses(added, 0)) : [added]
}

function readDefinition(definition: Clause): Omit<ForeignKey, 'table' | 'file' | 'line'> | null {
  const at = findWords(definition, 'REFERENCES')
  const columns = at < 0 ? [] : readOwnColumns(definition.slice(0, at))
  const parent = readTableName(definition, at + 1)
  if (columns.length === 0 || parent === null) return null
  const after = skipName(definition, at + 1)
  const parentColumns = isMark(definition[after], '(') ? readColumns(definition, after) : []
  return { name: readConstraintName(definition), columns, parent, parentColumns }
}

function readTableName(tokens: Clause, at: number): ForeignKey['parent'] | null {
  const [first, last] = [tokens[at], tokens[skipName(tokens, at) - 1]]
  if (!isName(first) || !isName(last)) return null
  return first === last ? { schema: null, name: first.text } : { schema: first.text, name: last.text }
}

function readConstraintName(definition: Clause): string | null {
  const [first, name] = definition
  return isWord(first, 'CONSTRAINT') && isName(name) && !isWord(name, 'FOREIGN') ? name.text : null
}

/** The columns of a FOREIGN KEY clause, or the one column whose definition this is. */
function readOwnColumns(beforeReferences: Clause): readonly string[] {
  const key = findWords(beforeReferences, 'FOREIGN', 'KEY')
  if (key >= 0) return readColumns(beforeReferences, key)
  const [column] = beforeReferences
  return isName(column) ? [column.text] : []
}

/** The names in the first parentheses from `at` on; a key part may have a length and a direction. */
function readColumns(tokens: Clause, at: number): readonly string[] {
  return splitAtCommas(readParentheses(tokens, at)).flatMap(([name]) => (isName(name) ? [name.text] : []))
}

/** The tokens in the first parentheses from `from` on. */
function readParentheses(tokens: Clause, from: number): Clause {
  const open = tokens.findIndex((token, at) => at >= from && isMark(token, '('))
  return open < 0 ? [] : inParentheses(tokens, open)
}

type TableName = ForeignKey['table']

/** How a statement's own database is named in its text; names without a schema mean it, too. */
interface OwnDatabase {
  readonly database: string
  readonly schema: string
}

/**
 * The declared keys of a database after a statement. Keys that it adds always count; drops and renames count only if it `ran`:
 * until then the old keys and names are in force. In the result, tables of the database itself have no schema, and every key
 * has a name: its own or the one that the server generates.
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
