import { describe, expect, test } from 'vitest'
import { compileNaming } from '../../../src/calendar/naming.ts'
import { addSpan, periodAt, periodOf, periodsBetween, shiftPeriod } from '../../../src/calendar/period.ts'

const at = (text: string): number => Date.parse(text)

/** Date, the ISO week it is in. The years are those in which calendar year and ISO year part. */
const weeks = [
  ['2024-12-30', '2025-W01'],
  ['2025-12-29', '2026-W01'],
  ['2026-12-31', '2026-W53'],
  ['2027-01-03', '2026-W53'],
  ['2027-01-04', '2027-W01'],
] as const

describe('periodAt', () => {
  test.each(weeks)('%s is in %s', (date, key) => {
    expect(periodAt(at(`${date}T00:00:00Z`), 'week', 'UTC').key).toBe(key)
    expect(periodAt(at(`${date}T23:59:59.999Z`), 'week', 'UTC').key).toBe(key)
  })

  test('a month begins when it begins in its zone', () => {
    const instant = at('2026-01-31T16:30:00Z')
    expect(periodAt(instant, 'month', 'Asia/Shanghai')).toEqual({
      kind: 'month',
      zone: 'Asia/Shanghai',
      key: '2026-02',
      from: at('2026-01-31T16:00:00Z'),
      to: at('2026-02-28T16:00:00Z'),
    })
    expect(periodAt(instant, 'month', 'UTC').key).toBe('2026-01')
  })

  test('a day whose midnight the clocks leave out begins at one', () => {
    const day = periodOf('2018-11-04', 'day', 'America/Sao_Paulo')
    expect(day).toMatchObject({ from: at('2018-11-04T03:00:00Z'), to: at('2018-11-05T02:00:00Z') })
  })

  test('a day that the clocks enter twice is entered once', () => {
    // 2010-11-07 in St. John's: at 00:01 the clocks go back to 23:01 of the 6th.
    const [before, entered, again] = ['02:29:59', '02:30:00', '02:45:00'].map((time) => at(`2010-11-07T${time}Z`))
    const keys = [before, entered, again].map((instant) => periodAt(instant ?? 0, 'day', 'America/St_Johns').key)
    expect(keys).toEqual(['2010-11-06', '2010-11-07', '2010-11-07'])
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, at('0999-12-31T23:59:59Z'), at('+010000-01-01T00:00:00Z')])(
    'refuses %s',
    (instant) => {
      expect(() => periodAt(instant, 'day', 'UTC')).toThrow(RangeError)
    },
  )

  test('periodAt refuses a zone that does not exist', () => {
    expect(() => periodAt(0, 'day', 'Mars/Olympus')).toThrow(RangeError)
  })
})

describe('a day that a zone left out', () => {
  const zone = 'Pacific/Apia'
  test('is no period', () => {
    expect(periodOf('2011-12-30', 'day', zone)).toBeNull()
    expect(periodOf('2011-12-30', 'day', 'UTC')).not.toBeNull()
  })

  test('is stepped over', () => {
    const before = periodOf('2011-12-29', 'day', zone)
    if (before === null) throw new Error('no such day')
    const after = shiftPeriod(before, 1)
    expect(after.key).toBe('2011-12-31')
    expect(after.from).toBe(before.to)
    expect(shiftPeriod(after, -1)).toEqual(before)
    expect(periodsBetween(before.from, after.to, 'day', zone)).toEqual([before, after])
  })
})

describe('shiftPeriod', () => {
  test.each([
    ['2026-01', 'month', 1, '2026-02'],
    ['2026-01', 'month', -13, '2024-12'],
    ['2026-W53', 'week', 1, '2027-W01'],
    ['2026-Q4', 'quarter', 5, '2028-Q1'],
    ['2024-02-28', 'day', 2, '2024-03-01'],
    ['2026', 'year', -26, '2000'],
    ['2026', 'year', 0, '2026'],
  ] as const)('%s (%s) by %i is %s', (key, kind, count, expected) => {
    const period = periodOf(key, kind, 'UTC')
    expect(period === null ? null : shiftPeriod(period, count).key).toBe(expected)
  })
})

describe('periodsBetween', () => {
  test('takes every period that is touched, and not the one that begins at the end', () => {
    const keys = periodsBetween(at('2026-11-30T23:59:59Z'), at('2027-01-01T00:00:00Z'), 'month', 'UTC').map(
      (p) => p.key,
    )
    expect(keys).toEqual(['2026-11', '2026-12'])
  })

  test('periods of an empty range are an empty list', () => {
    expect(periodsBetween(5, 5, 'day', 'UTC')).toEqual([])
    expect(periodsBetween(5, 4, 'day', 'UTC')).toEqual([])
  })
})

describe('addSpan', () => {
  test.each([
    ['2026-01-31T00:00:00Z', 1, 'month', 'UTC', '2026-02-28T00:00:00Z'],
    ['2024-02-29T12:00:00Z', 1, 'year', 'UTC', '2025-02-28T12:00:00Z'],
    ['2026-03-31T00:00:00Z', -1, 'month', 'UTC', '2026-02-28T00:00:00Z'],
    ['2026-11-30T00:00:00Z', 1, 'quarter', 'UTC', '2027-02-28T00:00:00Z'],
    ['2026-03-28T00:30:00Z', 1, 'day', 'Europe/London', '2026-03-29T00:30:00Z'],
    ['2026-03-28T12:00:00Z', 1, 'day', 'Europe/London', '2026-03-29T11:00:00Z'],
    ['2026-03-28T01:30:00Z', 1, 'day', 'Europe/London', '2026-03-29T01:00:00Z'],
    ['2026-03-22T12:00:00Z', 1, 'week', 'Europe/London', '2026-03-29T11:00:00Z'],
  ] as const)('%s and %i %s in %s is %s', (instant, count, unit, zone, expected) => {
    expect(new Date(addSpan(at(instant), { count, unit }, zone)).toISOString()).toBe(new Date(expected).toISOString())
  })
})

describe('compileNaming', () => {
  test('names and reads back', () => {
    const naming = compileNaming('instance_monitors_{GGGG}w{WW}', { type: 'period', kind: 'week', zone: 'UTC' })
    expect(naming.name('2026-W49')).toBe('instance_monitors_2026w49')
    expect(naming.parse('instance_monitors_2026w49')).toBe('2026-W49')
    expect(naming.parse('instance_monitors_2025w53')).toBeNull()
  })
})
