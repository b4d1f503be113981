import fc from 'fast-check'
import { expect, it } from 'vitest'
import { countOf, groupDigits } from '../../../src/core/plural.ts'

it('groupDigits writes whole numbers as English does', () => {
  const english = new Intl.NumberFormat('en-US')
  for (const number of [0, 7, -7, 123, 999, 1000, -1204, 1_234_567])
    expect(groupDigits(number)).toBe(english.format(number))
  fc.assert(
    fc.property(fc.maxSafeInteger(), (number) => {
      expect(groupDigits(number)).toBe(english.format(number))
    }),
  )
})

it.each([
  [1, 'migration', '1 migration'],
  [0, 'migration', '0 migrations'],
  [2, 'pass', '2 passes'],
  [2, 'family', '2 families'],
  [2, 'key', '2 keys'],
  [2, 'series', '2 series'],
  [2, 'match', '2 matches'],
  [1204, 'row', '1,204 rows'],
  [1, 'more step', '1 more step'],
])('countOf writes %d %s as %s', (count, noun, text) => {
  expect(countOf(count, noun)).toBe(text)
})
