/**
 * How far a server is with a statement:
 * - `known`   by the work that it counts in its present stage; both numbers are its own
 * - `unknown` it counts none for this statement, or does not show it to this account
 * - `unseen`  it keeps no stages of statements
 */
export type StatementProgress =
  | { readonly type: 'known'; readonly stage: string; readonly completed: number; readonly estimated: number }
  | { readonly type: 'unknown' }
  | { readonly type: 'unseen' }

/** A smaller share, or less time, does not show the pace yet. */
const leastShare = 0.01
const leastTime = 1000

/**
 * Milliseconds left at the pace so far; null while the pace is unknown, and where nothing is left.
 * @param elapsed milliseconds that `done` took
 */
export function timeLeft(done: number, total: number, elapsed: number): number | null {
  if (done <= 0 || done >= total || elapsed < leastTime || done / total < leastShare) return null
  return Math.round((elapsed * (total - done)) / done)
}

/** Whole percent, never 100 before the end. */
export function percentOf(done: number, total: number): number {
  if (total <= 0) return 0
  return Math.max(0, Math.min(99, Math.floor((done / total) * 100)))
}
