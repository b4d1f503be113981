import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDuration } from '../../../src/config/duration.ts'

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['5s', 5000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['1.5h', 5_400_000],
    [' 3 s ', 3000],
    ['0', 0],
    ['0s', 0],
    ['596h', 2_145_600_000],
  ])('reads %s as %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toEqual({ type: 'limit', milliseconds })
  })

  it('reads none as no limit', () => {
    expect(parseDuration('none')).toEqual({ type: 'none' })
  })

  it.each([
    ['30', 'a number without a unit', 'Write "30s" for seconds or "30ms" for milliseconds.'],
    ['1.5', 'a number without a unit', 'Write "1.5s" for seconds or "1.5ms" for milliseconds.'],
    ['5d', 'not a duration', 'Write it like "500ms", "5s", "10m" or "2h".'],
    ['5 minutes', 'not a duration', 'Write it like "500ms", "5s", "10m" or "2h".'],
    ['-5s', 'not a duration', 'Write it like "500ms", "5s", "10m" or "2h".'],
    ['', 'not a duration', 'Write it like "500ms", "5s", "10m" or "2h".'],
    ['5S', 'not a duration', 'Write it like "500ms", "5s", "10m" or "2h".'],
    ['1toString', 'not a duration', 'Write it like "500ms", "5s", "10m" or "2h".'],
    ['597h', 'too long', 'The longest duration is "596h".'],
  ])('refuses %j: %s', (text, why, next) => {
    expect(parseDuration(text)).toEqual({ type: 'fault', why, next })
  })

  it('never takes a number other than zero without a unit', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(parseDuration(String(number)).type).toBe('fault')
      }),
    )
  })
})
