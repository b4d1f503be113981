import type { KeyRange } from '../../operate/batches/key-range.ts'
import type { BatchProgress, WalkEffects } from '../../operate/batches/walk-table.ts'

/** The range of one row. */
export type RefusedRow = KeyRange

/** Lock waits and deadlocks of one row that are accepted before the undo fails. */
const mostWaits = 10

type Effects = Pick<WalkEffects, 'between' | 'run' | 'save' | 'rollBack' | 'rest'>

/**
 * Tries rows that the server refused again, alternately from the last to the first and back, while that puts back any. Returns those that stay refused. A row that others hold
 * locked is not refused: it is waited for, as in the walk.
 * @param failed the error of a row that did not get through for another reason than itself
 */
export async function tryAgain(
  effects: Effects,
  progress: BatchProgress,
  refused: readonly RefusedRow[],
  failed: (waits: number) => Error,
): Promise<readonly RefusedRow[]> {
  let left = refused
  for (;;) {
    const still: RefusedRow[] = []
    for (const row of left.toReversed()) if (!(await tryRow(effects, progress, row, failed))) still.push(row)
    if (still.length === 0 || still.length === left.length) return still
    left = still
  }
}

/** False where the server refuses the row. */
async function tryRow(
  effects: Effects,
  progress: BatchProgress,
  row: RefusedRow,
  failed: (waits: number) => Error,
): Promise<boolean> {
  for (let waits = 1; ; waits += 1) {
    await effects.between(progress)
    const outcome = await effects.run('', row)
    if (outcome.type === 'done') {
      await effects.save(progress)
      return true
    }
    await effects.rollBack()
    if (outcome.how === 'row') return false
    if (outcome.how === 'other' || waits >= mostWaits) throw failed(waits)
    await effects.rest(waits)
  }
}
