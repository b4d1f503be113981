import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CronFields, fitsDay, longestInterval, readCron } from '../../../src/calendar/cron.ts'
import { wallOf } from '../../../src/calendar/zone.ts'
import { nextRuns } from '../../../src/shards/schedule/run-schedule.ts'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

function fieldsOf(expression: string): CronFields {
  const outcome = readCron(expression)
  if (outcome.type === 'fault') throw new Error(outcome.why)
  return outcome.fields
}

/** Whether the clocks of a zone show a time of the schedule: reckoned from its fields, without cron-parser. */
function isTime(fields: CronFields, instant: number, zone: string): boolean {
  const wall = new Date(wallOf(instant, zone))
  return (
    fields.minutes.includes(wall.getUTCMinutes()) &&
    fields.hours.includes(wall.getUTCHours()) &&
    fitsDay(fields, { month: wall.getUTCMonth() + 1, day: wall.getUTCDate() }, wall.getUTCDay())
  )
}

describe('readCron', () => {
  test.each([
    ['17 * * * *', { minutes: [17] }],
    ['*/20 8-10 * * *', { minutes: [0, 20, 40], hours: [8, 9, 10] }],
    ['1,5-9/2,30 0 * * *', { minutes: [1, 5, 7, 9, 30] }],
    ['0 0 * JAN,Jun-aug MON-fri', { months: [1, 6, 7, 8], daysOfWeek: [1, 2, 3, 4, 5], days: 'both' }],
    ['0 0 * * 5-7', { daysOfWeek: [0, 5, 6] }],
    ['0 0 1,15 * 1', { daysOfMonth: [1, 15], daysOfWeek: [1], days: 'either' }],
    ['0\t0  29 2 *', { daysOfMonth: [29], months: [2] }],
  ])('%j', (expression, fields) => {
    expect(readCron(expression)).toMatchObject({ type: 'cron', fields })
  })

  test('reads a list in whatever order it is written, also with a number that is there twice', () => {
    const lists = fc.tuple(
      ...[59, 23, 28, 12, 6].map((most, at) =>
        fc.uniqueArray(fc.integer({ min: at === 2 || at === 3 ? 1 : 0, max: most }), { minLength: 1, maxLength: 5 }),
      ),
    )
    fc.assert(
      fc.property(lists, fc.func(fc.integer()), (fields, rank) => {
        const mixed = fields.map((field) => [...field, ...field].sort((one, other) => rank(one) - rank(other)))
        const text = (all: readonly (readonly number[])[]): string => all.map((field) => field.join(',')).join(' ')
        expect(fieldsOf(text(mixed))).toEqual(
          fieldsOf(text(fields.map((field) => field.toSorted((one, other) => one - other)))),
        )
      }),
    )
  })

  test.each([
    ['', 'not five fields'],
    [' ', 'not five fields'],
    ['* * * *', 'not five fields'],
    ['0 * * * * *', 'not five fields'],
    [' 17 * * * *', 'not five fields'],
    ['17 * * * *\n', '"*\\n" is not a valid day of the week'],
    ['@daily', 'not five fields'],
    ['60 * * * *', '"60" is not a valid minute (0 to 59)'],
    ['* 24 * * *', '"24" is not a valid hour (0 to 23)'],
    ['* * 0 * *', '"0" is not a valid day of the month (1 to 31)'],
    ['* * * 13 *', '"13" is not a valid month (1 to 12)'],
    ['* * * * 8', '"8" is not a valid day of the week (0 to 7)'],
    ['* * * FOO *', '"FOO" is not a valid month (1 to 12)'],
    ['-1 * * * *', '"-1" is not a valid minute'],
    ['1.5 * * * *', '"1.5" is not a valid minute'],
    ['1,,2 * * * *', '"" is not a valid minute'],
    ['5-1 * * * *', 'the range "5-1" is reversed'],
    ['*/0 * * * *', '"*/0" has a step of zero'],
    ['5/10 * * * *', '"5/10" has a step but no range'],
    ['? * * * *', '"?" is not a valid minute'],
    ['0 0 L * *', '"L" is not a valid day of the month (1 to 31)'],
    ['0 0 15W * *', '"15W" is not a valid day of the month (1 to 31)'],
    ['0 0 * * 5#2', '"5#2" is not a valid day of the week'],
    ['H * * * *', '"H" is not a valid minute (0 to 59)'],
    ['0 0 30 2 *', 'a date that does not exist'],
    ['0 0 31 4,6,9,11 *', 'a date that does not exist'],
    [
      '0 0 */2 * 1',
      'a step of "*" for one kind of day together with the other kind, which cron implementations treat differently',
    ],
    [
      '0 0 1 * */2',
      'a step of "*" for one kind of day together with the other kind, which cron implementations treat differently',
    ],
    ['constructor * * * *', '"constructor" is not a valid minute (0 to 59)'],
  ])('refuses %j', (expression, why) => {
    const outcome = readCron(expression)
    expect(outcome.type === 'fault' ? outcome.why : 'accepted').toContain(why)
  })
})

/** Expressions that come round within days, so that a search minute by minute ends. */
const frequent = fc
  .tuple(
    fc.constantFrom('0', '17', '*/15', '5,35', '59', '10-50/20'),
    fc.constantFrom('*', '0', '1', '2', '3', '23', '*/6', '0-3', '1,2'),
    fc.constantFrom('*', '*', '1-15', '29,30,31'),
    fc.constantFrom('*', '*', '1-3,10-12'),
    fc.constantFrom('*', '*', '0', '1-5', '6,7'),
  )
  .map((fields) => fields.join(' '))

describe('nextRuns', () => {
  test('are the times that the fields let through, each of them, in a zone without changes', () => {
    const instants = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) })
    fc.assert(
      fc.property(frequent, instants, fc.constantFrom('UTC', 'Asia/Shanghai'), (expression, after, zone) => {
        const fields = fieldsOf(expression)
        const last = after + 10 * day
        const found = nextRuns({ expression, zone }, after, 10).filter((run) => run <= last)
        const expected: number[] = []
        for (let at = Math.floor(after / minute) * minute + minute; at <= last && expected.length < 10; at += minute) {
          if (isTime(fields, at, zone)) expected.push(at)
        }
        expect(found).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })

  test('come once where the clocks leave their time out or show it twice', () => {
    const runs = (after: string): readonly string[] =>
      nextRuns({ expression: '30 1 * * *', zone: 'Europe/London' }, Date.parse(after), 3).map((run) =>
        new Date(run).toISOString().slice(0, 16),
      )
    expect(runs('2026-03-28T12:00:00Z')).toEqual(['2026-03-29T01:30', '2026-03-30T00:30', '2026-03-31T00:30'])
    expect(runs('2026-10-24T12:00:00Z')).toEqual(['2026-10-25T00:30', '2026-10-26T01:30', '2026-10-27T01:30'])
  })

  test('the runs of an hourly schedule come every hour, also when the clocks change', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2010, 0, 1), max: Date.UTC(2030, 0, 1) }),
        fc.constantFrom('Europe/London', 'America/Sao_Paulo', 'Pacific/Apia'),
        (after, zone) => {
          const runs = nextRuns({ expression: '17 * * * *', zone }, after, 30)
          const steps = [after, ...runs].slice(1).map((run, place) => run - ([after, ...runs][place] ?? 0))
          expect(Math.max(...steps)).toBeLessThanOrEqual(hour)
          expect(Math.min(...steps)).toBeGreaterThan(0)
        },
      ),
      { numRuns: 60 },
    )
  })

  test.each([
    ['', 'UTC'],
    ['17 * * * *', 'Mars/Olympus'],
  ])('refuse %j in %s', (expression, zone) => {
    expect(() => nextRuns({ expression, zone }, 0, 1)).toThrow(RangeError)
  })
})

describe('longestInterval', () => {
  test.each([
    ['17 * * * *', hour],
    ['*/15 * * * *', 15 * minute],
    ['5,35 3,15 * * *', 11.5 * hour],
    ['0 3 * * *', day],
    ['0 3 * * 1', 7 * day],
    ['0 3 * * 1-5', 3 * day],
    ['0 3 1 * *', 31 * day],
    ['0 3 31 * *', 61 * day],
    ['0 3 1 */3 *', 92 * day],
    ['0 3 1 1 *', 366 * day],
    ['* * 1 1 *', 365 * day + minute],
    ['0 3 29 2 *', (8 * 365 + 1) * day],
    ['0 3 1 * 1', 7 * day],
  ])('of %s', (expression, expected) => {
    expect(longestInterval(fieldsOf(expression))).toBe(expected)
  })

  test('is never passed by the runs themselves', () => {
    fc.assert(
      fc.property(
        frequent,
        fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) }),
        (expression, after) => {
          const runs = nextRuns({ expression, zone: 'UTC' }, after, 20)
          const steps = runs.slice(1).map((run, place) => run - (runs[place] ?? run))
          expect(Math.max(...steps)).toBeLessThanOrEqual(longestInterval(fieldsOf(expression)))
        },
      ),
      { numRuns: 60 },
    )
  })
})
