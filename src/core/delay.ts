const factors: ReadonlyMap<string, number> = new Map([
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
])

/** How units are written out; the letter alone will do. */
const units: ReadonlyMap<string, string> = new Map([
  ...['m', 'minute', 'minutes'].map((unit) => [unit, 'm'] as const),
  ...['h', 'hour', 'hours'].map((unit) => [unit, 'h'] as const),
  ...['d', 'day', 'days'].map((unit) => [unit, 'd'] as const),
  ...['w', 'week', 'weeks'].map((unit) => [unit, 'w'] as const),
])

/** A longer delay is a mistake in the unit: a hundred years. */
const longest = 36_525 * 86_400_000

export type DelayOutcome =
  | { readonly type: 'delay'; readonly milliseconds: number }
  | { readonly type: 'fault'; readonly why: string; readonly next: string }

/**
 * Reads how long rotation lets something wait: `2 days`, `2d`, `36 hours`, `1 week`, `0 days`. The day is one of 24 hours:
 * these are spans of time, not of the calendar. A number without a unit is refused, and so is a month: its length varies.
 */
export function parseDelay(text: string): DelayOutcome {
  const [, number, written] = /^(\d{1,9})\s*([A-Za-z]*)$/.exec(text.trim()) ?? []
  if (number === undefined || written === undefined) {
    return { type: 'fault', why: 'not a duration', next: 'Write it like "2 days", "36 hours" or "1 week".' }
  }
  if (written === '') {
    return { type: 'fault', why: 'a number without a unit', next: `Write "${number} days" or "${number} hours".` }
  }
  const factor = factors.get(units.get(written.toLowerCase()) ?? '')
  if (factor === undefined) {
    return {
      type: 'fault',
      why: `given in ${JSON.stringify(written)}, which is no unit of it`,
      next: 'The units are minutes, hours, days and weeks.',
    }
  }
  const milliseconds = Number(number) * factor
  if (milliseconds > longest) return { type: 'fault', why: 'longer than a century', next: 'Check its unit.' }
  return { type: 'delay', milliseconds }
}
