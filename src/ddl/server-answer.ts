/**
 * How the server executes an ALTER TABLE: in the data dictionary alone, in the table's own files, or by copying the
 * table.
 */
export type Algorithm = 'INSTANT' | 'INPLACE' | 'COPY'

/** What other sessions may do with the table meanwhile: NONE allows reads and writes, SHARED reads only, EXCLUSIVE neither. */
export type LockLevel = 'NONE' | 'SHARED' | 'EXCLUSIVE'

/** How the server executes a statement, by its own answer. */
export interface ServerAnswer {
  readonly algorithm: Algorithm
  readonly lock: LockLevel
  /** True when the whole table is rebuilt. */
  readonly rebuilds: boolean
}

/** A table by both of its names. */
export interface SourceTable {
  readonly schema: string
  readonly name: string
}
