/** Milliseconds of a day of 24 hours. */
export const dayLength = 86_400_000

/**
 * No zone has been further from UTC than 16 hours, or has jumped by more than 24 (a day skipped or repeated): within
 * this distance of a reading of its clocks lies the instant, and at most one change.
 */
const reach = 40 * 3_600_000

const formatters = new Map<string, Intl.DateTimeFormat>()

/** By zone and span of time: the offset in milliseconds, or null where it changes within the span. */
const offsets = new Map<string, Map<number, number | null>>()

/** Within `reach` there is at most one change: equal offsets at both ends of a span mean the same offset throughout. */
const spanLength = 2 * dayLength

/** 250 years: more than a rotation or a busy application uses. A cache that exceeds it is emptied. */
const mostSpans = 50_000

/**
 * Whether `zone` is `UTC` or an IANA name, written as IANA writes it: MySQL, systemd and cron also receive it, and they
 * distinguish `asia/shanghai` from `Asia/Shanghai`.
 */
export function isZone(zone: string): boolean {
  // The first use of Intl takes as long as half of Node's start.
  if (zone === 'UTC') return true
  if (!/^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Z][A-Za-z0-9_+-]*)*$/.test(zone)) return false
  try {
    const known = new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone
    return known === zone || known.toLowerCase() !== zone.toLowerCase()
  } catch {
    return false
  }
}

/**
 * What the clocks of a zone show at an instant, as milliseconds since 1970-01-01 00:00 on those clocks.
 * @throws RangeError for a zone that is not known.
 */
export function wallOf(instant: number, zone: string): number {
  return instant + offsetAt(instant, zone)
}

/**
 * The first instant at which the clocks of a zone read `wall` or later: where they are set forward past it, the instant of the change (24 hours later where they skip a day); where they show it twice, the first time.
 * @param wall as `wallOf` gives it.
 * @throws RangeError for a zone that is not known.
 */
export function instantOf(wall: number, zone: string): number {
  if (zone === 'UTC') return wall
  const before = wall - offsetAt(wall - reach, zone)
  const after = wall - offsetAt(wall + reach, zone)
  if (before === after) return before
  const exact = [before, after].filter((instant) => wallOf(instant, zone) === wall)
  return exact.length > 0 ? Math.min(...exact) : changeBefore(wall, zone)
}

/** The instant at which the clocks jump over `wall`. */
function changeBefore(wall: number, zone: string): number {
  let [before, after] = [wall - reach, wall + reach]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (wallOf(middle, zone) < wall) before = middle
    else after = middle
  }
  return after
}

function offsetAt(instant: number, zone: string): number {
  if (zone === 'UTC') return 0
  const spans = offsets.get(zone) ?? new Map<number, number | null>()
  if (spans.size === 0 || spans.size > mostSpans) {
    spans.clear()
    offsets.set(zone, spans)
  }
  const span = Math.floor(instant / spanLength)
  const known = spans.get(span)
  return (known === undefined ? learnSpan(span, zone, spans) : known) ?? askOffset(instant, zone)
}

function learnSpan(span: number, zone: string, spans: Map<number, number | null>): number | null {
  const first = askOffset(span * spanLength, zone)
  const last = askOffset((span + 1) * spanLength - 1000, zone)
  const offset = first === last ? first : null
  spans.set(span, offset)
  return offset
}

/** Offset in milliseconds, from the zone's clock as Intl formats it: `12/31/2011, 00:00:00`. */
function askOffset(instant: number, zone: string): number {
  const second = Math.floor(instant / 1000) * 1000
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0, seconds = 0] = formatterOf(zone)
    .format(second)
    .split(/\D+/)
    .map(Number)
  return Date.UTC(year, month - 1, day, hour, minute, seconds) - second
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone)
  if (known !== undefined) return known
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  formatters.set(zone, formatter)
  return formatter
}
