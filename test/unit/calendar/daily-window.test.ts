import { describe, expect, test } from 'vitest'
import { readDailyWindow, untilOpen } from '../../../src/calendar/daily-window.ts'

const minute = 60_000

function until(text: string, instant: string): number {
  const outcome = readDailyWindow(text)
  if (outcome.type !== 'window') throw new Error(outcome.why)
  return untilOpen(outcome.window, Date.parse(instant)) / minute
}

describe('a daily window', () => {
  test.each([
    ['02:00-05:00 Asia/Shanghai', '2026-11-28T18:00:00Z', 0],
    ['02:00-05:00 Asia/Shanghai', '2026-11-28T20:59:00Z', 0],
    ['02:00-05:00 Asia/Shanghai', '2026-11-28T21:00:00Z', 21 * 60],
    ['02:00-05:00 Asia/Shanghai', '2026-11-28T17:30:00Z', 30],
    ['22:00-04:00 UTC', '2026-11-28T23:00:00Z', 0],
    ['22:00-04:00 UTC', '2026-11-28T03:59:00Z', 0],
    ['22:00-04:00 UTC', '2026-11-28T04:00:00Z', 18 * 60],
  ])('%s at %s opens in %d minutes', (text, instant, minutes) => {
    expect(until(text, instant)).toBe(minutes)
  })

  test.each([
    ['02:00-05:00', 'without a time zone'],
    ['02:00-05:00 Mars/Base', 'not an IANA time zone'],
    ['2-5 UTC', 'not a time window'],
    ['02:00-25:00 UTC', 'not a time of day'],
    ['02:60-03:00 UTC', 'not a time of day'],
    ['02:00-02:00 UTC', 'the same'],
    ['00:00-24:00 UTC', 'the same'],
  ])('%s is refused: %s', (text, why) => {
    const outcome = readDailyWindow(text)
    expect(outcome.type === 'fault' ? outcome.why : '').toContain(why)
  })
})
