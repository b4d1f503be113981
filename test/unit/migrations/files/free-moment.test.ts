import { describe, expect, test } from 'vitest'
import { freeMoment } from '../../../../src/migrations/files/free-moment.ts'
import { timestampOf } from '../../../../src/migrations/files/migration-name.ts'

const now = Date.UTC(2026, 10, 28, 9, 0, 0, 250)
const journal = (...versions: readonly string[]) => ({ snapshot: { passes: versions.map((version) => ({ version })) } })
const versionAfter = (...versions: readonly string[]): string =>
  timestampOf(new Date(freeMoment(now, [journal('0001'), journal(...versions)])))

describe('the version of a migration that wwdb makes itself', () => {
  test('is now where the journals hold no newer one', () => {
    expect(freeMoment(now, [])).toBe(now)
    expect(versionAfter('20261128085959', 'R__views')).toBe('20261128090000')
  })

  test('is the second after the newest one of this minute, whatever their order', () => {
    expect(versionAfter('20261128090000')).toBe('20261128090001')
    expect(versionAfter('20261128090003', '20261128090000')).toBe('20261128090004')
    expect(versionAfter('20261128090059')).toBe('20261128090100')
  })

  test('takes no notice of a version that is far ahead, nor of places in a sequence', () => {
    expect(versionAfter('20270101000000', '0002', '9999999')).toBe('20261128090000')
  })
})
