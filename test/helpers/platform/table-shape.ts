/** A column as information_schema shows it, so that the document and a server can be compared as values. */
export interface ColumnShape {
  readonly name: string
  /** COLUMN_TYPE in lower case, without display width (`tinyint(1)` excepted). */
  readonly type: string
  readonly nullable: boolean
  readonly default: string | null
  /** EXTRA, e.g. `auto_increment` or `on update CURRENT_TIMESTAMP`. */
  readonly extra: string
  readonly collation: string | null
  readonly comment: string
}

export interface IndexShape {
  readonly name: string
  readonly unique: boolean
  readonly columns: readonly string[]
}

export interface ForeignKeyShape {
  readonly name: string
  readonly columns: readonly string[]
  /** The logical database that holds the parent. */
  readonly database: string
  readonly table: string
  readonly parentColumns: readonly string[]
  readonly onDelete: string
  readonly onUpdate: string
}

export interface TableShape {
  readonly name: string
  readonly engine: string
  readonly collation: string
  readonly comment: string
  /** In order. */
  readonly columns: readonly ColumnShape[]
  /** By name. */
  readonly indexes: readonly IndexShape[]
  /** By name. */
  readonly foreignKeys: readonly ForeignKeyShape[]
}

export function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return left.name < right.name ? -1 : 1
}

/** `bigint(20) unsigned` and `bigint unsigned` are one type: MySQL 8.0.17 and later no longer keep the width. */
export function withoutDisplayWidth(type: string): string {
  return type.replace(/\b(bigint|int)\(\d+\)/, '$1')
}
