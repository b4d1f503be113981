import type { Clause } from '../sql/clauses.ts'
import type { ObjectName } from '../sql/statement.ts'
import type { ColumnType } from './column-type.ts'
import type { ColumnAttributes } from './table-state.ts'

/** A column as the files define it. */
export interface Column {
  readonly name: string
  /** Null where the type cannot be read. Its character set is the one that the column gets, where that is known. */
  readonly type: ColumnType | null
  /** The written collation in lower case; null where it inherits one. */
  readonly collation: string | null
  readonly attributes: ColumnAttributes
  /** The tokens of its definition, from the type on. Their offsets are those of the statement that defined it. */
  readonly definition: Clause
}

/** A part of an index: a column, or an expression. */
export interface IndexPart {
  /** Null for an expression. */
  readonly column: string | null
  /** Of a prefix, in characters; null for the whole column. */
  readonly length: number | null
  readonly descending: boolean
}

export interface Index {
  /** `PRIMARY` is the primary key's. */
  readonly name: string
  readonly kind: 'PRIMARY' | 'UNIQUE' | 'INDEX' | 'FULLTEXT' | 'SPATIAL'
  readonly parts: readonly IndexPart[]
  readonly visible: boolean
}

export interface TableForeignKey {
  /** Null where the server generates the name. */
  readonly name: string | null
  readonly columns: readonly string[]
  readonly parent: Pick<ObjectName, 'schema' | 'name'>
  /** Empty where none are written. */
  readonly parentColumns: readonly string[]
  /** `CASCADE`, `SET NULL`, ...; null where it is not written. */
  readonly onDelete: string | null
  readonly onUpdate: string | null
}

export interface Check {
  /** Null where the server generates one. */
  readonly name: string | null
  /** The names in its expression: columns, and functions. */
  readonly names: readonly string[]
}

/** A table as the files define it. */
export interface Table {
  readonly name: string
  readonly columns: readonly Column[]
  readonly indexes: readonly Index[]
  readonly foreignKeys: readonly TableForeignKey[]
  readonly checks: readonly Check[]
  /** By name in capitals (`ENGINE`, `CHARSET`, `COLLATE`, `ROW_FORMAT`, `COMMENT`, ...), as written; a character set in lower case. */
  readonly options: ReadonlyMap<string, string>
  /** The columns of the partitioning expression; null without partitions. */
  readonly partitionedBy: readonly string[] | null
  /**
   * False where it may have more than this: it was made from a query or like a table that is not known. Then a missing column proves
   * nothing.
   */
  readonly complete: boolean
  /** The statement that made it. */
  readonly at: { readonly file: string; readonly line: number }
}

/**
 * What the files say of one logical database, before a statement:
 * - a `Table`
 * - `view`     a view has this name
 * - `absent`   the files dropped or renamed it, or never made it and they make all tables of the database
 * - `unknown`  it was not made by a file that could be read
 */
export type SchemaObject =
  | { readonly type: 'table'; readonly table: Table }
  | { readonly type: 'view' }
  | { readonly type: 'absent' }
  | { readonly type: 'unknown' }

export interface Schema {
  /** The logical database. */
  readonly database: string
  /** A name without a schema, or with this database's placeholder, is looked up here; any other is `unknown`. */
  readonly find: (name: Pick<ObjectName, 'schema' | 'name'>) => SchemaObject
  /** Tables by name in lower case. */
  readonly tables: ReadonlyMap<string, Table>
}

/** A column by its name, without regard to case. */
export function findKnownColumn(table: Table, name: string): Column | null {
  const wanted = name.toLowerCase()
  return table.columns.find((column) => column.name.toLowerCase() === wanted) ?? null
}
