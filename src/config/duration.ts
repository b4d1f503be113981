/** Reading a duration: milliseconds, no limit, or why the text is none and what to write instead. */
export type DurationOutcome =
  | { readonly type: 'limit'; readonly milliseconds: number }
  | { readonly type: 'none' }
  | { readonly type: 'fault'; readonly why: string; readonly next: string }

const factors: ReadonlyMap<string | undefined, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])

/** Node fires a timer with a longer delay at once (timers.setTimeout: a signed 32-bit number). */
const longest = 2 ** 31 - 1

/**
 * Reads `500ms`, `5s`, `10m`, `2h`, `1.5h`, `none` or `0`. Every other number needs its unit: a bare `30` has been read
 * as seconds by one tool and as milliseconds by the next.
 */
export function parseDuration(text: string): DurationOutcome {
  const trimmed = text.trim()
  if (trimmed === 'none') return { type: 'none' }
  if (/^0+$/.test(trimmed)) return { type: 'limit', milliseconds: 0 }
  if (/^\d+(\.\d+)?$/.test(trimmed)) return { type: 'fault', why: 'a number without a unit', next: adviseUnit(trimmed) }
  const match = /^(\d+(?:\.\d+)?)\s*([a-zA-Z]+)$/.exec(trimmed)
  const factor = factors.get(match?.[2])
  if (match === null || factor === undefined) {
    return { type: 'fault', why: 'not a duration', next: 'Write it like "500ms", "5s", "10m" or "2h".' }
  }
  const milliseconds = Math.round(Number(match[1]) * factor)
  if (milliseconds > longest) return { type: 'fault', why: 'too long', next: 'The longest duration is "596h".' }
  return { type: 'limit', milliseconds }
}

/** What to write instead of a number without a unit. */
export function adviseUnit(number: string): string {
  return `Write "${number}s" for seconds or "${number}ms" for milliseconds.`
}
