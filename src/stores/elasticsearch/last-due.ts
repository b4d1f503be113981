import { CronExpressionParser } from 'cron-parser'

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * When a snapshot policy was due last before an instant, in milliseconds since the epoch. Null for a schedule that is not known here: one with a year, or a day that only
 * Elasticsearch's cron expresses.
 * @param schedule a cron expression in UTC with seconds, or an interval such as `1h`
 */
export function lastDue(schedule: string, before: number): number | null {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(schedule.trim()) ?? []
  if (count !== undefined) return before - Number(count) * (units[unit] ?? 0)
  const words = schedule.trim().toUpperCase().split(/\s+/)
  const [year = '*', ...rest] = words.slice(fields.length)
  if (rest.length > 0 || year !== '*') return null
  const written = fields.map((field, place) => writeField(words[place] ?? '', field))
  if (written.includes(null)) return null
  try {
    return CronExpressionParser.parse(written.join(' '), { tz: 'UTC', currentDate: new Date(before) })
      .prev()
      .getTime()
  } catch {
    return null
  }
}

/** One field of an expression of Elasticsearch. */
interface Field {
  readonly first: number
  readonly last: number
  /** From the first value on. */
  readonly names: readonly string[]
  /** How much more a value is than in other crons, which number the days of a week from 0, Sunday. */
  readonly above: number
  /** What is passed on as it is. */
  readonly special: RegExp
}

const none = /^$/
const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

const fields: readonly Field[] = [
  { first: 0, last: 59, names: [], above: 0, special: none },
  { first: 0, last: 59, names: [], above: 0, special: none },
  { first: 0, last: 23, names: [], above: 0, special: none },
  { first: 1, last: 31, names: [], above: 0, special: /^[?L]$/ },
  { first: 1, last: 12, names: months, above: 0, special: none },
  { first: 1, last: 7, names: weekdays, above: 1, special: /^\?$/ },
]

/** The values of a field one by one, as the two languages read ranges and steps differently; null where they are not known here. */
function writeField(text: string, field: Field): string | null {
  if (text === '*' || field.special.test(text)) return text
  const nth = field.names === weekdays ? writeNth(text) : null
  if (nth !== null) return nth
  const values = text.split(',').map((part) => valuesOf(part, field))
  if (values.includes(null)) return null
  return [...new Set(values.flatMap((part) => part ?? []))].map((value) => value - field.above).join(',')
}

/** The second Monday of a month, or its last one. */
function writeNth(text: string): string | null {
  const [, day = '', which] = /^([1-7]|[A-Z]{3})(#[1-5]|L)$/.exec(text) ?? []
  if (which === undefined) return null
  const place = weekdays.indexOf(day)
  if (place === -1 && !/^\d$/.test(day)) return null
  return `${place === -1 ? Number(day) - 1 : place}${which}`
}

/** Elasticsearch reads what follows names only as far as the end of their range: `MON-FRI/2` is every day of it, `MON/2` is Monday. */
function valuesOf(part: string, { first, last, names }: Field): readonly number[] | null {
  const [, from, to = from] = /^([A-Z]{3})(?:-([A-Z]{3}))?(?:\/.*)?$/.exec(part) ?? []
  if (from !== undefined && to !== undefined) {
    const [start, end] = [names.indexOf(from), names.indexOf(to)]
    return start === -1 || end === -1 ? null : range(start + first, end + first, 1, { first, last })
  }
  const [all, every = '1'] = /^\*?(?:\/(\d{1,2}))?$/.exec(part) ?? []
  if (all !== undefined && all !== '') return range(first, last, Number(every) || 1, { first, last })
  const [, low, high, step] = /^(\d{1,2})(?:-(\d{1,2}))?(?:\/(\d{1,2}))?$/.exec(part) ?? []
  if (low === undefined) return null
  const end = high ?? (step === undefined ? low : last)
  return range(Number(low), Number(end), Number(step ?? '1'), { first, last })
}

/** Where the end is before the start, the range goes on from the first value. No step is that of one value. */
function range(
  start: number,
  end: number,
  step: number,
  { first, last }: Pick<Field, 'first' | 'last'>,
): readonly number[] | null {
  if ([start, end].some((value) => value < first || value > last)) return null
  if (step === 0) return [start]
  const size = last - first + 1
  const length = Math.floor((end - start + (end < start ? size : 0)) / step) + 1
  return Array.from({ length }, (_, number) => first + ((start - first + number * step) % size))
}
