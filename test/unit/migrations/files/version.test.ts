import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareVersions } from '../../../../src/core/version.ts'
import { momentOf, timestampFault, timestampOf } from '../../../../src/migrations/files/migration-name.ts'

test('versions are ordered as numbers', () => {
  const versions = ['10', '9', '0100', '20260101000000', '2', '001']
  expect(versions.sort(compareVersions)).toEqual(['001', '2', '9', '10', '0100', '20260101000000'])
})

test('versions are ordered as BigInt orders them', () => {
  const digits = fc.stringMatching(/^\d{1,20}$/)
  fc.assert(
    fc.property(digits, digits, (left, right) => {
      const [a, b] = [BigInt(left), BigInt(right)]
      expect(Math.sign(compareVersions(left, right))).toBe(a < b ? -1 : a > b ? 1 : 0)
    }),
  )
})

test('a moment is written as a valid timestamp and read back', () => {
  const moments = fc.date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  fc.assert(
    fc.property(moments, (moment) => {
      const timestamp = timestampOf(moment)
      expect(timestamp).toMatch(/^\d{14}$/)
      expect(timestampFault(timestamp)).toBeNull()
      expect(momentOf(timestamp).getTime()).toBe(Math.floor(moment.getTime() / 1000) * 1000)
    }),
  )
})
