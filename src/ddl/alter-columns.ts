import { type Clause, findWords, hasWords, isName, isWord } from '../sql/clauses.ts'
import { bytesOfCharacter } from './charset-width.ts'
import { readColumnAttributes } from './column-attributes.ts'
import { charsetOf, isTextType, printType } from './column-type.ts'
import { readAdded, readColumnDefinition, readDroppedColumn, readNewNames } from './read-alterations.ts'
import { type ReadParts, readColumn } from './read-definition.ts'
import { typeOf } from './read-parts.ts'
import { withReading } from './read-table.ts'
import type { Column } from './table.ts'

/** A column that a clause defines. */
interface WrittenColumn {
  /** Its name before the statement in lower case; null for an added column. */
  readonly before: string | null
  readonly parts: ReadParts
  /** `FIRST`, the column that it comes after, or null: it keeps its place, or comes last. */
  readonly place: 'FIRST' | { readonly after: string } | null
}

/**
 * The columns after an ALTER TABLE, in their order, with the keys that MODIFY and CHANGE add. All clauses use the names before the
 * statement, except for AFTER, which uses those after it: as the server's `prepare_fields_and_keys` does.
 */
export function alterColumns(
  columns: readonly Column[],
  clauses: readonly Clause[],
  inherited: string | null,
): { readonly columns: readonly Column[]; readonly parts: readonly ReadParts[] } {
  const dropped = new Set(clauses.flatMap((clause) => readDroppedColumn(clause)?.toLowerCase() ?? []))
  const written = clauses.flatMap((clause) => readWritten(clause, inherited))
  const names = readNewNames(clauses)
  const kept = columns.flatMap((column): readonly Column[] => {
    const key = column.name.toLowerCase()
    if (dropped.has(key)) return []
    const change = written.find(({ before }) => before === key)
    if (change !== undefined) return change.place === null ? change.parts.columns : []
    const defaulted = clauses.reduce(changeDefault, column)
    const name = names.get(key)
    return [name === undefined ? defaulted : { ...withReading(defaulted), name }]
  })
  const placed = written.reduce(placeColumn, kept)
  // A column that the statement itself defines already has its type.
  const defined = new Set(written.flatMap(({ parts }) => parts.columns))
  const unwritten = new Set(placed.filter((column) => !defined.has(column)))
  const isConverted = clauses.some((clause) => hasWords(clause, 0, 'CONVERT', 'TO'))
  return {
    columns: isConverted ? placed.map((column) => convertColumn(column, inherited, unwritten.has(column))) : placed,
    parts: written
      .filter(({ before }) => before !== null)
      .map(({ parts }) => ({ ...parts, foreignKeys: [], checks: parts.checks })),
  }
}

function readWritten(clause: Clause, inherited: string | null): readonly WrittenColumn[] {
  const changed = readColumnDefinition(clause)
  if (changed !== null) {
    const { definition, place } = readPlace(changed.definition)
    return [{ before: changed.column.toLowerCase(), parts: readColumn(changed.renamed, definition, inherited), place }]
  }
  return readAdded(clause).map(([name, written]) => {
    const { definition, place } = readPlace(written)
    return { before: null, parts: readColumn(name, definition, inherited), place }
  })
}

/** The definition without `FIRST` or `AFTER name` at its end. */
function readPlace(definition: Clause): { readonly definition: Clause; readonly place: WrittenColumn['place'] } {
  const last = definition.at(-1)
  if (isWord(last, 'FIRST')) return { definition: definition.slice(0, -1), place: 'FIRST' }
  if (last === undefined || !isWord(definition.at(-2), 'AFTER')) return { definition, place: null }
  return { definition: definition.slice(0, -2), place: { after: last.text } }
}

function placeColumn(columns: readonly Column[], { before, parts, place }: WrittenColumn): readonly Column[] {
  const [column] = parts.columns
  if (column === undefined || (before !== null && place === null)) return columns
  const others = columns.filter(({ name }) => name.toLowerCase() !== column.name.toLowerCase())
  // Either a run that stopped after this statement has already added the column, or the server refuses the statement.
  if (place === null) return others.length < columns.length ? columns : [...columns, column]
  if (place === 'FIRST') return [column, ...others]
  const at = others.findIndex(({ name }) => name.toLowerCase() === place.after.toLowerCase())
  return at < 0 ? [...others, column] : [...others.slice(0, at + 1), column, ...others.slice(at + 1)]
}

/** `ALTER [COLUMN] name SET DEFAULT value` and `ALTER [COLUMN] name DROP DEFAULT`. */
function changeDefault(column: Column, clause: Clause): Column {
  if (!isWord(clause[0], 'ALTER') || isWord(clause[1], 'INDEX', 'CHECK', 'CONSTRAINT')) return column
  const at = isWord(clause[1], 'COLUMN') ? 2 : 1
  const name = clause[at]
  const set = findWords(clause, 'SET', 'DEFAULT')
  const isOther = !isName(name) || name.text.toLowerCase() !== column.name.toLowerCase()
  if (isOther || (set < 0 && findWords(clause, 'DROP', 'DEFAULT') < 0)) return column
  // The server ignores it there.
  if (column.autoIncrement || column.generated !== null) return column
  const value = set < 0 ? null : readColumnAttributes(clause.slice(set + 1)).default
  return withReading({ ...column, default: value })
}

/** A binary column that is declared as text is not converted. */
function convertColumn(column: Column, inherited: string | null, grows: boolean): Column {
  const type = typeOf(column)
  if (type === null || !isTextType(type) || type.charset === 'binary') return column
  const charset = charsetOf(inherited)
  const base = grows ? grow(type.base, bytesOfCharacter(type.charset), bytesOfCharacter(charset)) : type.base
  const converted = { ...type, base, charset, collation: null }
  return withReading({ ...column, type: printType(converted), collation: inherited }, { type: converted })
}

const sizes = ['tinytext', 'text', 'mediumtext', 'longtext']

/** CONVERT TO chooses the next larger type where the same characters need more bytes. */
function grow(base: string, before: number | null, after: number | null): string {
  const at = sizes.indexOf(base)
  return at < 0 || before === null || after === null || after <= before ? base : (sizes[at + 1] ?? base)
}
