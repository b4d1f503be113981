import {
  type Clause,
  closingOf,
  findWords,
  hasWords,
  inParentheses,
  isMark,
  isName,
  isWord,
  skipName,
  splitAtCommas,
} from '../sql/clauses.ts'
import type { Statement } from '../sql/statement.ts'
import type { Token } from '../sql/tokens.ts'
import { readColumnAttributes } from './column-attributes.ts'
import { isTextType, readColumnType } from './column-type.ts'
import { readOptions, readPartitionColumns, schemaDefault } from './read-options.ts'
import type { Check, Column, Index, IndexPart, Table, TableForeignKey } from './table.ts'

/** What one definition of a table, in a CREATE TABLE or after ADD, makes: a column may bring keys of its own. */
export interface ReadParts {
  readonly columns: readonly Column[]
  readonly indexes: readonly Index[]
  readonly foreignKeys: readonly TableForeignKey[]
  readonly checks: readonly Check[]
}

/** The table that a CREATE TABLE makes. One that it fills from a query, or makes like another table, is not complete. */
export function readTable(
  { objects, file, line }: Pick<Statement, 'objects' | 'file' | 'line'>,
  tokens: readonly Token[],
): Table {
  const word = tokens.findIndex((token) => isWord(token, 'TABLE'))
  const start = isWord(tokens[word + 1], 'IF') ? word + 4 : word + 1
  const open = skipName(tokens, start)
  const close = isMark(tokens[open], '(') ? closingOf(tokens, open) : open - 1
  const inside = tokens.slice(open + 1, close)
  const lists = close > open && !isWord(inside[0], 'LIKE', 'SELECT', 'WITH', 'VALUES', 'TABLE')
  const rest = tokens.slice(close + 1)
  const written = [...readOptions(rest)]
  const options = new Map(written.filter(([option, value]) => option !== 'CHARSET' || value !== schemaDefault))
  const charset = options.get('CHARSET') ?? null
  const found = lists ? splitAtCommas(inside).map((part) => readPart(part, charset)) : []
  const parts = joinParts(found)
  const isFilled = rest.some(
    (token, at) => isWord(token, 'SELECT', 'TABLE', 'LIKE') || hasWords(rest, at, 'VALUES', 'ROW'),
  )
  const name = objects[0]?.name ?? ''
  return {
    name,
    columns: markPrimary(parts.columns, parts.indexes),
    indexes: settlePrefixes(nameIndexes(parts.indexes, []), parts.columns),
    ...nameConstraints(name, parts, nothing),
    options,
    partitionedBy: readPartitionColumns(rest),
    complete: lists && !isFilled,
    at: { file, line },
  }
}

/** The names in the first parentheses of a check. */
function readNames(check: Clause): readonly string[] {
  const open = check.findIndex((token) => isMark(token, '('))
  return inParentheses(check, open).flatMap((token) => (isName(token) ? [token.text] : []))
}

/** A prefix as long as its column, or of a column that has none, is no prefix: the server drops its length. */
export function settlePrefixes(indexes: readonly Index[], columns: readonly Column[]): readonly Index[] {
  if (!indexes.some(({ parts }) => parts.some(({ length }) => length !== null))) return indexes
  const types = new Map(columns.map(({ name, type }) => [name.toLowerCase(), type]))
  const isWhole = ({ column, length }: IndexPart): boolean => {
    const type = types.get(column?.toLowerCase() ?? '') ?? null
    if (length === null || type === null || /text$|blob$/.test(type.base)) return false
    return !/char$|binary$/.test(type.base) || Number(type.arguments[0]) <= length
  }
  return indexes.map((index) =>
    index.parts.some(isWhole)
      ? { ...index, parts: index.parts.map((part) => (isWhole(part) ? { ...part, length: null } : part)) }
      : index,
  )
}

/** The columns of the primary key are NOT NULL. */
export function markPrimary(columns: readonly Column[], indexes: readonly Index[]): readonly Column[] {
  const key = indexes.find(({ kind }) => kind === 'PRIMARY')
  const names = new Set(key?.parts.map(({ column }) => column?.toLowerCase() ?? ''))
  return columns.map((column) => {
    const primary = names.has(column.name.toLowerCase())
    if (primary === column.attributes.primary) return column
    const type = column.type === null ? null : { ...column.type, nullable: column.type.nullable && !primary }
    return { ...column, type, attributes: { ...column.attributes, primary } }
  })
}

/** Gives indexes without a name the one that the server does: the first column, with a number where that is taken. */
export function nameIndexes(indexes: readonly Index[], taken: readonly Index[]): readonly Index[] {
  const names = new Set([...taken, ...indexes].map(({ name }) => name.toLowerCase()))
  return indexes.map((index) => {
    if (index.name !== '') return index
    const base = index.parts[0]?.column ?? 'functional_index'
    let name = base
    for (let number = 2; names.has(name.toLowerCase()); number += 1) name = `${base}_${number}`
    names.add(name.toLowerCase())
    return { ...index, name }
  })
}

/** Gives foreign keys and checks without a name the one that the server does: `t_ibfk_1`, `t_chk_1`, one more than the highest. */
export function nameConstraints(
  table: string,
  added: Pick<ReadParts, 'foreignKeys' | 'checks'>,
  present: Pick<ReadParts, 'foreignKeys' | 'checks'>,
): Pick<ReadParts, 'foreignKeys' | 'checks'> {
  const keys = counter(
    `${table}_ibfk_`,
    [...present.foreignKeys, ...added.foreignKeys].map(({ name }) => name),
  )
  const checks = counter(
    `${table}_chk_`,
    [...present.checks, ...added.checks].map(({ name }) => name),
  )
  return {
    foreignKeys: added.foreignKeys.map((key) => ({ ...key, name: key.name ?? keys() })),
    checks: added.checks.map((check) => ({ ...check, name: check.name ?? checks() })),
  }
}

function counter(prefix: string, names: readonly (string | null)[]): () => string {
  const numbers = names.flatMap((name) =>
    name?.startsWith(prefix) === true ? [Number(name.slice(prefix.length))] : [],
  )
  let last = Math.max(0, ...numbers.filter(Number.isInteger))
  return () => {
    last += 1
    return `${prefix}${last}`
  }
}

export function joinParts(parts: readonly ReadParts[]): ReadParts {
  return {
    columns: parts.flatMap(({ columns }) => columns),
    indexes: parts.flatMap(({ indexes }) => indexes),
    foreignKeys: parts.flatMap(({ foreignKeys }) => foreignKeys),
    checks: parts.flatMap(({ checks }) => checks),
  }
}

const nothing: ReadParts = { columns: [], indexes: [], foreignKeys: [], checks: [] }

/** Words that begin an index or a constraint. A column of such a name is quoted. */
const keyWords = ['PRIMARY', 'UNIQUE', 'KEY', 'INDEX', 'FULLTEXT', 'SPATIAL', 'FOREIGN', 'CHECK', 'CONSTRAINT'] as const

/** Reads one definition: a column, an index or a constraint. @param charset the table's own, for columns that name none */
export function readPart(part: Clause, charset: string | null): ReadParts {
  if (isWord(part[0], ...keyWords)) return readKey(part)
  const [name] = part
  if (!isName(name)) return nothing
  return readColumn(name.text, part.slice(1), charset)
}

/** Reads a column with the keys that its definition brings. */
export function readColumn(name: string, definition: Clause, charset: string | null): ReadParts {
  const type = readColumnType(definition)
  const collate = findWords(definition, 'COLLATE')
  const column: Column = {
    name,
    type: type === null || type.charset !== null || !isTextType(type) ? type : { ...type, charset },
    collation: collate < 0 ? null : (definition[collate + 1]?.text.toLowerCase() ?? null),
    attributes: readColumnAttributes(definition),
    definition,
  }
  const part: IndexPart = { column: name, length: null, descending: false }
  const index = { parts: [part], visible: true }
  const isPrimary = findWords(definition, 'PRIMARY') >= 0 || findBareKey(definition)
  const isUnique = findWords(definition, 'UNIQUE') >= 0 || isWord(definition[0], 'SERIAL')
  const check = findWords(definition, 'CHECK')
  return {
    columns: [column],
    indexes: [
      ...(isPrimary ? [{ ...index, name: 'PRIMARY', kind: 'PRIMARY' as const }] : []),
      ...(isUnique ? [{ ...index, name: '', kind: 'UNIQUE' as const }] : []),
    ],
    // Since 9.0 a REFERENCES of a column makes a key; before, the server ignored it.
    foreignKeys: findWords(definition, 'REFERENCES') < 0 ? [] : [readReference(definition, [name], null)],
    checks: check < 0 ? [] : [{ name: null, names: readNames(definition.slice(check)) }],
  }
}

/** `id INT KEY` is a primary key, too. */
function findBareKey(definition: Clause): boolean {
  const at = findWords(definition, 'KEY')
  return at > 0 && !isWord(definition[at - 1], 'PRIMARY', 'UNIQUE')
}

function readKey(part: Clause): ReadParts {
  const named = isWord(part[0], 'CONSTRAINT') && isName(part[1]) && !isWord(part[1], ...keyWords)
  const from = isWord(part[0], 'CONSTRAINT') ? (named ? 2 : 1) : 0
  const constraint = named ? (part[1]?.text ?? null) : null
  const key = part.slice(from)
  if (isWord(key[0], 'CHECK')) return { ...nothing, checks: [{ name: constraint, names: readNames(key) }] }
  if (isWord(key[0], 'FOREIGN')) {
    const columns = readIndexParts(key.slice(0, findWords(key, 'REFERENCES'))).flatMap(({ column }) => column ?? [])
    return { ...nothing, foreignKeys: [readReference(key, columns, constraint)] }
  }
  return { ...nothing, indexes: [readIndex(key, constraint)] }
}

/** `PRIMARY KEY (a)`, `UNIQUE KEY name (a, b(10) DESC)`, `FULLTEXT INDEX name (a)`, `INDEX (a)`. */
export function readIndex(key: Clause, constraint: string | null): Index {
  const kind = kindOf(key[0])
  const open = key.findIndex((token) => isMark(token, '('))
  const words = key.slice(1, open < 0 ? key.length : open).filter((token) => !isWord(token, 'KEY', 'INDEX'))
  const using = words.findIndex((token) => isWord(token, 'USING'))
  const name = (using < 0 ? words : words.slice(0, using)).find(isName)?.text ?? constraint ?? ''
  return {
    name: kind === 'PRIMARY' ? 'PRIMARY' : name,
    kind,
    parts: readIndexParts(key),
    visible: findWords(key, 'INVISIBLE') < 0,
  }
}

function kindOf(token: Token | undefined): Index['kind'] {
  const word = token?.text.toUpperCase()
  if (word === 'PRIMARY' || word === 'UNIQUE' || word === 'FULLTEXT' || word === 'SPATIAL') return word
  return 'INDEX'
}

/** The parts in the first parentheses. */
export function readIndexParts(key: Clause): readonly IndexPart[] {
  const open = key.findIndex((token) => isMark(token, '('))
  if (open < 0) return []
  return splitAtCommas(inParentheses(key, open)).map((part) => ({
    column: isName(part[0]) ? part[0].text : null,
    length: isName(part[0]) && isMark(part[1], '(') ? Number(part[2]?.text) : null,
    descending: isWord(part.at(-1), 'DESC'),
  }))
}

function readReference(key: Clause, columns: readonly string[], name: string | null): TableForeignKey {
  const word = findWords(key, 'REFERENCES')
  const end = skipName(key, word + 1)
  const isQualified = end - word > 2
  const first = key[word + 1]?.text ?? ''
  const after = key.slice(end)
  return {
    name,
    columns,
    parent: { schema: isQualified ? first : null, name: isQualified ? (key[end - 1]?.text ?? '') : first },
    parentColumns: isMark(after[0], '(') ? readIndexParts(after).flatMap(({ column }) => column ?? []) : [],
    onDelete: readAction(after, 'DELETE'),
    onUpdate: readAction(after, 'UPDATE'),
  }
}

function readAction(after: Clause, event: 'DELETE' | 'UPDATE'): string | null {
  const at = after.findIndex((_, index) => hasWords(after, index, 'ON', event))
  if (at < 0) return null
  const [one, two] = [after[at + 2], after[at + 3]]
  return isWord(one, 'SET', 'NO') ? `${one?.text} ${two?.text}`.toUpperCase() : (one?.text.toUpperCase() ?? null)
}
