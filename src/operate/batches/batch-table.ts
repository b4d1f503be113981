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
  /** True for AUTO_INCREMENT. */
  readonly isCounted: boolean
  /** False where an INSERT without a list of columns does not give it. */
  readonly isVisible: boolean
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

export interface BatchTrigger {
  readonly name: string
  readonly timing: 'BEFORE' | 'AFTER'
  readonly event: 'INSERT' | 'UPDATE' | 'DELETE'
  readonly body: string
}

export interface BatchCascade {
  /** Of the foreign key, and of the table that has it. */
  readonly name: string
  readonly table: string
  /** The column of the walked table. */
  readonly column: string
  /** Whether it acts when a row is deleted, and when the column is changed. */
  readonly onDelete: boolean
  readonly onUpdate: boolean
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
  /** Its triggers, those that the account may see. */
  readonly triggers: readonly BatchTrigger[]
  /** The columns that foreign keys with CASCADE or SET NULL refer to: rows of other tables are changed or deleted with them. */
  readonly cascades: readonly BatchCascade[]
}
