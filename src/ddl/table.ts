import type { Clause } from '../sql/clauses.ts'
import type { ObjectName } from '../sql/statement.ts'
import type { ColumnType } from './column-type.ts'

/** The attributes that MODIFY and CHANGE drop unless they repeat them. */
export interface ColumnAttributes {
  readonly generated: 'STORED' | 'VIRTUAL' | null
  readonly autoIncrement: boolean
  /** A default other than NULL. */
  readonly hasDefault: boolean
  readonly onUpdate: boolean
  readonly hasComment: boolean
  /** It is part of the primary key, and so NOT NULL in any case. */
  readonly primary: boolean
}

/** A column, as a file or the server defines it. */
export interface Column {
  readonly name: string
  /** Null where the type cannot be read. Its character set is the one that the column gets, where that is known. */
  readonly type: ColumnType | null
  /** The written collation in lower case; null where it inherits one. */
  readonly collation: string | null
  readonly attributes: ColumnAttributes
  /** The tokens of its definition, from the type on; of one that the server described, those of its type. Their offsets are those of the statement that defined it. */
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
  /** True where an earlier statement of the same plan adds it. */
  readonly made?: true
}

export interface TableForeignKey {
  /** Null where the server generates the name. */
  readonly name: string | null
  /** Empty where they were not read, as the parent's name. */
  readonly columns: readonly string[]
  readonly parent: Pick<ObjectName, 'schema' | 'name'>
  /** Empty where none are written. */
  readonly parentColumns: readonly string[]
  /** `CASCADE`, `SET NULL`, ...; null where it is not written. */
  readonly onDelete: string | null
  readonly onUpdate: string | null
  /** True where an earlier statement of the same plan adds it. */
  readonly made?: true
}

export interface Check {
  /** Null where the server generates one. */
  readonly name: string | null
  /** The names in its expression: columns, and functions; null where it was not read. */
  readonly names: readonly string[] | null
  /** True where an earlier statement of the same plan adds it. */
  readonly made?: true
}

/** A foreign key with CASCADE or SET NULL that refers to a table. */
export interface Cascade {
  /** Its name; absent where it was not read. */
  readonly name?: string
  /** The table that has it. */
  readonly table: Pick<ObjectName, 'schema' | 'name'>
  readonly columns: readonly string[]
  /** The columns that they refer to, in the same order. */
  readonly referenced: readonly string[]
  readonly rule: 'CASCADE' | 'SET NULL'
  /** The key by which the rows that it refers to change; absent where a statement changes them itself. */
  readonly behind?: Cascade
}

/** A table, as the files define it or the server describes it. */
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
  /** The statement that made it; null for one that the server described. */
  readonly at: { readonly file: string; readonly line: number } | null
  /** InnoDB's estimates; absent where no server was asked: then a table counts as large. */
  readonly rows?: number
  readonly bytes?: number
  /** The character set of its schema, for CHARACTER SET DEFAULT; absent where it is not known. */
  readonly schemaCharset?: string | null
  /** The foreign keys of other tables by which rows go or change with rows of this one that are deleted; absent where they were not read. */
  readonly cascades?: readonly Cascade[]
  /** Those by which rows of other tables change with columns of this one. */
  readonly updates?: readonly Cascade[]
}

/** A column by its name, without regard to case. */
export function findKnownColumn({ columns }: Pick<Table, 'columns'>, name: string): Column | null {
  const wanted = name.toLowerCase()
  return columns.find((column) => column.name.toLowerCase() === wanted) ?? null
}

/** The columns of an index in order; empty names are expressions. */
export function indexColumns({ parts }: Pick<Index, 'parts'>): readonly string[] {
  return parts.map(({ column }) => column ?? '')
}

/** Whether no two rows have the same values of an index. */
export function isUniqueIndex({ kind }: Pick<Index, 'kind'>): boolean {
  return kind === 'PRIMARY' || kind === 'UNIQUE'
}
