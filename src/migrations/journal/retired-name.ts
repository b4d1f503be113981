/** A table, column or index that a migration retired and that waits for its drop. */
export interface RetiredName {
  /** `users.nick` */
  readonly name: string
  readonly type: 'table' | 'column' | 'index'
  /** False for a column that stays visible, and is only watched. */
  readonly isHidden: boolean
  /** When its grace ends at the earliest. */
  readonly until: string
  /** True where that has passed by this machine's clock. */
  readonly isDue: boolean
}
