import { describe, expect, test } from 'vitest'
import type { Reading } from '../../../src/stores/contract.ts'
import { readDeclarationDocument } from '../../../src/stores/declare/read-declarations.ts'
import { type Declaration, prefixNames } from '../../../src/stores/redis/declaration.ts'
import { readDeclaration } from '../../../src/stores/redis/schema.ts'

function read(files: Readonly<Record<string, string>>): Reading<Declaration> {
  const documents = Object.entries(files).map(([file, text]) => {
    const document = readDeclarationDocument(text, file)
    return 'value' in document ? document : expect.fail(JSON.stringify(document))
  })
  return readDeclaration(documents)
}

function declare(text: string, prefix = '') {
  const outcome = read({ 'a.yaml': text })
  return outcome.type === 'declaration'
    ? prefixNames(outcome.declaration, prefix)
    : expect.fail(JSON.stringify(outcome.faults))
}

/** `a.yaml:3:5 sentence`. */
function faultsOf(files: Readonly<Record<string, string>>): readonly string[] {
  const outcome = read(files)
  if (outcome.type === 'declaration') return []
  return outcome.faults.map(({ what, where, next }) => {
    return `${where?.file}:${where?.line}:${where?.column} ${what}${next === undefined ? '' : ` ${next}`}`
  })
}

const session = 'families:\n  session: { prefix: "session:", type: hash, role: session, ttl: 7d, owner: accounts }\n'

describe('what files declare', () => {
  test('sections become settings of the server, in its own words', () => {
    const { settings } = declare(
      'persistence:\n  snapshots: [{ after: 15m, changes: 1 }, { after: 60s, changes: 10000 }]\n  appendOnly: true\n  fsync: everysec\n' +
        'memory: { limit: 256mb, eviction: volatile-lru }\nsettings: { timeout: 300, lazyfree-lazy-expire: true }\n',
    )
    expect(Object.fromEntries(settings)).toEqual({
      save: '900 1 60 10000',
      appendonly: 'yes',
      appendfsync: 'everysec',
      maxmemory: '268435456',
      'maxmemory-policy': 'volatile-lru',
      timeout: '300',
      'lazyfree-lazy-expire': 'yes',
    })
  })

  test('no snapshots is an empty setting; what is left out is no setting', () => {
    expect(Object.fromEntries(declare('persistence: { snapshots: [] }').settings)).toEqual({ save: '' })
  })

  test('texts that variables gave count as what they spell', () => {
    expect(declare('cluster: { replicas: "2", separateHosts: "true" }').cluster).toEqual({
      replicas: 2,
      separateHosts: true,
      primaries: null,
      remove: [],
    })
  })

  test('the prefix of the environment is before keys, users and channels, and means itself in patterns', () => {
    const { users, families } = declare(
      `${session}users:\n  app: { password: x, families: [session], keys: ["job:*"], channels: ["news"], commands: ["+@READ"] }\n`,
      'pr[1]_',
    )
    expect(families.map(({ prefix }) => prefix)).toEqual(['pr[1]_session:'])
    expect(users).toMatchObject([
      {
        name: 'pr[1]_app',
        keys: ['pr\\[1\\]_session:*', 'pr\\[1\\]_job:*'],
        channels: ['pr\\[1\\]_news'],
        commands: ['+@read'],
      },
    ])
  })

  test('passwords become hashes; none given leaves those that are there', () => {
    const { users } = declare(
      'users:\n  a: { password: secret, commands: [] }\n  b: { password: "", commands: [] }\n  c: { password: [one, two], commands: [] }\n',
    )
    expect(users.map(({ passwordHashes }) => passwordHashes?.length ?? null)).toEqual([1, null, 2])
    expect(JSON.stringify(users)).not.toContain('secret')
    expect(users[0]?.passwordHashes).toEqual(['2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b'])
  })

  test('several files are one declaration', () => {
    const outcome = read({ 'a.yaml': session, 'b.json': '{"cluster": {"replicas": 1}}' })
    expect(outcome).toMatchObject({
      type: 'declaration',
      declaration: { cluster: { replicas: 1 }, families: [{ name: 'session' }] },
    })
  })
})

describe('what is wrong is said with its place', () => {
  test.each([
    [
      'an unknown key',
      'cluster: { replica: 1 }',
      ['a.yaml:1:1 cluster.replicas must', 'a.yaml:1:12 cluster.replica is not a known key. Did you mean `replicas`?'],
    ],
    [
      'no duration',
      'families:\n  a: { prefix: "a:", type: hash, role: cache, ttl: 30, owner: x }',
      ['a.yaml:2:47 families.a.ttl must be a string, not 30.'],
    ],
    [
      'a bare number',
      'families:\n  a: { prefix: "a:", type: hash, role: cache, ttl: "30", owner: x }',
      ['a.yaml:2:47 families.a.ttl is not a duration. Write it like'],
    ],
    ['no size', 'memory: { limit: 12 parsecs }', ['a.yaml:1:11 memory.limit is not a size.']],
    ['an unknown policy', 'memory: { eviction: allkeys-lruu }', ['a.yaml:1:11 memory.eviction must be']],
    [
      'eviction of sessions',
      `${session}memory:\n  eviction: allkeys-lru`,
      ['a.yaml:4:3 The eviction policy allkeys-lru evicts keys that must not be lost.'],
    ],
    [
      'a lock for ever',
      'families:\n  l: { prefix: "l:", type: string, role: lock, ttl: none, owner: x }',
      ['a.yaml:2:48 The lock family `l` has no TTL.'],
    ],
    [
      'equal prefixes',
      `${session}  other: { prefix: "session:", type: hash, role: cache, ttl: 1h, owner: x }`,
      ['a.yaml:3:12 The families `session` and `other` have the same prefix.'],
    ],
    [
      'an unknown family',
      `${session}users:\n  a: { families: [sesion], commands: [] }`,
      ['a.yaml:4:19 The user `a` references a family that is not declared: `sesion`. Did you mean `session`?'],
    ],
    ['the user default', 'users:\n  default: { commands: [] }', ['a.yaml:2:3 The user `default` cannot be declared.']],
    ['no rule', 'users:\n  a: { commands: [get] }', ['a.yaml:2:19 users.a.commands[0] is not a rule for commands.']],
    [
      'a setting with a place',
      'settings: { maxmemory: 1gb }',
      ['a.yaml:1:13 The setting `maxmemory` has its own key in the declaration. Declare it as memory.limit.'],
    ],
    [
      'a secret as a setting',
      'settings: { requirepass: x }',
      ['a.yaml:1:13 The setting `requirepass` cannot be declared.'],
    ],
  ])('%s', (_, text, expected) => {
    const faults = faultsOf({ 'a.yaml': text })
    expect(faults).toEqual(expected.map((start) => expect.stringContaining(start)))
  })

  test('the same in two files', () => {
    expect(faultsOf({ 'a.yaml': session, 'b.yaml': session })).toEqual([
      'b.yaml:2:3 families.session is declared twice. Keep one of them.',
    ])
  })
})
