import { isZone, wallOf } from './zone.ts'

/** When work is to stop: each day at a time on the clocks of a zone, or at one instant. */
export type StopTime =
  | { readonly type: 'daily'; readonly minutes: number; readonly zone: string }
  | { readonly type: 'instant'; readonly at: number }

export type StopTimeOutcome =
  | { readonly type: 'time'; readonly time: StopTime }
  | { readonly type: 'fault'; readonly why: string; readonly next: string }

const next = 'Write it like `05:00 Asia/Shanghai`, with an IANA time zone name or UTC, or like `2026-12-01T05:00:00Z`.'

/** Reads `05:00 Asia/Shanghai` or an instant with its offset. Without a zone it would be another instant on each machine. */
export function readStopTime(text: string): StopTimeOutcome {
  const trimmed = text.trim()
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)$/.test(trimmed)) {
    const at = Date.parse(trimmed)
    return Number.isNaN(at)
      ? { type: 'fault', why: 'which is not a date', next }
      : { type: 'time', time: { type: 'instant', at } }
  }
  const [, hours, minutes, zone] = /^([01]\d|2[0-3]):([0-5]\d)(?:\s+(\S+))?$/.exec(trimmed) ?? []
  if (hours === undefined || minutes === undefined) return { type: 'fault', why: 'which is not a time', next }
  if (zone === undefined) return { type: 'fault', why: 'a time without a time zone', next }
  if (!isZone(zone)) return { type: 'fault', why: 'whose time zone is not an IANA time zone', next }
  return { type: 'time', time: { type: 'daily', minutes: Number(hours) * 60 + Number(minutes), zone } }
}

const day = 86_400_000

/** The first such instant behind `now`; one that is given as an instant may be past. */
export function nextStop(time: StopTime, now: number): number {
  if (time.type === 'instant') return time.at
  const wall = wallOf(now, time.zone)
  const passed = ((wall % day) + day) % day
  const wanted = time.minutes * 60_000
  const guess = now + (wanted > passed ? wanted - passed : wanted - passed + day)
  // Where the clocks are changed on the way, the guess is off by the change.
  const off = ((((wallOf(guess, time.zone) - wanted + day / 2) % day) + day) % day) - day / 2
  return guess - off
}
