import { type Clause, findWords, hasWords, isMark, isWord, readAlterations } from '../sql/clauses.ts'
import type { Statement } from '../sql/statement.ts'
import type { Token } from '../sql/tokens.ts'
import { type ColumnType, canonicalCharset, readColumnType, toColumnType } from './column-type.ts'
import {
  type ColumnAttributes,
  type ColumnState,
  isOwnColumn,
  type KnownTables,
  noTablesKnown,
  type PresentTable,
  stateOfTable,
} from './table-state.ts'

/** The character sets that an ALTER TABLE gives to its table; null where it changes none, or where they are not known. */
export interface CharsetChange {
  /** CONVERT TO: every text column gets it, also a column that the same statement redefines (measured on 8.0.12 and 9.7). */
  readonly converted: string | null
  /** The character set of columns that name none: the new default, at any position in the statement. */
  readonly byDefault: string | null
}

export function readCharsetChange(clauses: readonly Clause[], table: PresentTable | null): CharsetChange {
  const convert = clauses.find((clause) => hasWords(clause, 0, 'CONVERT', 'TO'))
  const converted = convert === undefined ? null : readCharset(convert.slice(2), table)
  const option = clauses.map((clause) => (clause === convert ? null : readCharset(clause, table)))
  const byDefault = converted ?? option.findLast((charset) => charset !== null) ?? table?.charset ?? null
  return { converted, byDefault: byDefault === null ? null : canonicalCharset(byDefault) }
}

/** `[DEFAULT] CHARACTER SET [=] x`, `CHARSET x` or `COLLATE x` as a table option, also after other options. */
function readCharset(clause: Clause, table: PresentTable | null): string | null {
  if (isWord(clause[0], ...notOptions)) return null
  const at = clause.findIndex((_, index) => isCharsetOption(clause, index))
  if (at < 0) return readCollation(clause)
  const start = isWord(clause[at], 'CHARSET') ? at + 1 : at + 2
  const value = clause[isMark(clause[start], '=') ? start + 1 : start]
  if (value === undefined) return null
  return isWord(value, 'DEFAULT') ? (table?.schemaCharset ?? null) : canonicalCharset(value.text)
}

/** The character set of `ALTER DATABASE ... CHARACTER SET x`; null where it names none. */
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

/** Clauses of an ALTER TABLE whose character set is not that of the table. */
const notOptions = ['ADD', 'MODIFY', 'CHANGE', 'ALTER', 'DROP', 'RENAME', 'ORDER', 'PARTITION', 'REORGANIZE'] as const

/** The character set of a column after the statement; null for types without one, and where it is not known. */
export function charsetAfter(type: ColumnType, change: CharsetChange): string | null {
  if (!hasCharset(type.base)) return null
  // A binary column that is declared as text (CHARACTER SET binary) is not converted.
  if (type.charset === 'binary') return type.charset
  return change.converted ?? type.charset ?? change.byDefault
}

const textTypes = ['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set']

function hasCharset(base: string): boolean {
  return textTypes.includes(base)
}

/** The attributes of a column's definition besides its type; `tokens` begin with the type. */
export function readColumnAttributes(tokens: Clause): ColumnAttributes {
  const serial = isWord(tokens[0], 'SERIAL') || findWords(tokens, 'SERIAL', 'DEFAULT', 'VALUE') >= 0
  return {
    generated: readGenerated(tokens),
    autoIncrement: serial || findWords(tokens, 'AUTO_INCREMENT') >= 0,
    hasDefault: hasDefault(tokens),
    onUpdate: findWords(tokens, 'ON', 'UPDATE') >= 0,
    hasComment: hasComment(tokens),
    primary: findWords(tokens, 'PRIMARY') >= 0,
  }
}

/** `[GENERATED ALWAYS] AS (expression) [VIRTUAL | STORED]`: no other part of a column's definition begins with AS. */
function readGenerated(tokens: Clause): ColumnAttributes['generated'] {
  if (findWords(tokens, 'AS') < 0) return null
  return findWords(tokens, 'STORED') >= 0 ? 'STORED' : 'VIRTUAL'
}

function hasDefault(tokens: Clause): boolean {
  const at = findWords(tokens, 'DEFAULT')
  return at >= 0 && !isWord(tokens[at - 1], 'SERIAL') && !isWord(tokens[at + 1], 'NULL')
}

function hasComment(tokens: Clause): boolean {
  const at = findWords(tokens, 'COMMENT')
  return at >= 0 && (tokens[at + 1]?.text ?? '') !== ''
}

/** A column that MODIFY or CHANGE redefines. */
export interface ColumnChange {
  readonly column: string
  /** Its name after the statement. */
  readonly renamed: string
  /** Null where the present definition is not known. */
  readonly before: ColumnType | null
  /** Null where only the present type is known. */
  readonly attributesBefore: ColumnAttributes | null
  /** Where the definition names no character set, with the one that the column inherits, where that is known. */
  readonly after: ColumnType
  readonly attributes: ColumnAttributes
  /** True for a column that the plan itself adds: it contains no data from before the run. */
  readonly made: boolean
  readonly clause: Clause
}

/** The columns that an ALTER TABLE redefines, with their present definitions where these are known. */
export function readColumnChanges(
  tokens: readonly Token[],
  statement: Statement,
  tables: KnownTables | undefined,
): readonly ColumnChange[] {
  const table = findPresentTable(statement, tables)
  const clauses = readAlterations(tokens)
  const charsets = readCharsetChange(clauses, table)
  const named = statement.objects[0]
  const isOwn = (column: string): boolean => named !== undefined && isOwnColumn(tables ?? noTablesKnown, named, column)
  return clauses.flatMap((clause) => {
    const written = readColumnDefinition(clause)
    const type = written === null ? null : readColumnType(written.definition)
    if (written === null || type === null) return []
    const state = findColumn(table, written.column)
    return [
      {
        column: written.column,
        renamed: written.renamed,
        before: state === null ? null : toColumnType(state),
        attributesBefore: state?.attributes ?? null,
        after: { ...type, charset: charsetAfter(type, charsets) },
        attributes: readColumnAttributes(written.definition),
        made: isOwn(written.column),
        clause,
      },
    ]
  })
}

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

/** The first table of a statement, if it is known to exist. */
export function findPresentTable(statement: Statement, tables: KnownTables | undefined): PresentTable | null {
  const table = statement.objects[0]
  const state = table === undefined ? null : stateOfTable(tables ?? noTablesKnown, table)
  return state?.type === 'present' ? state : null
}

export function findColumn(table: Pick<PresentTable, 'columns'> | null, name: string): ColumnState | null {
  return table?.columns.find((each) => each.name.toLowerCase() === name.toLowerCase()) ?? null
}
