import { isCalm, isOver, type Reading } from './reading.ts'

/** Whether heavy work may go on; where it must pause, the readings that require it, the first of them first. */
export type Decision =
  | { readonly type: 'go-on' }
  | { readonly type: 'pause'; readonly because: readonly [Reading, ...Reading[]] }

/**
 * Work pauses at a bound and continues below it: with a single threshold, it would stop and go at every reading.
 * @param paused whether it is pausing already
 * @param resume the share of a bound to which a reading must return, from 0 to 1
 */
export function decide(readings: readonly Reading[], paused: boolean, resume: number): Decision {
  const [first, ...rest] = readings.filter((reading) => (paused ? !isCalm(reading, resume) : isOver(reading)))
  return first === undefined ? { type: 'go-on' } : { type: 'pause', because: [first, ...rest] }
}
