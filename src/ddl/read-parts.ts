import { tokenize } from '../sql/tokens.ts'
import type { ColumnType } from './column-type.ts'
import { readPart } from './read-definition.ts'
import { readPartitionColumns } from './read-options.ts'
import type {
  Check,
  Column,
  ColumnReading,
  Index,
  IndexPart,
  IndexReading,
  ReferenceReading,
  Table,
  TableForeignKey,
} from './table.ts'

/** The parsed texts of parts, parsed on demand: most tables are never read. */
const readings = new WeakMap<object, unknown>()

/** What a part of a table says: as a statement wrote it, or read once from the server's text. */
function readingOf<Reading>(
  part: { readonly text: string | null; readonly read?: Reading },
  inherited: string | null,
  choose: (parts: ReturnType<typeof readPart>) => { readonly read?: Reading } | undefined,
): Reading {
  const known = part.read ?? (readings.get(part) as Reading | undefined)
  if (known !== undefined) return known
  const read = choose(readPart(tokenize(part.text ?? ''), inherited))?.read
  if (read === undefined) throw new Error(`${part.text} is no part of a table`)
  readings.set(part, read)
  return read
}

const readColumn = (column: Column): ColumnReading =>
  readingOf<ColumnReading>(column, column.collation, ({ columns: [one] }) => one)

const readIndex = (index: Index): IndexReading => readingOf<IndexReading>(index, null, ({ indexes: [one] }) => one)

/** Null where the type cannot be read, and where there is no column. */
export function typeOf(column: Column | null): ColumnType | null {
  return column === null ? null : readColumn(column).type
}

/** The tokens of the definition of a column, from its type on. The same value as long as no statement defines it again. */
export function tokensOf(column: Column): ColumnReading['tokens'] {
  return readColumn(column).tokens
}

/** `ON UPDATE CURRENT_TIMESTAMP` */
export function changesOnUpdate(column: Column): boolean {
  return readColumn(column).onUpdate
}

export function kindOf(index: Index): IndexReading['kind'] {
  return readIndex(index).kind
}

export function partsOf(index: Index): readonly IndexPart[] {
  return readIndex(index).parts
}

export function isVisible(index: Index): boolean {
  return readIndex(index).visible
}

/** What a foreign key references, and with which rules. */
export function referenceOf(key: TableForeignKey): ReferenceReading {
  return readingOf<ReferenceReading>(key, null, ({ foreignKeys: [one] }) => one)
}

/** The names in the expression of a check: columns, and functions; null where it was not read. */
export function namesOf(check: Check): readonly string[] | null {
  return readingOf(check, null, ({ checks: [one] }) => one).names
}

/** The columns of the partitioning expression; null without partitions. */
export function partitionColumns({ partitioning }: Pick<Table, 'partitioning'>): readonly string[] | null {
  return partitioning === null ? null : readPartitionColumns(tokenize(partitioning))
}

/** The columns of an index in order; empty names are expressions. */
export function indexColumns(index: Index): readonly string[] {
  return partsOf(index).map(({ column }) => column ?? '')
}

/**
 * Whether an index begins with these columns, whole and in this order: then it supports a foreign key, and can find rows by them.
 */
export function beginsWith(index: Index, columns: readonly string[]): boolean {
  if (['FULLTEXT', 'SPATIAL'].includes(kindOf(index))) return false
  const parts = partsOf(index)
  return columns.every((column, at) => {
    const part = parts[at]
    return part?.length === null && part.column?.toLowerCase() === column.toLowerCase()
  })
}

export function primaryKeyOf({ indexes }: Pick<Table, 'indexes'>): Index | undefined {
  return indexes.find(({ name }) => name === 'PRIMARY')
}
