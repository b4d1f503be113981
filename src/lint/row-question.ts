/** Asks which rows a condition selects, without changing any. */
export interface RowQuestion {
  /**
   * Each returns a row of two numbers: whether its table has rows, and whether the condition leaves one of them out. The condition selects
   * only if all of them leave one out.
   */
  readonly own: readonly string[]
  /** Asked after a timeout: the same search for a row that is left out, from the other end of the table. */
  readonly fromTheEnd: string | null
  /**
   * The same for rows that earlier statements of the plan also leave out: the two ways of searching for one. Absent where there is
   * none.
   */
  readonly together?: Pick<RowQuestion, 'own' | 'fromTheEnd'>
  /** The columns that decide, in lower case together with other words, where the condition reads only the row itself; null otherwise. */
  readonly decidedBy: ReadonlySet<string> | null
  /** For each table whose rows are deleted or changed with the deleted ones: returns one number, whether such a row exists. */
  readonly cascades: readonly { readonly table: string; readonly text: string }[]
}

/** How long the server may search for one answer, in milliseconds. */
export const longestLook = 1000

/**
 * What was seen of the rows that the condition of an UPDATE, a DELETE or an INSERT ... SELECT selects:
 * - `all`    every existing row
 * - `some`   at least one is left out, or there are none
 * - `unseen` in the available time, no row that is left out was found
 * - `together` every existing row, together with those of earlier statements of the plan
 */
export interface TakenRows {
  /** Absent where this was not asked, or has no answer. */
  readonly own?: 'all' | 'some' | 'unseen' | 'together'
  /** The tables whose rows are deleted or changed together with those of a DELETE; absent where this was not asked, or has no answer. */
  readonly cascades?: readonly string[]
}
