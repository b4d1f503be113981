import { describe, expect, test } from 'vitest'
import { nameSnapshot } from '../../../src/provision/named-snapshot.ts'
import { environmentOfSnapshot } from '../../../src/provision/provision.ts'
import { checkEnvironmentName } from '../../../src/provision/variables.ts'

describe('the name of a snapshot', () => {
  test('fits with the longest name of a test environment into what GET_LOCK takes, and its row names both', () => {
    const environment = 'e'.repeat(32)
    const { name } = nameSnapshot(environment, 'x'.repeat(13))
    expect(`wwdb:set:${name}`).toHaveLength(64)
    expect(environmentOfSnapshot(name)).toBe(environment)
    expect(() => nameSnapshot(environment, 'x'.repeat(14))).toThrow(/is too long for the test environment/)
  })

  test('makes schemas that no other snapshot has, and no longer ones than a template', () => {
    const prefixes = [nameSnapshot('a', 'b-c'), nameSnapshot('a', 'b_c'), nameSnapshot('ab', 'c')].map(
      (one) => one.prefix,
    )
    expect(new Set(prefixes).size).toBe(3)
    for (const prefix of prefixes) expect(prefix).toMatch(/^wwdb_snapshot_[0-9a-f]{12}_$/)
  })

  test.each(['', '-a', '_a', 'A', 'a b', 'a/b', "a'", 'é', 'a\n'])('is not %j', (snapshot) => {
    expect(() => nameSnapshot('one', snapshot)).toThrow(/is not a valid name of a snapshot/)
  })

  test('is none that a test environment can have', () => {
    expect(() => checkEnvironmentName(nameSnapshot('one', 'two').name, [{ name: 'shop' }])).toThrow()
    expect(environmentOfSnapshot('template/0123456789ab')).toBeNull()
    expect(environmentOfSnapshot('snapshot')).toBeNull()
  })
})
