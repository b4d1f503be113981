import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readInstant } from '../../../src/calendar/instant.ts'

describe('readInstant', () => {
  test.each([
    ['2026-12-01', 'UTC', '2026-12-01T00:00:00.000Z'],
    ['2026-12-01', 'Asia/Shanghai', '2026-11-30T16:00:00.000Z'],
    ['2026-12-01T10:30Z', 'Asia/Shanghai', '2026-12-01T10:30:00.000Z'],
    ['2026-12-01T10:30:15+08:00', 'UTC', '2026-12-01T02:30:15.000Z'],
    ['2026-12-01T10:30:15.5-05:30', 'UTC', '2026-12-01T16:00:15.500Z'],
    ['2024-02-29T23:59:59.999Z', 'UTC', '2024-02-29T23:59:59.999Z'],
  ])('%s in %s is %s', (text, zone, expected) => {
    expect(new Date(readInstant(text, zone) ?? Number.NaN).toISOString()).toBe(expected)
  })

  test.each([
    '',
    '2026',
    '2026-12',
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '0050-01-01',
    '2026-12-01T10:30',
    '2026-12-01 10:30Z',
    '2026-12-01T24:00Z',
    '2026-12-01T10:60Z',
    '2026-12-01T10:30:61Z',
    '2026-12-01T10:30+15:00',
    '2026-12-01T10:30z',
    ' 2026-12-01',
    '2026-12-01\n',
    '２０２６-12-01',
    '1764547200000',
    'now',
  ])('refuses %j', (text) => {
    expect(readInstant(text, 'UTC')).toBeNull()
  })

  test('reads back what is written, whatever the zone', () => {
    const instants = fc.integer({ min: Date.UTC(1000, 0, 1), max: Date.UTC(9999, 11, 31) })
    fc.assert(
      fc.property(instants, fc.constantFrom('UTC', 'Europe/London', 'Pacific/Apia'), (instant, zone) => {
        expect(readInstant(new Date(instant).toISOString(), zone)).toBe(instant)
      }),
    )
  })
})
