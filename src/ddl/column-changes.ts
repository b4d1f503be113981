import { type Clause, hasWords, readAlterations } from '../sql/clauses.ts'
import type { Statement } from '../sql/statement.ts'
import type { Token } from '../sql/tokens.ts'
import { changeOptions } from './alter-table.ts'
import { readColumnAttributes, readOnUpdate } from './column-attributes.ts'
import { type ColumnType, isTextType, readColumnType } from './column-type.ts'
import { readColumnDefinition } from './read-alterations.ts'
import { changesOnUpdate, primaryKeyOf, typeOf } from './read-parts.ts'
import { findPresentTable, isOwnColumn, nothingKnown, type Schema } from './schema.ts'
import { type ColumnAttributes, type ColumnReading, findKnownColumn, type Table } from './table.ts'

/** The character sets that an ALTER TABLE sets for its table; null where it changes none, or where they are unknown. */
export interface CharsetChange {
  /**
   * CONVERT TO: every text column gets it, including a column that the same statement redefines (measured on 8.0.12 and
   * 9.7).
   */
  readonly converted: string | null
  /** The character set of columns that name none: the new default, at any position in the statement. */
  readonly byDefault: string | null
}

export function readCharsetChange(clauses: readonly Clause[], table: Table | null): CharsetChange {
  const byDefault = changeOptions(table ?? noOptions, clauses)['CHARSET'] ?? null
  const isConverted = clauses.some((clause) => hasWords(clause, 0, 'CONVERT', 'TO'))
  return { converted: isConverted ? byDefault : null, byDefault }
}

const noOptions: Pick<Table, 'options'> = { options: {} }

/** The character set of a column after the statement; null for types without one, and where it is unknown. */
export function charsetAfter(type: ColumnType, change: CharsetChange): string | null {
  if (!isTextType(type)) return null
  // A binary column that is declared as text (CHARACTER SET binary) is not converted.
  if (type.charset === 'binary') return type.charset
  return change.converted ?? type.charset ?? change.byDefault
}

type ChangedAttributes = ColumnAttributes & Pick<ColumnReading, 'onUpdate'>

/** A column that MODIFY or CHANGE redefines. */
export interface ColumnChange {
  readonly column: string
  /** Its name after the statement. */
  readonly renamed: string
  /** Null where the current definition is unknown. */
  readonly before: ColumnType | null
  /** Null where only the current type is known. */
  readonly attributesBefore: ChangedAttributes | null
  /** With the inherited character set, where the definition names none and the inherited one is known. */
  readonly after: ColumnType
  readonly attributes: ChangedAttributes
  /** Whether it was already part of the primary key, and so NOT NULL in any case. */
  readonly primary: boolean
  /** True for a column that the plan itself adds: it contains no data from before the run. */
  readonly made: boolean
  readonly clause: Clause
}

/** The columns that an ALTER TABLE redefines, with their current definitions where these are known. */
export function readColumnChanges(
  tokens: readonly Token[],
  statement: Statement,
  tables: Schema | undefined,
): readonly ColumnChange[] {
  const table = findPresentTable(statement, tables)
  const clauses = readAlterations(tokens)
  const charsets = readCharsetChange(clauses, table)
  const primary = (table === null ? undefined : primaryKeyOf(table))?.columns.map((name) => name.toLowerCase()) ?? []
  const named = statement.objects[0]
  const isOwn = (column: string): boolean => named !== undefined && isOwnColumn(tables ?? nothingKnown, named, column)
  return clauses.flatMap((clause) => {
    const written = readColumnDefinition(clause)
    const type = written === null ? null : readColumnType(written.definition)
    if (written === null || type === null) return []
    const before = table === null ? null : findKnownColumn(table, written.column)
    return [
      {
        column: written.column,
        renamed: written.renamed,
        before: typeOf(before),
        attributesBefore: before === null ? null : { ...before, onUpdate: changesOnUpdate(before) },
        after: { ...type, charset: charsetAfter(type, charsets) },
        attributes: { ...readColumnAttributes(written.definition), onUpdate: readOnUpdate(written.definition) },
        primary: before !== null && primary.includes(before.name.toLowerCase()),
        made: isOwn(written.column),
        clause,
      },
    ]
  })
}
