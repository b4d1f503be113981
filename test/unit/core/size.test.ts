import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatSize, parseSize } from '../../../src/core/size.ts'

describe('parseSize', () => {
  it.each([
    ['0', 0],
    ['0mb', 0],
    ['512mb', 536_870_912],
    ['2 GB', 2_147_483_648],
    ['96 KiB', 98_304],
    ['50gb', 53_687_091_200],
    ['10b', 10],
  ])('reads %s as %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
  })

  it.each(['', '5', '1.5gb', '-1mb', '5 xb', 'gb', '5m', 'none'])('refuses %j', (text) => {
    expect(parseSize(text)).toBeNull()
  })

  it('reads whole sizes as formatSize writes them', () => {
    const size = fc.tuple(fc.integer({ min: 10, max: 1023 }), fc.constantFrom(1024, 1024 ** 2, 1024 ** 3, 1024 ** 4))
    fc.assert(
      fc.property(size, ([number, unit]) => {
        expect(parseSize(formatSize(number * unit))).toBe(number * unit)
      }),
    )
  })
})

it.each([
  [0, '0 bytes'],
  [1023, '1023 bytes'],
  [98_304, '96 KiB'],
  [1_500_000_000, '1.4 GiB'],
])('formatSize writes %d as %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text)
})
