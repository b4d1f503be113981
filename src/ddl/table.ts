import type { Clause } from '../sql/clauses.ts'
import type { ObjectName } from '../sql/statement.ts'
import type { ColumnType } from './column-type.ts'
import type { ColumnSnapshot, ForeignKeySnapshot, TableSnapshot } from './snapshot.ts'

/** What a column's definition says besides its type: MODIFY and CHANGE drop attributes that they do not repeat. */
export type ColumnAttributes = Pick<ColumnSnapshot, 'default' | 'generated' | 'autoIncrement' | 'comment'>

/** What the tokens of a column's definition say beyond that. */
export interface ColumnReading {
  /** Null where the type cannot be read. Its character set is the column's effective one, where that is known. */
  readonly type: ColumnType | null
  readonly onUpdate: boolean
  /**
   * From the type on; for a column that the server described, only the tokens of its type. Their offsets are those of the defining
   * statement.
   */
  readonly tokens: Clause
}

/**
 * A part of a table: a column, an index, a foreign key or a check. A part that a server printed has its text, which is parsed when it is needed
 * (`read-parts.ts`); a part that a statement defines or changes has a reading instead, because the server's text of it is unknown.
 */
interface Part<Reading> {
  /** The whole element, name included, in normal form; null where no server printed it. */
  readonly text: string | null
  /** Absent where it is in the text. */
  readonly read?: Reading
}

/**
 * A column, as a file or the server defines it. The name of a character set as the collation means its default collation; null where it is unknown.
 */
export interface Column extends Omit<ColumnSnapshot, 'text'>, Part<ColumnReading> {}

/** A part of an index: a column, or an expression. */
export interface IndexPart {
  /** Null for an expression. */
  readonly column: string | null
  /** The length of a prefix, in characters; null for the whole column. */
  readonly length: number | null
  readonly descending: boolean
}

export interface IndexReading {
  readonly kind: 'PRIMARY' | 'UNIQUE' | 'INDEX' | 'FULLTEXT' | 'SPATIAL'
  readonly parts: readonly IndexPart[]
  readonly visible: boolean
}

export interface Index extends Omit<TableSnapshot['indexes'][number], 'text'>, Part<IndexReading> {
  /** True where an earlier statement of the same plan adds it. */
  readonly made?: true
}

export interface ReferenceReading {
  /** As the text names it: its schema may be a placeholder. The name is empty where it was not read. */
  readonly parent: Pick<ObjectName, 'schema' | 'name'>
  /** `CASCADE`, `SET NULL`, ...; null where it is not written. */
  readonly onDelete: string | null
  readonly onUpdate: string | null
}

/**
 * A foreign key. Its columns, and the name of its parent, are empty where they were not read; the parent's columns are also empty where none are
 * written.
 */
export interface TableForeignKey extends Omit<ForeignKeySnapshot, 'name' | 'text'>, Part<ReferenceReading> {
  /** Null where the server generates the name. */
  readonly name: string | null
  /** True where an earlier statement of the same plan adds it. */
  readonly made?: true
}

export interface Check extends Part<CheckReading> {
  /** Null where the server generates one. */
  readonly name: string | null
  /** True where an earlier statement of the same plan adds it. */
  readonly made?: true
}

/** The names in its expression: columns, and functions; null where it was not read. */
interface CheckReading {
  readonly names: readonly string[] | null
}

/** A foreign key with CASCADE or SET NULL that references a table. */
export interface Cascade {
  /** Its name; absent where it was not read. */
  readonly name?: string
  /** The table that has it. */
  readonly table: Pick<ObjectName, 'schema' | 'name'>
  readonly columns: readonly string[]
  /** The columns that they reference, in the same order. */
  readonly referenced: readonly string[]
  readonly rule: 'CASCADE' | 'SET NULL'
  /** The key through which the referenced rows change; absent where a statement changes them directly. */
  readonly behind?: Cascade
}

/** A table, as the files define it or the server describes it. */
export interface Table extends Pick<TableSnapshot, 'name' | 'options' | 'partitioning'> {
  /** In the order of the table. */
  readonly columns: readonly Column[]
  readonly indexes: readonly Index[]
  readonly foreignKeys: readonly TableForeignKey[]
  readonly checks: readonly Check[]
  /** True where it may have more columns: it was created from a query or like an unknown table. Then a missing column proves nothing. */
  readonly partial?: true
  /** The statement that created it; absent for a table that the server described. */
  readonly at?: { readonly file: string; readonly line: number }
  /** InnoDB's estimates; absent where no server was asked: then a table counts as large. */
  readonly rows?: number
  readonly bytes?: number
  /** The character set of its schema, for CHARACTER SET DEFAULT; absent where it is not known. */
  readonly schemaCharset?: string | null
  /**
   * The foreign keys of other tables through which their rows are deleted or changed when rows of this one are deleted; absent where they
   * were not read.
   */
  readonly cascades?: readonly Cascade[]
  /** The foreign keys through which rows of other tables change with columns of this one. */
  readonly updates?: readonly Cascade[]
}

/** A column by its name, without regard to case. */
export function findKnownColumn({ columns }: Pick<Table, 'columns'>, name: string): Column | null {
  const wanted = name.toLowerCase()
  return columns.find((column) => column.name.toLowerCase() === wanted) ?? null
}
