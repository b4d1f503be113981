import { isCalm, isOver, type Reading } from './reading.ts'

/** Whether heavy work may go on; where not, the readings for which it waits, the first of them first. */
export type Decision =
  | { readonly type: 'go-on' }
  | { readonly type: 'pause'; readonly because: readonly [Reading, ...Reading[]] }

/**
 * Work pauses at a bound and goes on below it: with one line for both, it would stop and go at every reading.
 * @param paused whether it waits already
 * @param resume the share of a bound that a reading must come back to, from 0 to 1
 */
export function decide(readings: readonly Reading[], paused: boolean, resume: number): Decision {
  const [first, ...rest] = readings.filter((reading) => (paused ? !isCalm(reading, resume) : isOver(reading)))
  return first === undefined ? { type: 'go-on' } : { type: 'pause', because: [first, ...rest] }
}
