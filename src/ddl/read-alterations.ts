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
  skipName,
  splitAtCommas,
} from '../sql/clauses.ts'
import { joinParts, type ReadParts, readIndex, readPart } from './read-definition.ts'
import { nameIndexes } from './read-table.ts'
import type { Index } from './table.ts'

/** `MODIFY [COLUMN] name definition` and `CHANGE [COLUMN] name name definition`; null for any other clause. */
export function readColumnDefinition(
  clause: Clause,
): { readonly column: string; readonly renamed: string; readonly definition: Clause } | null {
  if (!isWord(clause[0], 'MODIFY', 'CHANGE')) return null
  const at = isWord(clause[1], 'COLUMN') ? 2 : 1
  const next = isWord(clause[0], 'CHANGE') ? at + 1 : at
  const [column, renamed] = [clause[at], clause[next]]
  if (column === undefined || renamed === undefined) return null
  return { column: column.text, renamed: renamed.text, definition: clause.slice(next + 1) }
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
  return listAdded(clause).flatMap((part) => {
    const [name] = part
    return isName(name) && !isWord(name, ...otherAdditions) ? [[name.text, part.slice(1)] as const] : []
  })
}

/** What `ADD ...` defines: columns, indexes, foreign keys and checks. */
export function listAdded(clause: Clause): readonly Clause[] {
  if (!isWord(clause[0], 'ADD') || isWord(clause[1], 'PARTITION')) return []
  const rest = clause.slice(isWord(clause[1], 'COLUMN') ? 2 : 1)
  return isMark(rest[0], '(') ? splitAtCommas(rest.slice(1, -1)) : [rest]
}

/** What `ADD ...` adds. @param inherited the table's collation or character set, for columns that name none */
export function readAddedParts(clause: Clause, inherited: string | null): readonly ReadParts[] {
  return listAdded(clause).map((part) => readPart(part, inherited))
}

/** The indexes, foreign keys and checks that an ALTER TABLE or CREATE INDEX adds separately, not with a column. */
export function readAddedKeys(tokens: Clause): Omit<ReadParts, 'columns'> {
  if (isIndexStatement(tokens)) {
    const indexes = isWord(tokens[0], 'CREATE') ? [readCreatedIndex(tokens)] : []
    return { indexes, foreignKeys: [], checks: [] }
  }
  const parts = readAlterations(tokens).flatMap((clause) => readAddedParts(clause, null))
  const { indexes, ...others } = joinParts(parts.filter(({ columns }) => columns.length === 0))
  return { indexes: nameIndexes(indexes, []), ...others }
}

/** `CREATE [UNIQUE | FULLTEXT | SPATIAL] INDEX name ON table (a, b)`. */
export function readCreatedIndex(tokens: Clause): Index {
  const isKind = isWord(tokens[1], 'UNIQUE', 'FULLTEXT', 'SPATIAL')
  const on = findWords(tokens, 'ON')
  const key = [...tokens.slice(1, isKind ? 2 : 1), ...tokens.slice(skipName(tokens, on + 1))]
  return { ...readIndex(key, null), name: tokens[indexNameAt(tokens)]?.text ?? '' }
}

/** Words after DROP in an ALTER TABLE that do not begin a column. */
const otherParts = ['INDEX', 'KEY', 'PRIMARY', 'FOREIGN', 'CONSTRAINT', 'CHECK', 'PARTITION'] as const

/** The column of `DROP [COLUMN] name`; null for any other clause. */
export function readDroppedColumn(clause: Clause): string | null {
  if (!isWord(clause[0], 'DROP') || isWord(clause[1], ...otherParts)) return null
  const name = isWord(clause[1], 'COLUMN') ? clause[2] : clause[1]
  return name?.text ?? null
}

/** A key that is dropped by name; `CONSTRAINT` where the statement does not name the kind. */
export interface DroppedKey {
  readonly kind: 'PRIMARY' | 'INDEX' | 'FOREIGN KEY' | 'CHECK' | 'CONSTRAINT'
  readonly name: string
}

export function readDroppedKeys(tokens: Clause): readonly DroppedKey[] {
  if (isIndexStatement(tokens) && isWord(tokens[0], 'DROP'))
    return [{ kind: 'INDEX', name: tokens[indexNameAt(tokens)]?.text ?? '' }]
  return readAlterations(tokens).flatMap((clause) => readDroppedKey(clause) ?? [])
}

/** The key that `DROP ...` drops; null for any other clause. */
export function readDroppedKey(clause: Clause): DroppedKey | null {
  if (!isWord(clause[0], 'DROP')) return null
  if (hasWords(clause, 1, 'PRIMARY', 'KEY')) return { kind: 'PRIMARY', name: 'PRIMARY' }
  const name = clause.at(-1)?.text ?? ''
  if (hasWords(clause, 1, 'FOREIGN', 'KEY')) return { kind: 'FOREIGN KEY', name }
  if (isWord(clause[1], 'INDEX', 'KEY')) return { kind: 'INDEX', name: clause[2]?.text ?? '' }
  if (isWord(clause[1], 'CONSTRAINT')) return { kind: 'CONSTRAINT', name }
  return isWord(clause[1], 'CHECK') ? { kind: 'CHECK', name } : null
}

/** New names of columns by the old ones in lower case, of RENAME COLUMN and CHANGE. */
export function readNewNames(clauses: readonly Clause[]): ReadonlyMap<string, string> {
  return new Map(
    clauses.flatMap((clause): readonly (readonly [string, string])[] => {
      const changed = readColumnDefinition(clause)
      if (changed !== null) return [[changed.column.toLowerCase(), changed.renamed]]
      if (!hasWords(clause, 0, 'RENAME', 'COLUMN')) return []
      const [from, to] = [clause[2], clause[4]]
      return from === undefined || to === undefined ? [] : [[from.text.toLowerCase(), to.text]]
    }),
  )
}
