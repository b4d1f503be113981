import { expect, test } from 'vitest'
import { findEndangered, judgeSamples } from '../../../src/stores/redis/check-families.ts'
import type { KeyFamily } from '../../../src/stores/redis/declaration.ts'
import type { SampledKey } from '../../../src/stores/redis/ports.ts'

const families: readonly KeyFamily[] = [
  { name: 'session', prefix: 'session:', type: 'hash', role: 'session', ttl: 60_000, owner: 'accounts' },
  { name: 'sessionIndex', prefix: 'session:index:', type: 'set', role: 'data', ttl: null, owner: 'accounts' },
  { name: 'page', prefix: 'page:', type: 'string', role: 'cache', ttl: 60_000, owner: 'web' },
]

function judge(...keys: readonly SampledKey[]): Readonly<Record<string, string>> {
  const checks = judgeSamples(families, [{ keys, complete: false }])
  return Object.fromEntries(
    checks.flatMap(({ name, state, seen }) => (state === 'good' ? [] : [[name, `${state}: ${seen}`]])),
  )
}

test('keys that are as registered are good; the longest prefix decides', () => {
  expect(
    judge(
      { key: 'session:1', type: 'hash', ttl: 60_000 },
      { key: 'session:index:1', type: 'set', ttl: null },
      { key: 'page:1', type: 'string', ttl: 1 },
    ),
  ).toEqual({})
})

test('violations are counted by family and owner, and no key is reported', () => {
  const found = judge(
    { key: 'session:secret', type: 'string', ttl: null },
    { key: 'session:secret2', type: 'hash', ttl: 120_000 },
    { key: 'stray:secret', type: 'string', ttl: null },
    { key: 'stray:secret3', type: 'string', ttl: null },
    { key: 'nothing-before-it-secret', type: 'string', ttl: 5 },
  )
  expect(found).toEqual({
    'every key belongs to a declared family': 'bad: 2 × stray:*; 1 × keys without a prefix',
    'keys have the declared types': 'bad: 1 × session (accounts): a string, but hash is declared',
    'keys that should expire have a TTL': 'bad: 1 × session (accounts): without a TTL',
    'no key lives longer than declared': 'warning: 1 × session (accounts): longer than declared',
  })
  expect(JSON.stringify(found)).not.toContain('secret')
})

test.each([
  ['allkeys-lru', ['session', 'sessionIndex'], []],
  ['volatile-lru', [], ['session']],
  ['noeviction', [], []],
])('%s endangers', (policy, always, expiring) => {
  const found = findEndangered(policy, families)
  expect(found.always.map(({ name }) => name)).toEqual(always)
  expect(found.expiring.map(({ name }) => name)).toEqual(expiring)
})
