import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/operate/decide.ts'
import {
  describeBeyond,
  describeBound,
  describeReading,
  isOver,
  type Measure,
  type Reading,
} from '../../../src/operate/reading.ts'

function reading(
  measure: Measure,
  value: number | null,
  bound: number | null,
  changes: Partial<Reading> = {},
): Reading {
  return { measure, of: 'b', value, bound, why: value === null ? 'its applier is stopped' : null, ...changes }
}

describe('decide', () => {
  test.each([
    ['at the bound', 5000, 'go-on'],
    ['over the bound', 5001, 'pause'],
    ['not known', null, 'pause'],
  ])('work that runs: %s', (_name, value, type) => {
    expect(decide([reading('lag', value, 5000)], false, 0.8).type).toBe(type)
  })

  test.each([
    ['below the bound, above its share', 4500, 'pause'],
    ['at the share', 4000, 'go-on'],
    ['not known', null, 'pause'],
  ])('work that waits: %s', (_name, value, type) => {
    expect(decide([reading('lag', value, 5000)], true, 0.8).type).toBe(type)
  })

  test('free disk space is bounded from below', () => {
    expect(decide([reading('free-disk', 99, 100)], false, 0.8).type).toBe('pause')
    expect(decide([reading('free-disk', 120, 100)], true, 0.8).type).toBe('pause')
    expect(decide([reading('free-disk', 125, 100)], true, 0.8).type).toBe('go-on')
  })

  test('a bound of one or of none can be come back to', () => {
    expect(decide([reading('threads-running', 1, 1)], true, 0.8).type).toBe('go-on')
    expect(decide([reading('query', 0, 0)], true, 0.8).type).toBe('go-on')
    expect(decide([reading('query', 1, 0)], true, 0.8).type).toBe('pause')
  })

  test('what has no bound holds nothing up, known or not', () => {
    expect(decide([reading('undo', 1e12, null), reading('free-disk', null, null)], false, 0.8)).toEqual({
      type: 'go-on',
    })
  })

  test('all that it waits for is named', () => {
    const over = [reading('lag', 9000, 5000), reading('threads-running', 61, 50)] as const
    const decision = decide([reading('undo', 1, 2), ...over], false, 0.8)
    expect(decision).toEqual({ type: 'pause', because: over })
  })
})

describe('a reading in words', () => {
  test.each<[Reading, string, string]>([
    [reading('lag', 9000, 5000), 'replica b is 9.0 s behind', 'at most 5.0 s'],
    [reading('lag', null, 5000), 'replica b counts as behind, because its applier is stopped', 'at most 5.0 s'],
    [reading('group-queue', 120, 100), 'the queue of group member b is 120', 'at most 100'],
    [reading('threads-running', 61, 50), 'the number of Threads_running of b is 61', 'at most 50'],
    [reading('checkpoint-age', 81.4, 75), 'the checkpoint age of b is 81 %', 'at most 75 %'],
    [reading('undo', 2 * 1024 ** 3, 1024 ** 3), 'the size of the undo tablespaces of b is 2.0 GiB', 'at most 1.0 GiB'],
    [reading('query', 600, 500), 'the result of query `b` is 600', 'at most 500'],
    [
      reading('free-disk', null, 1024),
      'the free disk space of b is not known, because its applier is stopped',
      'at least 1.0 KiB',
    ],
    [
      reading('window', 3_600_000, 0, { text: '02:00-05:00 UTC' }),
      'the time is outside the window 02:00-05:00 UTC, which opens in 1 h 00 min',
      '02:00-05:00 UTC',
    ],
  ])('%#', (one, now, bound) => {
    expect(isOver(one)).toBe(true)
    expect(describeReading(one, 'is')).toBe(now)
    expect(describeBound(one)).toBe(bound)
  })

  test('a pause that is over is told in the past tense', () => {
    expect(describeReading(reading('lag', 9000, 5000), 'was')).toBe('replica b was 9.0 s behind')
    expect(describeReading(reading('lag', null, 5000), 'was')).toContain('counted as behind')
    const window = reading('window', 3_600_000, 0, { text: '02:00-05:00 UTC' })
    expect(describeReading(window, 'was')).toBe('the time was outside the window 02:00-05:00 UTC')
  })

  test('a bound stands behind its reading, and a window, which is named already, does not', () => {
    expect(describeBeyond(reading('lag', 9000, 5000), 'is')).toBe('replica b is 9.0 s behind (at most 5.0 s)')
    const window = reading('window', 3_600_000, 0, { text: '02:00-05:00 UTC' })
    expect(describeBeyond(window, 'is')).toBe(
      'the time is outside the window 02:00-05:00 UTC, which opens in 1 h 00 min',
    )
  })
})
