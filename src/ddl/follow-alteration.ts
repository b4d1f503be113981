import {
  type Clause,
  findWords,
  hasWords,
  inParentheses,
  isIndexStatement,
  isMark,
  isName,
  isWord,
  readAlterations,
  splitAtCommas,
} from '../sql/clauses.ts'
import type { CalledStatement } from '../sql/procedures/read-call.ts'
import { tokenize } from '../sql/tokens.ts'
import {
  type CharsetChange,
  charsetAfter,
  readCharsetChange,
  readColumnAttributes,
  readColumnDefinition,
} from './column-changes.ts'
import { readColumnType, toColumnType } from './column-type.ts'
import type { ColumnState, KeyState, PresentTable } from './table-state.ts'

/** An existing table after an ALTER TABLE: its columns and its character set. */
export function followAlteration(table: PresentTable, statement: CalledStatement): PresentTable {
  const tokens = tokenize(statement.text)
  const clauses = readAlterations(tokens)
  const charsets = readCharsetChange(clauses, table)
  // In any order of the clauses, a column is dropped before another of its name is added.
  const drops = clauses.map(readDroppedColumn)
  const kept = table.columns.filter((column) => !drops.some((name) => name !== null && isNamed(column, name)))
  // All clauses use the names of the columns before the statement: two columns may swap names.
  const changed = kept.map((column) =>
    clauses.reduce((current, clause) => followClause(current, column.name, clause, charsets, statement.text), column),
  )
  const added = clauses.flatMap((clause) =>
    readAdded(clause).map(([name, definition]) => readColumn(name, definition, charsets, statement.text)),
  )
  // An existing one was added by a run that stopped after this statement, or the server refuses the statement.
  const others = changed.filter((column) => !added.some(({ name }) => isNamed(column, name)))
  const altered = [...others, ...added.map((column) => ({ ...column, made: true }))]
  const columns = charsets.converted === null ? altered : altered.map((column) => convert(column, charsets))
  const keys = table.keys === undefined ? {} : { keys: followKeys(table.keys, tokens) }
  return { ...table, ...keys, columns, ...(charsets.byDefault === null ? {} : { charset: charsets.byDefault }) }
}

/** One column after a clause. @param name its name before the statement */
function followClause(
  column: ColumnState,
  name: string,
  clause: Clause,
  charsets: CharsetChange,
  text: string,
): ColumnState {
  const changed = readColumnDefinition(clause)
  if (changed !== null) {
    if (!isNamed({ name }, changed.column)) return column
    return keepIdentity(column, readColumn(changed.renamed, changed.definition, charsets, text))
  }
  if (hasWords(clause, 0, 'RENAME', 'COLUMN'))
    return isNamed({ name }, clause[2]?.text ?? '') ? { ...column, name: clause[4]?.text ?? name } : column
  return isWord(clause[0], 'ALTER') ? followDefault(column, name, clause) : column
}

/** Words after ADD that do not begin a column. */
const otherAdditions = [
  'INDEX',
  'KEY',
  'UNIQUE',
  'FULLTEXT',
  'SPATIAL',
  'PRIMARY',
  'FOREIGN',
  'CONSTRAINT',
  'CHECK',
  'PARTITION',
] as const

/** The columns of `ADD [COLUMN] name definition` and `ADD [COLUMN] (name definition, ...)`, each with its definition. */
export function readAdded(clause: Clause): readonly (readonly [name: string, definition: Clause])[] {
  if (!isWord(clause[0], 'ADD') || isWord(clause[1], ...otherAdditions)) return []
  const at = isWord(clause[1], 'COLUMN') ? 2 : 1
  const listed = isMark(clause[at], '(') ? splitAtCommas(clause.slice(at + 1, -1)) : [clause.slice(at)]
  return listed.flatMap((part) => {
    const [name] = part
    return isName(name) && !isWord(name, ...otherAdditions) ? [[name.text, part.slice(1)] as const] : []
  })
}

/** Words after DROP in an ALTER TABLE that do not begin a column. */
const otherParts = ['INDEX', 'KEY', 'PRIMARY', 'FOREIGN', 'CONSTRAINT', 'CHECK', 'PARTITION'] as const

/** The column of `DROP [COLUMN] name`; null for any other clause. */
export function readDroppedColumn(clause: Clause): string | null {
  if (!isWord(clause[0], 'DROP') || isWord(clause[1], ...otherParts)) return null
  const name = isWord(clause[1], 'COLUMN') ? clause[2] : clause[1]
  return name?.text ?? null
}

function isNamed(column: Pick<ColumnState, 'name'>, name: string): boolean {
  return column.name.toLowerCase() === name.toLowerCase()
}

/** The column of a definition. The text of its type may contain more than the type, which readers skip. */
function readColumn(name: string, definition: Clause, charsets: CharsetChange, text: string): ColumnState {
  const type = readColumnType(definition)
  const [first, last] = [definition[0], definition.at(-1)]
  return {
    name,
    type: text.slice(first?.start ?? 0, last?.end ?? 0),
    nullable: type?.nullable ?? true,
    charset: type === null ? null : charsetAfter(type, charsets),
    attributes: readColumnAttributes(definition),
  }
}

/** A new definition does not change whether the plan added a column, nor whether it is in the primary key. */
function keepIdentity({ made, attributes }: ColumnState, after: ColumnState): ColumnState {
  const primary = attributes?.primary === true
  return {
    ...after,
    nullable: after.nullable && !primary,
    made: made === true,
    ...(after.attributes === undefined ? {} : { attributes: { ...after.attributes, primary } }),
  }
}

function convert(column: ColumnState, charsets: CharsetChange): ColumnState {
  const type = toColumnType(column)
  return type === null ? column : { ...column, charset: charsetAfter(type, charsets) }
}

/** `ALTER [COLUMN] name SET DEFAULT value` and `ALTER [COLUMN] name DROP DEFAULT`. */
function followDefault(column: ColumnState, name: string, clause: Clause): ColumnState {
  const at = isWord(clause[1], 'COLUMN') ? 2 : 1
  const isSet = hasWords(clause, at + 1, 'SET', 'DEFAULT')
  if (!isNamed({ name }, clause[at]?.text ?? '') || column.attributes === undefined) return column
  if (!isSet && !hasWords(clause, at + 1, 'DROP', 'DEFAULT')) return column
  const hasDefault = isSet && !isWord(clause[at + 3], 'NULL')
  return { ...column, attributes: { ...column.attributes, hasDefault } }
}

type Kind = KeyState['kind']

/** Keys that an ALTER TABLE or CREATE INDEX adds. A key without a name gets that of its first column. */
export function readAddedKeys(tokens: Clause): readonly KeyState[] {
  if (isIndexStatement(tokens)) return isWord(tokens[0], 'CREATE') ? readCreatedIndex(tokens) : []
  return readAlterations(tokens).flatMap(readAddedKey)
}

function readCreatedIndex(tokens: Clause): readonly KeyState[] {
  const at = tokens.findIndex((token) => isWord(token, 'INDEX'))
  const columns = readColumns(tokens.slice(findWords(tokens, 'ON')))
  return [{ name: tokens[at + 1]?.text ?? '', kind: isWord(tokens[1], 'UNIQUE') ? 'UNIQUE' : 'INDEX', columns }]
}

/** `ADD [CONSTRAINT [name]] PRIMARY KEY | UNIQUE | INDEX | FULLTEXT | SPATIAL | FOREIGN KEY | CHECK ...`. */
function readAddedKey(clause: Clause): readonly KeyState[] {
  if (!isWord(clause[0], 'ADD')) return []
  const named = isWord(clause[1], 'CONSTRAINT') && isName(clause[2]) && kindOf(clause.slice(2)) === null
  const at = isWord(clause[1], 'CONSTRAINT') ? (named ? 3 : 2) : 1
  const kind = kindOf(clause.slice(at))
  if (kind === null) return []
  const columns = readColumns(clause)
  const open = clause.findIndex((token) => isMark(token, '('))
  const before = clause.slice(at + 1, open).filter((token) => isName(token) && !isWord(token, ...keyWords))
  const name =
    kind === 'PRIMARY' ? 'PRIMARY' : (before[0]?.text ?? (named ? clause[2]?.text : undefined) ?? columns[0] ?? '')
  return [{ name: kind === 'FOREIGN KEY' && named ? (clause[2]?.text ?? name) : name, kind, columns }]
}

const keyWords = ['KEY', 'INDEX', 'USING', 'BTREE', 'HASH'] as const

function kindOf(clause: Clause): Kind | null {
  if (isWord(clause[0], 'PRIMARY')) return 'PRIMARY'
  if (isWord(clause[0], 'UNIQUE')) return 'UNIQUE'
  if (isWord(clause[0], 'INDEX', 'KEY', 'FULLTEXT', 'SPATIAL')) return 'INDEX'
  if (isWord(clause[0], 'FOREIGN')) return 'FOREIGN KEY'
  return isWord(clause[0], 'CHECK') ? 'CHECK' : null
}

/** The columns in the first parentheses; a prefix, an order or an expression ends a name. */
function readColumns(clause: Clause): readonly string[] {
  const open = clause.findIndex((token) => isMark(token, '('))
  if (open < 0) return []
  return splitAtCommas(inParentheses(clause, open)).flatMap(([first]) => (isName(first) ? [first.text] : []))
}

/** The keys that are dropped by name; kind `CONSTRAINT` where the statement does not name the kind. */
export interface DroppedKey {
  readonly kind: Kind | 'CONSTRAINT'
  readonly name: string
}

export function readDroppedKeys(tokens: Clause): readonly DroppedKey[] {
  if (isIndexStatement(tokens) && isWord(tokens[0], 'DROP')) return [{ kind: 'INDEX', name: tokens[2]?.text ?? '' }]
  return readAlterations(tokens).flatMap((clause): readonly DroppedKey[] => {
    if (!isWord(clause[0], 'DROP')) return []
    if (hasWords(clause, 1, 'PRIMARY', 'KEY')) return [{ kind: 'PRIMARY', name: 'PRIMARY' }]
    if (hasWords(clause, 1, 'FOREIGN', 'KEY')) return [{ kind: 'FOREIGN KEY', name: clause.at(-1)?.text ?? '' }]
    const name = clause[2]?.text ?? ''
    if (isWord(clause[1], 'INDEX', 'KEY')) return [{ kind: 'INDEX', name }]
    if (isWord(clause[1], 'CONSTRAINT')) return [{ kind: 'CONSTRAINT', name }]
    return isWord(clause[1], 'CHECK') ? [{ kind: 'CHECK', name }] : []
  })
}

/** Indexes and foreign keys have separate names; DROP CONSTRAINT matches either. */
export function isSameKey(key: KeyState, dropped: DroppedKey): boolean {
  if (!isCalled(key, dropped.name)) return false
  if (dropped.kind === 'CONSTRAINT') return key.kind !== 'INDEX'
  return dropped.kind === 'INDEX' ? isIndex(key) : key.kind === dropped.kind
}

function isCalled(key: KeyState, name: string): boolean {
  return key.name.toLowerCase() === name.toLowerCase()
}

export function isIndex({ kind }: KeyState): boolean {
  return kind === 'PRIMARY' || kind === 'UNIQUE' || kind === 'INDEX'
}

/** The keys of a table after an ALTER TABLE, CREATE INDEX or DROP INDEX. */
export function followKeys(keys: readonly KeyState[], tokens: Clause): readonly KeyState[] {
  const dropped = readDroppedKeys(tokens)
  const kept = keys.filter((key) => !dropped.some((drop) => isSameKey(key, drop)))
  const renamed = readAlterations(tokens).reduce(renameIndex, kept)
  const added = readAddedKeys(tokens).map((key) => ({ ...key, made: true }))
  // An existing one was added by a run that stopped after this statement, or the server refuses the statement.
  const others = renamed.filter(
    (key) => !added.some((each) => isIndex(each) === isIndex(key) && isCalled(key, each.name)),
  )
  return [...others, ...added]
}

function renameIndex(keys: readonly KeyState[], clause: Clause): readonly KeyState[] {
  if (!isWord(clause[0], 'RENAME') || !isWord(clause[1], 'INDEX', 'KEY')) return keys
  const [from, to] = [clause[2]?.text.toLowerCase(), clause[4]?.text]
  return keys.map((key) =>
    isIndex(key) && key.name.toLowerCase() === from && to !== undefined ? { ...key, name: to } : key,
  )
}
