import {
  type Clause,
  findWords,
  hasWords,
  inParentheses,
  isMark,
  isName,
  isWord,
  outerWords,
  skipName,
  splitAtCommas,
} from '../sql/clauses.ts'
import type { Token } from '../sql/tokens.ts'
import { printTokens, readColumnAttributes, readOnUpdate } from './column-attributes.ts'
import { charsetOf, isTextType, printType, readColumnType } from './column-type.ts'
import type { Check, Column, Index, IndexPart, IndexReading, Table, TableForeignKey } from './table.ts'

/** What one definition of a table, in a CREATE TABLE or after ADD, creates: a column may add its own keys. */
export type ReadParts = Pick<Table, 'columns' | 'indexes' | 'foreignKeys' | 'checks'>

export function joinParts(parts: readonly ReadParts[]): ReadParts {
  return {
    columns: parts.flatMap(({ columns }) => columns),
    indexes: parts.flatMap(({ indexes }) => indexes),
    foreignKeys: parts.flatMap(({ foreignKeys }) => foreignKeys),
    checks: parts.flatMap(({ checks }) => checks),
  }
}

export const nothing: ReadParts = { columns: [], indexes: [], foreignKeys: [], checks: [] }

/** Words that begin an index or a constraint. A column with such a name is quoted. */
const keyWords = ['PRIMARY', 'UNIQUE', 'KEY', 'INDEX', 'FULLTEXT', 'SPATIAL', 'FOREIGN', 'CHECK', 'CONSTRAINT'] as const

/**
 * Reads one definition: a column, an index or a constraint.
 * @param inherited the table's collation, or its character set, for columns that name none
 */
export function readPart(part: Clause, inherited: string | null): ReadParts {
  if (isWord(part[0], ...keyWords)) return readKey(part)
  const [name] = part
  if (!isName(name)) return nothing
  return readColumn(name.text, part.slice(1), inherited)
}

/** Reads a column and the keys that its definition adds. */
export function readColumn(name: string, definition: Clause, inherited: string | null): ReadParts {
  const written = readColumnType(definition)
  const isText = written !== null && isTextType(written)
  const words = outerWords(definition)
  const collate = words.get('COLLATE')
  const named = collate === undefined ? null : (definition[collate + 1]?.text.toLowerCase() ?? null)
  const collation = isText ? (named ?? written.charset ?? inherited) : null
  const charset = isText ? (written.charset ?? charsetOf(inherited)) : (written?.charset ?? null)
  const type = written === null ? null : { ...written, charset }
  const column: Column = {
    name,
    text: null,
    type: type === null ? '' : printType(type),
    nullable: type?.nullable ?? true,
    collation,
    ...readColumnAttributes(definition, null, words),
    read: { type, onUpdate: readOnUpdate(definition, words), tokens: definition },
  }
  const index = { text: null, columns: [name], unique: true }
  const read = { parts: [{ column: name, length: null, descending: false }], visible: true }
  const isPrimary = words.has('PRIMARY') || (words.has('KEY') && findBareKey(definition))
  const isUnique = words.has('UNIQUE') || isWord(definition[0], 'SERIAL')
  const check = words.get('CHECK')
  return {
    columns: [column],
    indexes: [
      ...(isPrimary ? [{ ...index, name: 'PRIMARY', read: { ...read, kind: 'PRIMARY' as const } }] : []),
      ...(isUnique ? [{ ...index, name: '', read: { ...read, kind: 'UNIQUE' as const } }] : []),
    ],
    // Since 9.0 a REFERENCES of a column creates a key; before, the server ignored it.
    foreignKeys: words.has('REFERENCES') ? [readReference(definition, [name], null)] : [],
    checks: check === undefined ? [] : [readCheck(definition.slice(check), null)],
  }
}

function readCheck(check: Clause, name: string | null): Check {
  return { name, text: null, read: { names: readNames(check) } }
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
  if (isWord(key[0], 'CHECK')) return { ...nothing, checks: [readCheck(key, constraint)] }
  if (isWord(key[0], 'FOREIGN')) return { ...nothing, foreignKeys: [readForeignKey(key, constraint)] }
  return { ...nothing, indexes: [readIndex(key, constraint)] }
}

/** `FOREIGN KEY (a) REFERENCES p (b)` */
export function readForeignKey(key: Clause, name: string | null): TableForeignKey {
  const columns = readIndexParts(key.slice(0, findWords(key, 'REFERENCES'))).flatMap(({ column }) => column ?? [])
  return readReference(key, columns, name)
}

/** `PRIMARY KEY (a)`, `UNIQUE KEY name (a, b(10) DESC)`, `FULLTEXT INDEX name (a)`, `INDEX (a)`. */
export function readIndex(key: Clause, constraint: string | null, source: string | null = null): Index {
  const kind = readKind(key[0])
  const open = key.findIndex((token) => isMark(token, '('))
  const words = key.slice(1, open < 0 ? key.length : open).filter((token) => !isWord(token, 'KEY', 'INDEX'))
  const using = words.findIndex((token) => isWord(token, 'USING'))
  const name = (using < 0 ? words : words.slice(0, using)).find(isName)?.text ?? constraint ?? ''
  return {
    name: kind === 'PRIMARY' ? 'PRIMARY' : name,
    text: null,
    columns: listParts(key).map((part) => (isName(part[0]) ? part[0].text : printTokens(part, source))),
    unique: kind === 'PRIMARY' || kind === 'UNIQUE',
    read: { kind, parts: readIndexParts(key), visible: findWords(key, 'INVISIBLE') < 0 },
  }
}

function readKind(token: Token | undefined): IndexReading['kind'] {
  const word = token?.text.toUpperCase()
  if (word === 'PRIMARY' || word === 'UNIQUE' || word === 'FULLTEXT' || word === 'SPATIAL') return word
  return 'INDEX'
}

/** The parts in the first parentheses. */
export function readIndexParts(key: Clause): readonly IndexPart[] {
  return listParts(key).map((part) => ({
    column: isName(part[0]) ? part[0].text : null,
    length: isName(part[0]) && isMark(part[1], '(') ? Number(part[2]?.text) : null,
    descending: isWord(part.at(-1), 'DESC'),
  }))
}

function listParts(key: Clause): readonly Clause[] {
  const open = key.findIndex((token) => isMark(token, '('))
  return open < 0 ? [] : splitAtCommas(inParentheses(key, open))
}

function readReference(key: Clause, columns: readonly string[], name: string | null): TableForeignKey {
  const word = findWords(key, 'REFERENCES')
  const end = skipName(key, word + 1)
  const isQualified = end - word > 2
  const first = key[word + 1]?.text ?? ''
  const after = key.slice(end)
  const schema = isQualified ? first : null
  const parent = isQualified ? (key[end - 1]?.text ?? '') : first
  return {
    name,
    text: null,
    columns,
    parentDatabase: /^\{\{schema:(.+)\}\}$/.exec(schema ?? '')?.[1] ?? schema,
    parent,
    parentColumns: isMark(after[0], '(') ? readIndexParts(after).flatMap(({ column }) => column ?? []) : [],
    read: {
      parent: { schema, name: parent },
      onDelete: readAction(after, 'DELETE'),
      onUpdate: readAction(after, 'UPDATE'),
    },
  }
}

function readAction(after: Clause, event: 'DELETE' | 'UPDATE'): string | null {
  const at = after.findIndex((_, index) => hasWords(after, index, 'ON', event))
  if (at < 0) return null
  const [one, two] = [after[at + 2], after[at + 3]]
  return isWord(one, 'SET', 'NO') ? `${one?.text} ${two?.text}`.toUpperCase() : (one?.text.toUpperCase() ?? null)
}

/** The names in the first parentheses of a check. */
function readNames(check: Clause): readonly string[] {
  const open = check.findIndex((token) => isMark(token, '('))
  return inParentheses(check, open).flatMap((token) => (isName(token) ? [token.text] : []))
}
