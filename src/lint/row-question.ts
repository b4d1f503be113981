/** Asks which rows a condition takes, without changing any. */
export interface RowQuestion {
  /**
   * Each answers with a row of two numbers: whether its table has rows, and whether the condition leaves one of them out. All must leave one
   * for the condition to be a choice.
   */
  readonly own: readonly string[]
  /** Where the time was not enough: returns a row that is left out, looked for from the other end of the table. */
  readonly fromTheEnd: string | null
  /** The same of rows that earlier statements of the plan leave, too: the two ways of looking for one. Absent where there is none. */
  readonly together?: Pick<RowQuestion, 'own' | 'fromTheEnd'>
  /** The columns that decide, in lower case and with other words, where the condition reads nothing but the row itself; null otherwise. */
  readonly decidedBy: ReadonlySet<string> | null
  /** For each table whose rows go or change with those that are deleted: answers with one number, whether there is such a row. */
  readonly cascades: readonly { readonly table: string; readonly text: string }[]
}

/** How long the server may look for one answer, in milliseconds. */
export const longestLook = 1000

/**
 * What was seen of the rows that the condition of an UPDATE, a DELETE or an INSERT ... SELECT takes:
 * - `all`    each row that is there now
 * - `some`   at least one is left, or there are none
 * - `unseen` in the time that the question had, none that is left was found
 * - `together` each row that is there now, with those that earlier statements of the plan take
 */
export interface TakenRows {
  /** Absent where that was not asked, or has no answer. */
  readonly own?: 'all' | 'some' | 'unseen' | 'together'
  /** The tables of which rows are deleted or changed with those that a DELETE takes; absent where that was not asked, or has no answer. */
  readonly cascades?: readonly string[]
}
