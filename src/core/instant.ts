import { ToolError } from './tool-error.ts'

const shape = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/

/**
 * Reads an instant: `2027-03-01`, `2027-03-01T12:00`, `2027-03-01T12:00:00+08:00`; UTC unless it says otherwise.
 * @returns milliseconds since the epoch.
 * @throws ToolError `USAGE` (64) for anything else, and for days that are not in the calendar.
 */
export function readInstant(flag: string, text: string): number {
  const whole = text.replace(' ', 'T')
  const timed = whole.includes('T') ? whole : `${whole}T00:00`
  const instant = shape.test(text) ? Date.parse(/(?:Z|[+-]\d{2}:\d{2})$/.test(timed) ? timed : `${timed}Z`) : Number.NaN
  if (!Number.isNaN(instant) && isInCalendar(text.slice(0, 10))) return instant
  throw new ToolError('USAGE', {
    what: `${flag} is not a valid time: ${JSON.stringify(text.slice(0, 60))}.`,
    next: 'Write it like 2027-03-01 or 2027-03-01T12:00:00Z; it is in UTC unless it has an offset.',
  })
}

/** Date.parse turns 30 February into 2 March. */
function isInCalendar(day: string): boolean {
  const parsed = Date.parse(`${day}T00:00Z`)
  return !Number.isNaN(parsed) && new Date(parsed).toISOString().startsWith(day)
}

/** A journal time (`YYYY-MM-DD HH:MM:SS.ffffff`, UTC) without its fraction. */
export function formatTime(time: string): string {
  return time
    .replace(/\.\d+$/, '')
    .replace('T', ' ')
    .replace(/Z$/, '')
}

/** A journal time without seconds. */
export function formatMinute(time: string): string {
  return formatTime(time).slice(0, 'YYYY-MM-DD HH:MM'.length)
}

/** `2026-01-01 12:30 UTC`. */
export function timeText(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
