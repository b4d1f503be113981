import { formatDuration, formatSeconds } from '../core/duration.ts'
import { formatSize } from '../core/size.ts'

/** The state of a server that is read before heavy work continues. */
export type Measure =
  | 'lag'
  | 'group-queue'
  | 'threads-running'
  | 'history-length'
  | 'checkpoint-age'
  | 'undo'
  | 'free-disk'
  | 'query'
  | 'window'

/** One value with its bound. An unknown value counts as over its bound: heavy work waits where nobody can see its effect. */
export interface Reading {
  readonly measure: Measure
  /** The replica's name, the group member's or the server's address, the query's name; empty for the window, and for the lag where no replica is named. */
  readonly of: string
  /** Milliseconds (lag, window), bytes (undo, free disk), percent (checkpoint age) or a count; null where it is unknown. */
  readonly value: number | null
  /** Null where there is no bound: it is only shown. */
  readonly bound: number | null
  /** Why it is unknown, as a clause; null where it is known. */
  readonly why: string | null
  /** The bound as it was written, where it is not a number. */
  readonly text?: string
}

/** True where work must not go on. Free disk is the one lower bound. */
export function isOver({ measure, value, bound }: Reading): boolean {
  if (bound === null) return false
  if (value === null) return true
  return measure === 'free-disk' ? value < bound : value > bound
}

/** True where a pause may end: the reading is back at the share of its bound, so that work does not stop and go at the bound itself. */
export function isCalm(reading: Reading, share: number): boolean {
  const { measure, bound } = reading
  if (bound === null) return true
  // 80 % of a queue of one would be no transaction at all.
  const calm = measure === 'free-disk' ? bound / share : Math.max(bound * share, Math.min(bound, 1))
  return !isOver({ ...reading, bound: calm })
}

/** A value in the unit of its measure: `9.0 s`, `61`, `1.4 GiB`, `81 %`. */
export function formatValue(measure: Measure, value: number): string {
  switch (measure) {
    case 'lag':
      return formatDuration(value)
    case 'window':
      return formatSeconds(value / 1000)
    case 'undo':
    case 'free-disk':
      return formatSize(value)
    case 'checkpoint-age':
      return `${Math.round(value)} %`
    default:
      return String(value)
  }
}

/** The name of a reading: `lag of replica b`. */
export function nameReading({ measure, of }: Pick<Reading, 'measure' | 'of'>): string {
  switch (measure) {
    case 'lag':
      return of === '' ? 'lag of replicas' : `lag of replica ${of}`
    case 'group-queue':
      return `queue of group member ${of}`
    case 'threads-running':
      return `number of Threads_running of ${of}`
    case 'history-length':
      return `history list length of ${of}`
    case 'checkpoint-age':
      return `checkpoint age of ${of}`
    case 'undo':
      return `size of the undo tablespaces of ${of}`
    case 'free-disk':
      return `free disk space of ${of}`
    case 'window':
      return 'time window'
    default:
      return `result of query \`${of}\``
  }
}

/**
 * A reading as a clause: `replica b was 9.0 s behind`.
 * @param verb `is` for now, `was` for a pause that is over
 */
export function describeReading(reading: Reading, verb: 'is' | 'was'): string {
  const { measure, of, value, why } = reading
  if (value === null) {
    const counts = verb === 'is' ? 'counts' : 'counted'
    return measure === 'lag' && of !== ''
      ? `replica ${of} ${counts} as behind, because ${why}`
      : `the ${nameReading(reading)} ${verb} not known, because ${why}`
  }
  const shown = formatValue(measure, value)
  if (measure === 'lag') return `replica ${of} ${verb} ${shown} behind`
  if (measure === 'window') {
    const outside = `the time ${verb} outside the window ${reading.text}`
    return verb === 'is' ? `${outside}, which opens in ${shown}` : outside
  }
  return `the ${nameReading(reading)} ${verb} ${shown}`
}

/** The same with its bound: `replica b is 9.0 s behind (at most 5.0 s)`. A window is a bound that the clause names already. */
export function describeBeyond(reading: Reading, verb: 'is' | 'was'): string {
  const clause = describeReading(reading, verb)
  return reading.measure === 'window' ? clause : `${clause} (${describeBound(reading)})`
}

/** The bound beside it: `at most 5.0 s`, `at least 50 GiB`. */
export function describeBound({ measure, bound, text }: Reading): string {
  if (bound === null) return 'no bound'
  if (measure === 'window') return String(text)
  return `${measure === 'free-disk' ? 'at least' : 'at most'} ${formatValue(measure, bound)}`
}
