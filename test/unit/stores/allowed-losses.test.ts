import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { storeKinds } from '../../../src/core/store.ts'
import { allowFlag, isAllowed, readAllowedLosses, splitAllowed } from '../../../src/stores/allowed-losses.ts'
import { storeLossCodes } from '../../../src/stores/store-plan.ts'

const losing = fc.record({
  code: fc.constantFrom(...storeLossCodes),
  store: fc.constantFrom(...storeKinds),
  kind: fc.constantFrom('user', 'role', 'index template', 'DBRP mapping'),
  name: fc.constantFrom(
    'app',
    'App',
    'a,b',
    'ops reader',
    "o'brien",
    '10.0.0.2:27017',
    'a/b',
    '日志',
    'a b/c:d',
    ' a ',
  ),
})

/** The value that a shell hands over for a flag. */
function wordOf(flag: string): string {
  const word = flag.slice('--allow '.length)
  return word.startsWith("'") ? word.slice(1, -1).replaceAll("'\\''", "'") : word
}

describe('what --allow accepts', () => {
  test('the flag of a loss accepts that loss, and none of another code, store, kind or name', () => {
    fc.assert(
      fc.property(losing, losing, (one, other) => {
        const flag = allowFlag(one.code, one, { resource: one })
        const accepted = readAllowedLosses([wordOf(flag)])
        expect(isAllowed(one.code, one, { resource: one }, accepted)).toBe(true)
        const isSame =
          one.code === other.code && one.store === other.store && one.kind === other.kind && one.name === other.name
        expect(isAllowed(other.code, other, { resource: other }, accepted)).toBe(isSame)
      }),
    )
  })

  test('a code accepts its loss of everything, and no other code', () => {
    fc.assert(
      fc.property(fc.constantFrom(...storeLossCodes), losing, (code, other) => {
        const accepted = readAllowedLosses([code])
        expect(isAllowed(other.code, other, { resource: other }, accepted)).toBe(code === other.code)
      }),
    )
  })

  test('codes are separated by commas, written in either form; a value with a name is one', () => {
    expect(readAllowedLosses(['REMOVED_ACCESS, shorter-age', ' '])).toEqual([
      { code: 'removed-access', of: null },
      { code: 'shorter-age', of: null },
    ])
    expect(splitAllowed(['drop-table,removed-access', 'removed-access:redis/user/a,shorter-age'])).toEqual([
      'drop-table',
      'removed-access',
      'removed-access:redis/user/a,shorter-age',
    ])
    expect(() => readAllowedLosses(['shorter-age,removed-access:redis/user/a'])).toThrow('does not name a loss')
  })

  test('a name with a space or a quote can be pasted into a shell', () => {
    const resource = { kind: 'index template', name: "it's a log" }
    expect(allowFlag('removed-access', { store: 'elasticsearch' }, { resource })).toBe(
      "--allow 'removed-access:elasticsearch/index-template/it'\\''s a log'",
    )
  })

  test.each([
    ['removed-access:redis', 'does not name a resource of a store'],
    ['removed-access:redis/user/', 'does not name a resource of a store'],
    ['removed-access:reddis/user/app', 'Stores: elasticsearch, influxdb, mongodb, redis.'],
    ['removed-acces:redis/user/app', 'Did you mean `removed-access`?'],
    ['removed-acces', 'Did you mean `removed-access`?'],
  ])('%s is refused', (word, said) => {
    const refuse = () => readAllowedLosses([word])
    expect(refuse).toThrow(expect.objectContaining({ code: 'UNKNOWN_LOSS', exitCode: 64 }))
    try {
      refuse()
    } catch (error) {
      expect(JSON.stringify(error)).toContain(said)
    }
  })
})
