import type { Clause } from '../sql/clauses.ts'
import type { ObjectName } from '../sql/statement.ts'
import type { ColumnType } from './column-type.ts'
import type { ColumnAttributes } from './table-state.ts'

/** Where a definition stands, for a finding that names it. */
export interface DefinedAt {
  readonly file: string
  readonly line: number
}

/** A column as the files define it. */
export interface KnownColumn {
  readonly name: string
  /** Null where the type cannot be read. Its character set is the one that the column gets, where that is known. */
  readonly type: ColumnType | null
  /** The written collation in lower case; null where it inherits one. */
  readonly collation: string | null
  readonly attributes: ColumnAttributes
  /** The tokens of its definition, from the type on. Their offsets are those of the statement that defined it. */
  readonly definition: Clause
  readonly at: DefinedAt
}

/** A part of an index: a column, or an expression. */
export interface KnownPart {
  /** Null for an expression. */
  readonly column: string | null
  /** Of a prefix, in characters; null for the whole column. */
  readonly length: number | null
  readonly descending: boolean
}

export interface KnownIndex {
  /** `PRIMARY` is the primary key's. */
  readonly name: string
  readonly kind: 'PRIMARY' | 'UNIQUE' | 'INDEX' | 'FULLTEXT' | 'SPATIAL'
  readonly parts: readonly KnownPart[]
  readonly visible: boolean
  readonly at: DefinedAt
}

export interface KnownForeignKey {
  /** Null where the server generates the name. */
  readonly name: string | null
  readonly columns: readonly string[]
  readonly parent: Pick<ObjectName, 'schema' | 'name'>
  /** Empty where none are written. */
  readonly parentColumns: readonly string[]
  /** `CASCADE`, `SET NULL`, ...; null where it is not written. */
  readonly onDelete: string | null
  readonly onUpdate: string | null
  readonly at: DefinedAt
}

/** A table as the files define it. */
export interface KnownTable {
  readonly name: string
  readonly columns: readonly KnownColumn[]
  readonly indexes: readonly KnownIndex[]
  readonly foreignKeys: readonly KnownForeignKey[]
  /** Names of checks; null where the server generates one. */
  readonly checks: readonly (string | null)[]
  /** By name in capitals (`ENGINE`, `CHARSET`, `COLLATE`, `ROW_FORMAT`, `COMMENT`, ...), as written; a character set in lower case. */
  readonly options: ReadonlyMap<string, string>
  /** The columns of the partitioning expression; null without partitions. */
  readonly partitionedBy: readonly string[] | null
  /**
   * False where it may have more than this: it was made from a query or like a table that is not known. Then a missing column proves
   * nothing.
   */
  readonly complete: boolean
  readonly at: DefinedAt
}

/**
 * What the files say of one logical database, before a statement:
 * - a `KnownTable`
 * - `view`     a view has this name
 * - `absent`   the files dropped or renamed it, or never made it and they make all tables of the database
 * - `unknown`  it was not made by a file that could be read
 */
export type KnownObject =
  | { readonly type: 'table'; readonly table: KnownTable }
  | { readonly type: 'view' }
  | { readonly type: 'absent' }
  | { readonly type: 'unknown' }

export interface KnownSchema {
  /** The logical database. */
  readonly database: string
  /** A name without a schema, or with this database's placeholder, is looked up here; any other is `unknown`. */
  readonly find: (name: Pick<ObjectName, 'schema' | 'name'>) => KnownObject
  /** Tables by name in lower case. */
  readonly tables: ReadonlyMap<string, KnownTable>
}

/** A column by its name, without regard to case. */
export function findKnownColumn(table: KnownTable, name: string): KnownColumn | null {
  const wanted = name.toLowerCase()
  return table.columns.find((column) => column.name.toLowerCase() === wanted) ?? null
}
