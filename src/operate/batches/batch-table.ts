/** A column as information_schema has it. */
export interface BatchColumn {
  readonly name: string
  /** `int`, `varchar`: without length. */
  readonly type: string
  /** As it stands in CREATE TABLE. */
  readonly definition: string
  readonly nullable: boolean
  readonly charset: string | null
  readonly collation: string | null
  readonly generated: boolean
  /** True for `ON UPDATE CURRENT_TIMESTAMP`. */
  readonly setAtUpdate: boolean
}

export interface BatchIndex {
  readonly name: string
  readonly unique: boolean
  readonly visible: boolean
  readonly parts: readonly {
    /** Null for an expression. */
    readonly column: string | null
    /** True where only the first characters are indexed. */
    readonly prefix: boolean
    readonly descending: boolean
  }[]
}

/** What is known of the table that a batch walks. */
export interface BatchTable {
  readonly schema: string
  readonly name: string
  readonly isView: boolean
  readonly engine: string | null
  /** InnoDB's estimate. */
  readonly rows: number
  readonly columns: readonly BatchColumn[]
  readonly indexes: readonly BatchIndex[]
  /** A foreign key of the table to itself that changes or deletes further rows of it; null where there is none. */
  readonly ownCascade: string | null
  /** Its triggers BEFORE UPDATE, which may change the row; those that the account may see. */
  readonly triggers: readonly { readonly name: string; readonly body: string }[]
}
