import fc from 'fast-check'
import { expect, it } from 'vitest'
import { groupDigits } from '../../../src/core/group-digits.ts'

it('writes whole numbers as English does', () => {
  const english = new Intl.NumberFormat('en-US')
  for (const number of [0, 7, -7, 123, 999, 1000, -1204, 1_234_567])
    expect(groupDigits(number)).toBe(english.format(number))
  fc.assert(
    fc.property(fc.maxSafeInteger(), (number) => {
      expect(groupDigits(number)).toBe(english.format(number))
    }),
  )
})
