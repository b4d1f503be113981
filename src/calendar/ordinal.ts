import type { PeriodKind } from '../core/shard-family.ts'
import { assertNever } from '../core/tool-error.ts'
import { dayLength } from './zone.ts'

/**
 * Periods of one kind are counted: days since 1970-01-01, ISO weeks since the one of 1969-12-29, months, quarters and
 * years since the year 0. All calendar arithmetic is done on these integers and on days.
 */

/** 1969-12-29, a Monday. */
const mondayOfWeekZero = -3

/** The day, counted from 1970-01-01, of a date of the Gregorian calendar; months count from 1 and may run over. */
export function dayOf(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) / dayLength
}

/** Year, month and day of the month of a day counted from 1970-01-01. */
export function dateOf(day: number): { readonly year: number; readonly month: number; readonly day: number } {
  const date = new Date(day * dayLength)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}

/** Which period of a kind a day is in. */
export function ordinalOf(day: number, kind: PeriodKind): number {
  const { year, month } = dateOf(day)
  switch (kind) {
    case 'day':
      return day
    case 'week':
      return Math.floor((day - mondayOfWeekZero) / 7)
    case 'month':
      return year * 12 + month - 1
    case 'quarter':
      return year * 4 + Math.floor((month - 1) / 3)
    case 'year':
      return year
    default:
      return assertNever(kind)
  }
}

/** The day on which a period begins. */
export function firstDay(ordinal: number, kind: PeriodKind): number {
  switch (kind) {
    case 'day':
      return ordinal
    case 'week':
      return ordinal * 7 + mondayOfWeekZero
    case 'month':
      return dayOf(Math.floor(ordinal / 12), (ordinal % 12) + 1, 1)
    case 'quarter':
      return dayOf(Math.floor(ordinal / 4), (ordinal % 4) * 3 + 1, 1)
    case 'year':
      return dayOf(ordinal, 1, 1)
    default:
      return assertNever(kind)
  }
}

/** `2026-12-01`, `2026-W49`, `2026-12`, `2026-Q4`, `2026`. */
export function keyOf(ordinal: number, kind: PeriodKind): string {
  const first = firstDay(ordinal, kind)
  const { year, month, day } = dateOf(first)
  switch (kind) {
    case 'day':
      return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`
    case 'week': {
      const weekYear = dateOf(first + 3).year
      return `${digits(weekYear, 4)}-W${digits(ordinal - firstWeek(weekYear) + 1, 2)}`
    }
    case 'month':
      return `${digits(year, 4)}-${digits(month, 2)}`
    case 'quarter':
      return `${digits(year, 4)}-Q${Math.floor(month / 3) + 1}`
    case 'year':
      return digits(year, 4)
    default:
      return assertNever(kind)
  }
}

const shapes: Readonly<Record<PeriodKind, RegExp>> = {
  day: /^(\d{4})-(\d\d)-(\d\d)$/,
  week: /^(\d{4})-W(\d\d)$/,
  month: /^(\d{4})-(\d\d)$/,
  quarter: /^(\d{4})-Q(\d)$/,
  year: /^(\d{4})$/,
}

/** The period that a key names; null for text that is not exactly what `keyOf` writes (`2026-02-30`, `2025-W53`). */
export function ordinalOfKey(key: string, kind: PeriodKind): number | null {
  const match = shapes[kind].exec(key)
  if (match === null) return null
  const [year = 0, part = 1, day = 1] = match.slice(1).map(Number)
  const ordinal = ordinalOfParts(kind, year, part, day)
  return keyOf(ordinal, kind) === key ? ordinal : null
}

function ordinalOfParts(kind: PeriodKind, year: number, part: number, day: number): number {
  switch (kind) {
    case 'day':
      return dayOf(year, part, day)
    case 'week':
      return firstWeek(year) + part - 1
    case 'month':
      return year * 12 + part - 1
    case 'quarter':
      return year * 4 + part - 1
    case 'year':
      return year
    default:
      return assertNever(kind)
  }
}

/** Week 1 of an ISO year is the week of 4 January (ISO 8601). */
function firstWeek(year: number): number {
  return ordinalOf(dayOf(year, 1, 4), 'week')
}

function digits(number: number, width: number): string {
  return String(number).padStart(width, '0')
}
