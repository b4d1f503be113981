import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextStop, readStopTime } from '../../../src/calendar/stop-time.ts'
import { wallOf } from '../../../src/calendar/zone.ts'

const stopOf = (text: string, now: string): string => {
  const outcome = readStopTime(text)
  if (outcome.type === 'fault') return `${outcome.why}. ${outcome.next}`
  return new Date(nextStop(outcome.time, Date.parse(now))).toISOString()
}

test.each([
  ['05:00 UTC', '2026-11-29T04:59:59Z', '2026-11-29T05:00:00.000Z'],
  ['05:00 UTC', '2026-11-29T05:00:00Z', '2026-11-30T05:00:00.000Z'],
  ['05:00 Asia/Shanghai', '2026-11-29T20:00:00Z', '2026-11-29T21:00:00.000Z'],
  // The clocks of Berlin go back an hour in this night, and forward in that one.
  ['05:00 Europe/Berlin', '2026-10-24T21:00:00Z', '2026-10-25T04:00:00.000Z'],
  ['05:00 Europe/Berlin', '2027-03-27T22:00:00Z', '2027-03-28T03:00:00.000Z'],
  ['2026-12-01T05:00:00+08:00', '2026-11-29T00:00:00Z', '2026-11-30T21:00:00.000Z'],
  ['2026-01-01T00:00Z', '2026-11-29T00:00:00Z', '2026-01-01T00:00:00.000Z'],
])('%s, asked at %s, is %s', (text, now, expected) => {
  expect(stopOf(text, now)).toBe(expected)
})

test.each([
  ['05:00', /without a time zone/],
  ['25:00 UTC', /not a time/],
  ['05:00 Mars/Base', /not an IANA time zone/],
  ['2026-12-01T05:00:00', /not a time/],
  ['2026-13-01T05:00Z', /not a date/],
  ['soon', /not a time\. Write it like `05:00 Asia\/Shanghai`/],
])('%s is refused', (text, why) => {
  expect(stopOf(text, '2026-11-29T00:00:00Z')).toMatch(why)
})

test('the next stop is within a day and an hour, at that time of the clocks', () => {
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Shanghai', 'Asia/Kolkata')
  const instants = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2028, 0, 1) })
  fc.assert(
    fc.property(zones, fc.integer({ min: 0, max: 1439 }), instants, (zone, minutes, now) => {
      // Between 1 and 3 at night clocks are changed: such a time may not exist.
      fc.pre(minutes < 60 || minutes >= 180)
      const at = nextStop({ type: 'daily', minutes, zone }, now)
      expect(at).toBeGreaterThan(now - 3_600_000)
      expect(at).toBeLessThanOrEqual(now + 25 * 3_600_000)
      expect((((wallOf(at, zone) / 60_000) % 1440) + 1440) % 1440).toBe(minutes)
    }),
  )
})
