/** A version is a UTC timestamp of 14 digits (`20260131093000`) or a place in a sequence (`0001`). */
export type VersionScheme = 'timestamp' | 'sequence'

const timestampDigits = 14
/** Longer runs of digits are almost always a timestamp with something missing, so they are not taken for a sequence. */
const longestSequence = 7

/** Which of the two a run of digits is, or null when it is neither. */
export function versionScheme(version: string): VersionScheme | null {
  if (version.length === timestampDigits) return 'timestamp'
  return version.length <= longestSequence ? 'sequence' : null
}

/** The version without leading zeros: `0012` and `12` are the same place. */
export function canonicalVersion(version: string): string {
  return version.replace(/^0+(?=\d)/, '')
}

/** Why a timestamp of 14 digits is no moment of the calendar, as the end of a sentence, or null when it is one. */
export function timestampFault(version: string): string | null {
  const [year, month, day, hour, minute, second] = fields(version)
  if (month < 1 || month > 12) return `month ${pad(month)} does not exist`
  if (day < 1 || day > daysOf(year, month)) return `${pad(year, 4)}-${pad(month)} has no day ${pad(day)}`
  if (hour > 23) return `hour ${pad(hour)} does not exist`
  if (minute > 59) return `minute ${pad(minute)} does not exist`
  if (second > 59) return `second ${pad(second)} does not exist`
  return null
}

/** The UTC timestamp of 14 digits for a moment. */
export function timestampOf(moment: Date): string {
  return moment
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/\D/g, '')
}

/** The moment that a valid timestamp of 14 digits names. */
export function momentOf(timestamp: string): Date {
  const [year, month, day, hour, minute, second] = fields(timestamp)
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second))
}

function fields(timestamp: string): [number, number, number, number, number, number] {
  const at = (from: number, to: number): number => Number(timestamp.slice(from, to))
  return [at(0, 4), at(4, 6), at(6, 8), at(8, 10), at(10, 12), at(12, 14)]
}

function daysOf(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function pad(value: number, digits = 2): string {
  return String(value).padStart(digits, '0')
}
