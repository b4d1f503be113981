import { describe, expect, test } from 'vitest'
import { compileNaming, type ShardNaming } from '../../../src/calendar/naming.ts'
import { type Period, periodAt, periodOf } from '../../../src/calendar/period.ts'
import type { PeriodKind } from '../../../src/core/shard-family.ts'

/** Two without and three with changes of the clock; the last left out a day, the one before it many a midnight. */
const zones = ['UTC', 'Asia/Shanghai', 'Europe/London', 'America/Sao_Paulo', 'Pacific/Apia']

const patterns: Readonly<Record<PeriodKind, string>> = {
  day: 'system_logs_{YYYYMMDD}',
  week: 'instance_monitors_{GGGG}w{WW}',
  month: 'messages_{YYYYMM}',
  quarter: 'reports_{YYYY}q{Q}',
  year: 'ledger_{YYYY}',
}

const [first, last] = [Date.UTC(2000, 0, 1, 12), Date.UTC(2100, 11, 31, 12)]
const noon = 12 * 3_600_000
const day = 24 * 3_600_000

/** The date that the clocks of a zone show, from Intl alone: the calendar has no part in it. */
function readDate(zone: string): (instant: number) => string {
  const formatter = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' })
  return (instant) => formatter.format(instant)
}

/** The key of the period that a date is in, reckoned with Date. A week's year is that of its Thursday (ISO 8601). */
function expectedKey(date: string, kind: PeriodKind): string {
  const [year, month] = [date.slice(0, 4), date.slice(5, 7)]
  const instant = Date.parse(date)
  const thursday = new Date(instant + (4 - (new Date(instant).getUTCDay() || 7)) * day)
  const weeksBefore = Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / (7 * day))
  const keys: Readonly<Record<PeriodKind, string>> = {
    day: date,
    week: `${thursday.getUTCFullYear()}-W${String(weeksBefore + 1).padStart(2, '0')}`,
    month: `${year}-${month}`,
    quarter: `${year}-Q${Math.ceil(Number(month) / 3)}`,
    year,
  }
  return keys[kind]
}

function* periodsOfCentury(kind: PeriodKind, zone: string): Generator<Period> {
  for (let period = periodAt(first, kind, zone); period.from <= last; period = periodAt(period.to, kind, zone)) {
    yield period
  }
}

/** What is wrong with a period, as a text: one comparison a period keeps a century of days within a second. */
function findFault(period: Period, before: Period | null, naming: ShardNaming, dateAt: (at: number) => string) {
  const { kind, zone, key, from, to } = period
  const found = periodOf(key, kind, zone)
  const faults = [
    [from >= to, 'is empty'],
    [before !== null && before.to !== from, 'does not touch the one before'],
    [expectedKey(dateAt(from), kind) !== key, 'has another date where it begins'],
    [expectedKey(dateAt(to - 1), kind) !== key, 'has another date where it ends'],
    [periodAt(to - 1, kind, zone).key !== key, 'does not hold its last instant'],
    [naming.parse(naming.name(key)) !== key, 'is not read back from its name'],
    [found?.from !== from || found.to !== to, 'is not found by its key'],
  ] as const
  return faults.filter(([wrong]) => wrong).map(([, what]) => `${zone} ${key} ${what}`)
}

describe.each(zones)('every day of 2000 to 2100 in %s', (zone) => {
  const dateAt = readDate(zone)

  test.each(Object.keys(patterns) as PeriodKind[])('by %s', (kind) => {
    const naming = compileNaming(patterns[kind], { type: 'period', kind, zone })
    const faults: string[] = []
    const names = new Set<string>()
    let [before, count]: [Period | null, number] = [null, 0]
    for (const period of periodsOfCentury(kind, zone)) {
      faults.push(...findFault(period, before, naming, dateAt))
      names.add(naming.name(period.key))
      before = period
      count += 1
    }
    expect(faults).toEqual([])
    expect(names.size).toBe(count)
  })
})

test.each(Object.keys(patterns) as PeriodKind[])('each date of 2000 to 2100 is in its %s', (kind) => {
  const wrong: string[] = []
  for (let instant = first; instant <= last; instant += day) {
    const date = new Date(instant).toISOString().slice(0, 10)
    const period = periodAt(instant, kind, 'UTC')
    if (period.key !== expectedKey(date, kind) || !(period.from <= instant - noon && instant + noon <= period.to)) {
      wrong.push(date)
    }
  }
  expect(wrong).toEqual([])
})

test.each([
  ['day', 36_890],
  ['week', 5271],
  ['month', 1212],
  ['quarter', 404],
  ['year', 101],
] as const)('a century has its number of periods: %s', (kind, count) => {
  expect([...periodsOfCentury(kind, 'UTC')]).toHaveLength(count)
})

test('Apia has one day less', () => {
  expect([...periodsOfCentury('day', 'Pacific/Apia')].map((period) => period.key)).not.toContain('2011-12-30')
})
