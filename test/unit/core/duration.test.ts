import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  century,
  describeDuration,
  durationPattern,
  longestTimer,
  parseDuration,
  readDurationFlag,
} from '../../../src/core/duration.ts'

const advice = 'Write it like `500ms`, `5s`, `10m`, `2h`, `7 days` or `1h30m`.'

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['5s', 5000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['1.5h', 5_400_000],
    ['5d', 432_000_000],
    ['1w', 604_800_000],
    ['2 days', 172_800_000],
    ['1 week', 604_800_000],
    ['36 hours', 129_600_000],
    ['1h30m', 5_400_000],
    ['1 day 12 hours', 129_600_000],
    [' 3 s ', 3000],
    ['0', 0],
    ['0s', 0],
    ['0 days', 0],
  ])('reads %s as %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toEqual({ type: 'duration', milliseconds })
  })

  it('reads none as no limit', () => {
    expect(parseDuration('none')).toEqual({ type: 'none' })
  })

  it.each([
    ['30', 'a number without a unit', 'Write `30s` for seconds, `30ms` for milliseconds or `30d` for days.'],
    ['-5s', 'not a duration', advice],
    ['', 'not a duration', advice],
    ['5S', 'given in "S", which is not a unit of time', advice],
    ['1toString', 'given in "toString", which is not a unit of time', advice],
    ['2 months', 'given in "months", whose length varies', advice],
    ['5M', 'given in "M", whose length varies', advice],
    ['30m1h', 'not in the order of its units', advice],
    ['1s 2s', 'not in the order of its units', advice],
    ['36526d', 'too long', 'The longest duration here is a hundred years.'],
  ])('refuses %j: %s', (text, why, next) => {
    expect(parseDuration(text)).toEqual({ type: 'fault', why, next })
  })

  it('refuses what is longer than the limit of its caller', () => {
    expect(parseDuration('596h', longestTimer)).toEqual({ type: 'duration', milliseconds: 2_145_600_000 })
    expect(parseDuration('597h', longestTimer)).toMatchObject({ next: 'The longest duration here is "596h".' })
  })

  it('never takes a number other than zero without a unit', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(parseDuration(String(number)).type).toBe('fault')
      }),
    )
  })

  it('reads every duration that describeDuration writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: century }), (milliseconds) => {
        const text = describeDuration(milliseconds)
        expect(parseDuration(text)).toEqual({ type: 'duration', milliseconds })
        expect(text).toMatch(new RegExp(durationPattern))
      }),
    )
  })

  it('takes any text without throwing, and only what editors take by the pattern', () => {
    const pattern = new RegExp(durationPattern)
    const text = fc
      .array(fc.constantFrom('1', '0', '.', ' ', 'h', 'm', 's', 'day', 'days', 'w', 'none', 'x'))
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, (written) => {
        if (parseDuration(written).type === 'duration') expect(written).toMatch(pattern)
      }),
    )
  })
})

it('names the flag whose duration is invalid', () => {
  expect(readDurationFlag('--timeout', '5s')).toBe(5000)
  expect(readDurationFlag('--timeout', 'none')).toBeNull()
  expect(() => readDurationFlag('--timeout', '5')).toThrow('`--timeout` cannot be "5": a number without a unit.')
})

describe('describeDuration', () => {
  it.each([
    [0, '0 seconds'],
    [1, '1 millisecond'],
    [1000, '1 second'],
    [5_400_000, '1 hour 30 minutes'],
    [86_400_000, '1 day'],
    [129_600_000, '1 day 12 hours'],
    [31_536_000_000, '365 days'],
    [1500, '1 second 500 milliseconds'],
  ])('writes %d ms as %s', (milliseconds, text) => {
    expect(describeDuration(milliseconds)).toBe(text)
  })
})
