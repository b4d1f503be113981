import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compareServerVersions, isAtLeast } from '../../../src/core/version.ts'

it.each([
  ['8.0.11', '8.0.11', true],
  ['8.0.9', '8.0.11', false],
  ['8.4', '8.4.0', true],
  ['8.0.12-debug', '8.0.12', true],
  ['9.7.1', '8.0.11', true],
  ['10.1', '9.9.9', true],
  ['', '1', false],
])('a server of version %j, held against %s: %s', (version, floor, expected) => {
  expect(isAtLeast(version, floor)).toBe(expected)
})

const version = fc.array(fc.nat(99), { minLength: 1, maxLength: 4 }).map((numbers) => numbers.join('.'))

it('the order of server versions is a total order', () => {
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(Math.sign(compareServerVersions(a, b))).toBe(-Math.sign(compareServerVersions(b, a)) + 0)
      if (compareServerVersions(a, b) <= 0 && compareServerVersions(b, c) <= 0)
        expect(compareServerVersions(a, c)).toBeLessThanOrEqual(0)
    }),
  )
})
