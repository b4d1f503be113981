import { expect, test } from 'vitest'
import { instantOf, isZone, wallOf } from '../../../src/calendar/zone.ts'

test.each([
  'UTC',
  'Asia/Shanghai',
  'America/Argentina/Buenos_Aires',
  'Etc/GMT+8',
  'America/Port-au-Prince',
  'US/Pacific',
])('%s is a zone', (zone) => {
  expect(isZone(zone)).toBe(true)
})

test.each([
  '',
  'utc',
  'asia/shanghai',
  'ASIA/SHANGHAI',
  'Mars/Olympus',
  '+08:00',
  'UTC+8',
  'Asia/Shanghai\n',
  '../etc',
  'local',
])('%j is not a zone', (zone) => {
  expect(isZone(zone)).toBe(false)
})

const read = (instant: number): string => new Date(instant).toISOString()

test.each([
  ['2026-03-29T01:30:00Z', 'Europe/London', '2026-03-29T01:00:00.000Z', 'set forward: the instant of the change'],
  ['2026-10-25T01:30:00Z', 'Europe/London', '2026-10-25T00:30:00.000Z', 'shown twice: the first time'],
  ['2011-12-30T12:00:00Z', 'Pacific/Apia', '2011-12-30T10:00:00.000Z', 'a day left out: the end of the day before'],
  ['1900-12-31T23:59:59Z', 'Asia/Shanghai', '1900-12-31T15:54:16.000Z', 'local mean time, to the second'],
  ['2026-01-01T00:00:00Z', 'UTC', '2026-01-01T00:00:00.000Z', 'nothing to change'],
])('the clocks read %s in %s at %s (%s)', (wall, zone, expected) => {
  const instant = instantOf(Date.parse(wall), zone)
  expect(read(instant)).toBe(expected)
  expect(wallOf(instant, zone)).toBeGreaterThanOrEqual(Date.parse(wall))
  expect(wallOf(instant - 1, zone)).toBeLessThan(Date.parse(wall))
})

test('milliseconds and instants before 1970 are kept', () => {
  const instant = Date.parse('1969-07-20T20:17:40.123Z')
  expect(read(wallOf(instant, 'America/New_York'))).toBe('1969-07-20T16:17:40.123Z')
})
