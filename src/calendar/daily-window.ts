import { isZone, wallOf } from './zone.ts'

/** A part of every day, by the clocks of a zone. It runs past midnight where it ends before it begins. */
export interface DailyWindow {
  /** Minutes since midnight. */
  readonly from: number
  readonly to: number
  readonly zone: string
}

export type DailyWindowOutcome =
  | { readonly type: 'window'; readonly window: DailyWindow }
  | { readonly type: 'fault'; readonly why: string; readonly next: string }

const dayMinutes = 24 * 60
const next = 'Write it like `02:00-05:00 Asia/Shanghai`, with an IANA time zone name or UTC.'

/**
 * Reads `02:00-05:00 Asia/Shanghai`. The zone is required: without it the time would be a different instant on each
 * machine.
 */
export function readDailyWindow(text: string): DailyWindowOutcome {
  const [, from, to, zone] = /^(\d\d:\d\d)\s*-\s*(\d\d:\d\d)(?:\s+(\S+))?$/.exec(text.trim()) ?? []
  if (from === undefined || to === undefined) return { type: 'fault', why: 'which is not a time window', next }
  if (zone === undefined) return { type: 'fault', why: 'a time window without a time zone', next }
  if (!isZone(zone)) return { type: 'fault', why: 'whose time zone is not an IANA time zone', next }
  const [begin, end] = [minutesOf(from), minutesOf(to)]
  if (begin === null || end === null) return { type: 'fault', why: 'in which a time is not a time of day', next }
  if (begin === end % dayMinutes) return { type: 'fault', why: 'whose two times are the same', next }
  return { type: 'window', window: { from: begin, to: end, zone } }
}

function minutesOf(text: string): number | null {
  const [hours = 0, minutes = 0] = text.split(':').map(Number)
  const sum = hours * 60 + minutes
  return minutes < 60 && sum <= dayMinutes ? sum : null
}

/** Milliseconds until the window opens; 0 while it is open. */
export function untilOpen({ from, to, zone }: DailyWindow, instant: number): number {
  const wall = wallOf(instant, zone)
  const dayLength = dayMinutes * 60_000
  const now = ((wall % dayLength) + dayLength) % dayLength
  const [begin, end] = [from * 60_000, to * 60_000]
  const isOpen = begin < end ? now >= begin && now < end : now >= begin || now < end
  if (isOpen) return 0
  return begin > now ? begin - now : begin + dayLength - now
}
