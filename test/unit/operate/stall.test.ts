import { expect, test } from 'vitest'
import { describeStall, isWorthALine, StallClock, Stalls } from '../../../src/operate/stall.ts'

const target = { database: 'app', schema: 'app', server: 'h:1' }

test('a definition that ended before a read: nobody waited longer than it took', () => {
  expect(new StallClock(['a'], 1000).end(1030)).toEqual({ table: 'a', milliseconds: 30, why: null })
})

test('between two answers nobody waited longer than the time between them', () => {
  const clock = new StallClock(['a'], 0)
  for (const at of [50, 75, 100, 1300, 1325]) clock.answered('a', at)
  expect(clock.end(1340)).toEqual({ table: 'a', milliseconds: 1200, why: null })
})

test('what follows the last answer counts, too', () => {
  const clock = new StallClock(['a'], 0)
  clock.answered('a', 50)
  expect(clock.end(2000)).toMatchObject({ milliseconds: 1950 })
})

test('the table for which others waited longest is named', () => {
  const clock = new StallClock(['a', 'b'], 0)
  clock.answered('a', 900)
  clock.answered('b', 100)
  clock.answered('b', 950)
  expect(clock.end(1000)).toEqual({ table: 'a', milliseconds: 900, why: null })
})

test('a table that may not be read: as long as the definition took, and it is said', () => {
  const clock = new StallClock(['a'], 0)
  clock.giveUp('SELECT is denied')
  const stall = clock.end(12_000)
  expect(stall).toEqual({ table: 'a', milliseconds: 12_000, why: 'SELECT is denied' })
  expect(stall === null ? '' : describeStall(stall)).toBe(
    'others waited at most 12 s for `a`, as long as the statement took, because no read was measured: SELECT is denied',
  )
})

test('a definition of no table has none', () => {
  expect(new StallClock([], 0).end(10)).toBeNull()
})

test('the longest wait of each database is kept, and a short one is no line of the record', () => {
  const stalls = new Stalls()
  for (const milliseconds of [30, 400, 20])
    stalls.observe({ type: 'others-waited', target, stall: { table: 't', milliseconds, why: null } })
  stalls.observe({
    type: 'others-waited',
    target: { ...target, database: 'other' },
    stall: { table: 't', milliseconds: 4, why: null },
  })
  expect(stalls.of('app')?.milliseconds).toBe(400)
  expect(stalls.describe()).toEqual(['`app`: others waited at most 0.40 s for `t`.'])
  expect(isWorthALine({ table: 't', milliseconds: 4, why: null })).toBe(false)
})
