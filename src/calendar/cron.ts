import { dateOf, dayOf } from './ordinal.ts'
import { dayLength } from './zone.ts'

/** The values that each of the five fields of a cron expression allows. */
export interface CronFields {
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  readonly daysOfMonth: readonly number[]
  readonly months: readonly number[]
  /** From 0 (Sunday) to 6. */
  readonly daysOfWeek: readonly number[]
  /**
   * Which of the two a day must fit. Cron's own rule: where both are restricted, a day need fit only one of them.
   * - `both`   one of them is `*`, which every day fits
   * - `either` both name days
   */
  readonly days: 'both' | 'either'
}

export type CronOutcome =
  | { readonly type: 'cron'; readonly fields: CronFields }
  | { readonly type: 'fault'; readonly why: string; readonly next: string }

interface FieldForm {
  readonly name: string
  readonly least: number
  readonly most: number
  /** Names of values, from `least` on. */
  readonly words: readonly string[]
}

const minute: FieldForm = { name: 'minute', least: 0, most: 59, words: [] }
const hour: FieldForm = { name: 'hour', least: 0, most: 23, words: [] }
const dayOfMonth: FieldForm = { name: 'day of the month', least: 1, most: 31, words: [] }
const month: FieldForm = {
  name: 'month',
  least: 1,
  most: 12,
  words: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
}
/** 7 is also Sunday. */
const dayOfWeek: FieldForm = {
  name: 'day of the week',
  least: 0,
  most: 7,
  words: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
}

const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** The sentence that says what is wrong with a field. */
class FieldFault extends Error {}

/**
 * Reads the five fields that every cron knows: numbers, names of months and days, lists, ranges, steps of `*` or of a
 * range. Extensions (`@daily`, `L`, `W`, `#`, `?`, seconds) are refused: crontab, systemd and Kubernetes must all take it.
 */
export function readCron(expression: string): CronOutcome {
  const texts = expression.split(/[ \t]+/)
  const [minutes = '', hours = '', days = '', months = '', weekdays = ''] = texts
  if (texts.length !== 5 || texts.includes('')) {
    return refuse(`not five fields between single spaces`)
  }
  if (isDisputed(days, weekdays)) {
    return refuse(
      'a step of "*" for one kind of day together with the other kind, which cron implementations treat differently',
    )
  }
  try {
    const fields: CronFields = {
      minutes: readField(minutes, minute),
      hours: readField(hours, hour),
      daysOfMonth: readField(days, dayOfMonth),
      months: readField(months, month),
      daysOfWeek: readWeekdays(weekdays),
      days: days === '*' || weekdays === '*' ? 'both' : 'either',
    }
    return canRun(fields) ? { type: 'cron', fields } : refuse('a date that does not exist')
  } catch (error) {
    if (!(error instanceof FieldFault)) throw error
    return refuse(error.message)
  }
}

/** Where one field is `*` with a step, some crons require a day to fit both fields, others only one. */
function isDisputed(days: string, weekdays: string): boolean {
  return days !== '*' && weekdays !== '*' && `${days},${weekdays}`.includes('*')
}

/** Whether a day of the calendar fits. `weekday` counts from 0, Sunday. */
export function fitsDay(fields: CronFields, date: { readonly month: number; readonly day: number }, weekday: number) {
  if (!fields.months.includes(date.month)) return false
  const [byDate, byWeekday] = [fields.daysOfMonth.includes(date.day), fields.daysOfWeek.includes(weekday)]
  return fields.days === 'either' ? byDate || byWeekday : byDate && byWeekday
}

function readWeekdays(text: string): readonly number[] {
  const days = readField(text, dayOfWeek).map((day) => day % 7)
  return [...new Set(days)].toSorted((one, other) => one - other)
}

function readField(text: string, form: FieldForm): readonly number[] {
  const values = text.split(',').flatMap((part) => readPart(part, form))
  return [...new Set(values)].toSorted((one, other) => one - other)
}

function readPart(part: string, form: FieldForm): readonly number[] {
  const [, range, first, last, step] = /^(\*|(\w+)(?:-(\w+))?)(?:\/(\d{1,3}))?$/.exec(part) ?? []
  if (range === undefined) throw new FieldFault(`${JSON.stringify(part)} is not a valid ${form.name}`)
  if (step !== undefined && range !== '*' && last === undefined) {
    throw new FieldFault(
      `${JSON.stringify(part)} has a step but no range, which cron implementations treat differently`,
    )
  }
  const by = step === undefined ? 1 : Number(step)
  if (by === 0) throw new FieldFault(`${JSON.stringify(part)} has a step of zero`)
  // `*` of weekdays means seven days; Sunday does not count twice.
  const whole = form === dayOfWeek ? 6 : form.most
  const from = first === undefined ? form.least : readValue(first, form)
  const to = first === undefined ? whole : last === undefined ? from : readValue(last, form)
  if (from > to) throw new FieldFault(`the range ${JSON.stringify(part)} is reversed`)
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, place) => from + place * by)
}

function readValue(text: string, form: FieldForm): number {
  const word = form.words.indexOf(text.toUpperCase())
  if (word !== -1) return word + form.least
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  if (value >= form.least && value <= form.most) return value
  throw new FieldFault(`${JSON.stringify(text)} is not a valid ${form.name} (${form.least} to ${form.most})`)
}

/** False where no date fits: 30 February never comes. */
function canRun(fields: CronFields): boolean {
  if (fields.days === 'either') return true
  return fields.months.some((each) => fields.daysOfMonth.some((day) => day <= (daysInMonth[each - 1] ?? 0)))
}

function refuse(why: string): CronOutcome {
  const next =
    'Write minute, hour, day of the month, month and day of the week, as in "17 * * * *" (every hour) or "17 3 * * *" (every day at 3:17).'
  return { type: 'fault', why, next }
}

/** 2100 is not a leap year: no two days are further apart than 29 February of 2096 and of 2104. */
const [firstDay, lastDay] = [dayOf(2095, 1, 1), dayOf(2108, 12, 31)]

const minuteLength = 60_000

/** 1970-01-01 was a Thursday. */
const weekdayOfDayZero = 4

/**
 * The longest time that ever passes between two runs of a schedule, in milliseconds: calculated from the calendar, with
 * months of 31 days and leap years. Where the clocks are set back it may be an hour longer.
 */
export function longestInterval(fields: CronFields): number {
  const times = fields.hours.flatMap((hour) => fields.minutes.map((minute) => (hour * 60 + minute) * minuteLength))
  const [first = 0, last = 0] = [times.at(0), times.at(-1)]
  let longest = longestStep(times)
  let before: number | null = null
  for (let day = firstDay; day <= lastDay; day += 1) {
    if (!fitsDay(fields, dateOf(day), (day + weekdayOfDayZero) % 7)) continue
    if (before !== null) longest = Math.max(longest, (day - before) * dayLength + first - last)
    before = day
  }
  return longest
}

/** The longest step within a day. */
function longestStep(times: readonly number[]): number {
  return Math.max(0, ...times.slice(1).map((time, place) => time - (times[place] ?? time)))
}

/** When something runs: a cron expression of five fields on the clocks of a zone. */
export interface Schedule {
  readonly expression: string
  /** `UTC` or an IANA name. */
  readonly zone: string
}
