import type { CalendarSpan, PeriodKind } from '../core/shard-family.ts'
import { assertNever } from '../core/tool-error.ts'
import { dateOf, dayOf, firstDay, keyOf, ordinalOf, ordinalOfKey } from './ordinal.ts'
import { dayLength, instantOf, wallOf } from './zone.ts'

/** One day, ISO week, month, quarter or year of a zone. Never empty: `from` is less than `to`. */
export interface Period {
  readonly kind: PeriodKind
  /** `UTC` or an IANA name. */
  readonly zone: string
  /** `2026-12-01`, `2026-W49`, `2026-12`, `2026-Q4`, `2026`. */
  readonly key: string
  /** Its bounds `[from, to)`, in milliseconds since the epoch; `to` is the `from` of the next. */
  readonly from: number
  readonly to: number
}

/** The years that names with four digits can distinguish. Dates before 1582 are computed backwards, as ISO 8601 requires. */
const [firstYear, lastYear] = [1000, 9999]

/**
 * The period that an instant is in.
 * @param instant milliseconds since the epoch.
 * @throws RangeError for a number that is not an instant of the years 1000 to 9999, or a zone that is not known.
 */
export function periodAt(instant: number, kind: PeriodKind, zone: string): Period {
  if (!Number.isFinite(instant) || !isWithin(wallOf(instant, zone)))
    throw new RangeError(`${instant} is not an instant in the years 1000 to 9999`)
  const day = Math.floor(wallOf(instant, zone) / dayLength)
  let ordinal = ordinalOf(day, kind)
  let to = startOf(ordinal + 1, kind, zone)
  // Clocks that are set back shortly after midnight show yesterday's date for a while: the bounds decide, not the
  // clocks.
  while (instant >= to) {
    ordinal += 1
    to = startOf(ordinal + 1, kind, zone)
  }
  return { kind, zone, key: keyOf(ordinal, kind), from: startOf(ordinal, kind, zone), to }
}

/**
 * The period that a key names; null for text that is not the key of a period, and for a day that its zone skipped
 * (`2011-12-30` in `Pacific/Apia`).
 * @throws RangeError for a zone that is not known.
 */
export function periodOf(key: string, kind: PeriodKind, zone: string): Period | null {
  const ordinal = ordinalOfKey(key, kind)
  if (ordinal === null || !isWithin(firstDay(ordinal, kind) * dayLength)) return null
  const [from, to] = [startOf(ordinal, kind, zone), startOf(ordinal + 1, kind, zone)]
  return from < to ? { kind, zone, key, from, to } : null
}

/**
 * Whether a key names a period: what `periodOf` says, without its bounds.
 * @throws RangeError for a zone that is not known.
 */
export function isPeriod(key: string, kind: PeriodKind, zone: string): boolean {
  // Zones skip only days, no longer periods.
  if (kind === 'day' && zone !== 'UTC') return periodOf(key, kind, zone) !== null
  const ordinal = ordinalOfKey(key, kind)
  return ordinal !== null && isWithin(firstDay(ordinal, kind) * dayLength)
}

/**
 * The period `count` periods after `period` (before it, for a negative count). Days that the zone skipped do not count.
 * @throws RangeError beyond the years 1000 to 9999.
 */
export function shiftPeriod(period: Period, count: number): Period {
  const step = Math.sign(count)
  let shifted = period
  for (let left = Math.abs(count); left > 0; left -= 1) shifted = adjacent(shifted, step)
  return shifted
}

/**
 * The periods, in order, that overlap `[from, to)`; none where `to` is not after `from`.
 * @throws RangeError as `periodAt`.
 */
export function periodsBetween(from: number, to: number, kind: PeriodKind, zone: string): readonly Period[] {
  if (!Number.isFinite(from) || !Number.isFinite(to)) throw new RangeError(`[${from}, ${to}) has no bounds`)
  if (from >= to) return []
  const periods: Period[] = []
  for (let period = periodAt(from, kind, zone); period.from < to; period = adjacent(period, 1)) periods.push(period)
  return periods
}

/**
 * An instant a number of days, weeks, months, quarters or years later, on the clocks of a zone: the same time of the day, and
 * the last day of the month where the month is too short (31 January plus a month is 28 February). A negative count goes back.
 * @returns milliseconds since the epoch.
 */
export function addSpan(instant: number, span: CalendarSpan, zone: string): number {
  const wall = wallOf(instant, zone)
  const day = Math.floor(wall / dayLength)
  return instantOf(addToDay(day, span) * dayLength + (wall - day * dayLength), zone)
}

function addToDay(day: number, span: CalendarSpan): number {
  switch (span.unit) {
    case 'day':
      return day + span.count
    case 'week':
      return day + span.count * 7
    case 'month':
      return addMonths(day, span.count)
    case 'quarter':
      return addMonths(day, span.count * 3)
    case 'year':
      return addMonths(day, span.count * 12)
    default:
      return assertNever(span.unit)
  }
}

function addMonths(day: number, count: number): number {
  const date = dateOf(day)
  const lastOfMonth = dayOf(date.year, date.month + count + 1, 0)
  return Math.min(dayOf(date.year, date.month + count, date.day), lastOfMonth)
}

function adjacent(period: Period, step: number): Period {
  const instant = step > 0 ? period.to : period.from - 1
  return periodAt(instant, period.kind, period.zone)
}

function startOf(ordinal: number, kind: PeriodKind, zone: string): number {
  return instantOf(firstDay(ordinal, kind) * dayLength, zone)
}

function isWithin(wall: number): boolean {
  const { year } = dateOf(Math.floor(wall / dayLength))
  return year >= firstYear && year <= lastYear
}

/** How the digits of a key are split into its parts again. */
const digits: Readonly<Record<PeriodKind, { readonly form: RegExp; readonly key: string }>> = {
  day: { form: /^(\d{4})(\d\d)(\d\d)$/, key: '$1-$2-$3' },
  week: { form: /^(\d{4})(\d\d)$/, key: '$1-W$2' },
  month: { form: /^(\d{4})(\d\d)$/, key: '$1-$2' },
  quarter: { form: /^(\d{4})(\d)$/, key: '$1-Q$2' },
  year: { form: /^(\d{4})$/, key: '$1' },
}

/** The first id of a period's shard: the digits of its key times the factor (`2026-12` and 10^10: 2026120000000000). */
export function firstId(key: string, factor: bigint): bigint {
  return BigInt(key.replaceAll(/\D/g, '')) * factor
}

/**
 * The key of the period in whose shard an id was created; null for an id below every period's first one. Correct as long
 * as no shard receives more rows than the factor has room for.
 */
export function keyOfId(id: bigint, factor: bigint, kind: PeriodKind, zone: string): string | null {
  if (id < 0n) return null
  const { form, key } = digits[kind]
  const text = String(id / factor)
  if (!form.test(text)) return null
  const found = text.replace(form, key)
  return periodOf(found, kind, zone) === null ? null : found
}
