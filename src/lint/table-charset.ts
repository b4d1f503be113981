import { type Clause, hasWords, isMark, isWord } from '../sql/clauses.ts'
import { type ColumnType, canonicalCharset } from '../sql/column-type.ts'
import type { PresentTable } from '../sql/table-state.ts'

/** The character sets that an ALTER TABLE gives to its table; null where it changes none, or where nobody knows which. */
export interface CharsetChange {
  /** CONVERT TO: every text column gets it, whatever else the statement says of the column (measured on 8.0.12 and 9.7). */
  readonly converted: string | null
  /** What columns get that name none: the new default, wherever in the statement it stands. */
  readonly byDefault: string | null
}

export function readCharsetChange(clauses: readonly Clause[], table: PresentTable | null): CharsetChange {
  const convert = clauses.find((clause) => hasWords(clause, 0, 'CONVERT', 'TO'))
  const converted = convert === undefined ? null : readCharset(convert.slice(2), table)
  const option = clauses.map((clause) => (clause === convert ? null : readCharset(clause, table)))
  const byDefault = converted ?? option.findLast((charset) => charset !== null) ?? table?.charset ?? null
  return { converted, byDefault: byDefault === null ? null : canonicalCharset(byDefault) }
}

/** `[DEFAULT] CHARACTER SET [=] x`, `CHARSET x` or `COLLATE x` as an option of the table, also behind other options. */
function readCharset(clause: Clause, table: PresentTable | null): string | null {
  if (isWord(clause[0], ...notOptions)) return null
  const at = clause.findIndex((_, index) => isCharsetOption(clause, index))
  if (at < 0) return readCollation(clause)
  const start = isWord(clause[at], 'CHARSET') ? at + 1 : at + 2
  const value = clause[isMark(clause[start], '=') ? start + 1 : start]
  if (value === undefined) return null
  return isWord(value, 'DEFAULT') ? (table?.schemaCharset ?? null) : canonicalCharset(value.text)
}

/** What `ALTER DATABASE ... CHARACTER SET x` names; null where it names none. */
export function readDatabaseCharset(tokens: Clause): string | null {
  return readCharset(tokens.slice(2), null)
}

function isCharsetOption(clause: Clause, at: number): boolean {
  if (isMark(clause[at - 1], '=')) return false
  return isWord(clause[at], 'CHARSET') || (isWord(clause[at], 'CHARACTER', 'CHAR') && isWord(clause[at + 1], 'SET'))
}

function readCollation(clause: Clause): string | null {
  const at = clause.findIndex((token) => isWord(token, 'COLLATE'))
  const value = at < 0 ? undefined : clause[isMark(clause[at + 1], '=') ? at + 2 : at + 1]
  return value === undefined ? null : canonicalCharset(value.text.split('_')[0] ?? '')
}

/** Clauses of an ALTER TABLE that may name a character set of something else than the table. */
const notOptions = ['ADD', 'MODIFY', 'CHANGE', 'ALTER', 'DROP', 'RENAME', 'ORDER', 'PARTITION', 'REORGANIZE'] as const

/** The character set that a column has afterwards; null for types without one, and where nobody knows. */
export function charsetAfter(type: ColumnType, change: CharsetChange): string | null {
  if (!hasCharset(type.base)) return null
  // A column of bytes that is written as text (CHARACTER SET binary) is not converted.
  if (type.charset === 'binary') return type.charset
  return change.converted ?? type.charset ?? change.byDefault
}

const textTypes = ['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set']

function hasCharset(base: string): boolean {
  return textTypes.includes(base)
}
