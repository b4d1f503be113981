import { percentOf, timeLeft } from '../../core/progress.ts'
import type { WalkKey } from './choose-key.ts'
import type { BatchProgress } from './walk-table.ts'

/** How far a batch is, for people. */
export interface BatchView {
  readonly percent: number
  /** Milliseconds left at the pace so far; null before that is known. */
  readonly left: number | null
  /** Rows changed. */
  readonly rows: number
  readonly chunks: number
  /** Keys walked a second. */
  readonly rate: number
}

/**
 * By the distance of integer keys, else by the keys walked beside the estimate of the table's rows: which may be too low, so that the end is never
 * announced before it is there.
 */
export function viewBatch(progress: BatchProgress, key: WalkKey, estimate: number): BatchView {
  const { rows, chunks, walked, milliseconds } = progress
  const [done, total] = distance(progress, key) ?? [walked, Math.max(estimate, walked)]
  const rate = milliseconds === 0 ? 0 : Math.round((walked * 1000) / milliseconds)
  return { percent: percentOf(done, total), left: timeLeft(done, total, milliseconds), rows, chunks, rate }
}

/** Null where the first column of the key is not an integer, or the same in all rows. */
function distance({ first, end, last }: BatchProgress, { columns }: WalkKey): readonly [number, number] | null {
  const [from, to, now] = [first[0], end[0], last?.[0]]
  if (columns[0]?.isInteger !== true || from === undefined || to === undefined || now === undefined) return null
  const total = Number(BigInt(to) - BigInt(from))
  return total > 0 ? [Number(BigInt(now) - BigInt(from)), total] : null
}
