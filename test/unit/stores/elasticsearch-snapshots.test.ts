import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readDeclarationDocument } from '../../../src/stores/declare/read-declarations.ts'
import type { JsonObject } from '../../../src/stores/elasticsearch/declaration.ts'
import { prefixNames } from '../../../src/stores/elasticsearch/declaration.ts'
import { refuseSharedPlaces } from '../../../src/stores/elasticsearch/plan-repositories.ts'
import { planSnapshots } from '../../../src/stores/elasticsearch/plan-snapshots.ts'
import { readDeclaration } from '../../../src/stores/elasticsearch/schema.ts'

function read(text: string, prefix = '') {
  const document = readDeclarationDocument(text, 'all.yaml')
  if (!('value' in document)) throw new Error(JSON.stringify(document))
  return readDeclaration([document], { prefix })
}

function faultsOf(text: string, prefix = ''): string {
  const reading = read(text, prefix)
  return reading.type === 'faults' ? reading.faults.map(({ what }) => what).join(' ') : ''
}

test.each([
  ['type: s3, settings: { bucket: b, access_key: x }', 'settings.access_key', 'is a secret'],
  ['type: s3, settings: { bucket: b, client.secret_key: x }', 'client.secret_key', 'is a secret'],
  ['type: azure, settings: { sas_token: x }', 'settings.sas_token', 'is a secret'],
  ['type: oss, settings: { accessKeySecret: x }', 'settings.accessKeySecret', 'is a secret'],
  ['type: x, settings: { auth_token: x }', 'settings.auth_token', 'is a secret'],
  ['type: hdfs, settings: { conf: { fs.s3a.secret.key: x } }', 'conf.fs.s3a.secret.key', 'is a secret'],
  [
    'type: url, settings: { url: "http://user:hidden-word@host/" }',
    'settings.url',
    'has a user or password in its address',
  ],
  ['type: fs, settings: { compress: true }', 'snapshot_repositories.a', 'needs `settings.location`'],
])('a repository that cannot be declared is a fault with its place: %s', (repository, place, says) => {
  const reading = read(`snapshot_repositories: { a: { ${repository} } }`)
  const what = reading.type === 'faults' ? reading.faults.map((fault) => fault.what).join(' ') : ''
  expect(what).toContain(says)
  expect(what).toContain(place)
  expect(what).not.toContain(' x ')
  expect(what).not.toContain('hidden-word')
})

test('a policy into a repository that nobody declares is a fault', () => {
  const reading = read(
    'snapshot_repositories: { backups: { type: fs, settings: { location: b } } }\nsnapshot_policies: { a: { schedule: x, name: y, repository: backup } }',
  )
  expect(reading).toMatchObject({
    faults: [{ what: expect.stringContaining('names snapshot repository `backup`, which is not declared') }],
  })
})

test.each([
  ['type: fs, settings: { location: /mnt/all/backups/ }', { location: '/mnt/all/p_backups' }],
  ['type: s3, settings: { bucket: b, base_path: one/two }', { bucket: 'b', base_path: 'one/p_two' }],
  ['type: s3, settings: { bucket: b }', { bucket: 'b', base_path: 'p' }],
  ['type: fs, settings: { location: x, readonly: true }', { location: 'x', readonly: true }],
  ['type: url, settings: { url: "http://x/" }', { url: 'http://x/' }],
])('no two environments write into one place: %s', (repository, settings) => {
  const reading = read(`snapshot_repositories: { a: { ${repository} } }`)
  if (reading.type === 'faults') throw new Error(JSON.stringify(reading.faults))
  expect(prefixNames(reading.declaration, 'p_').snapshots.repositories).toMatchObject([{ name: 'p_a', settings }])
})

test.each([
  ['type: oss, settings: { bucket: b }', 'names no folder that could get the prefix `p_`'],
  ['type: oss, settings: { bucket: b, base_path: a }', ''],
  ['type: oss, settings: { bucket: b, readonly: true }', ''],
  ['type: s3, settings: { bucket: b }', ''],
])('with a prefix, a repository has a folder of its own: %s', (repository, says) => {
  const faults = faultsOf(`snapshot_repositories: { a: { ${repository} } }`, 'p_')
  if (says === '') expect(faults).toBe('')
  else expect(faults).toContain(says)
})

test.each([
  ['type: fs, settings: { location: /x/b }', 'type: fs, settings: { location: /x//b/ }', true],
  ['type: s3, settings: { bucket: b }', 'type: s3, settings: { bucket: b, client: default, compress: true }', true],
  ['type: cos, settings: { bucket: b, base_path: a }', 'type: cos, settings: { bucket: b, base_path: a }', true],
  ['type: s3, settings: { bucket: b }', 'type: s3, settings: { bucket: b, base_path: c }', false],
  ['type: fs, settings: { location: x }', 'type: fs, settings: { location: x, readonly: true }', false],
])('two repositories never write into one place: %s and %s', (one, other, isRefused) => {
  const faults = faultsOf(`snapshot_repositories: { a: { ${one} }, b: { ${other} } }`)
  if (isRefused) expect(faults).toContain('writes into the place of snapshot repository `a`')
  else expect(faults).toBe('')
})

test('no policy writes into a repository that is read-only, and none has a key of the mark', () => {
  const text = `snapshot_repositories: { a: { type: fs, settings: { location: b, readonly: true } } }
snapshot_policies: { p: { schedule: x, name: y, repository: a, config: { metadata: { managed_by: me, team: ops } } } }`
  const faults = faultsOf(text)
  expect(faults).toContain('names snapshot repository `a`, which is read-only')
  expect(faults).toContain('config.metadata.managed_by')
  expect(faults).not.toContain('team')
})

const noSnapshots = { repositories: new Map(), policies: new Map(), others: new Map(), earlier: new Map() }

test.each([
  ['somebody made it read-only', { location: 'b', readonly: 'true' }, { location: 'b' }, 'both damage'],
  ['it becomes read-only', { location: 'b' }, { location: 'b', readonly: true }, 'No further snapshot is written'],
  ['it is elsewhere', { location: 'b' }, { location: 'c' }, 'Policies with a retention remove what is due'],
  ['nothing but its compression differs', { location: 'b', compress: 'true' }, { location: 'b', compress: false }, ''],
  ['a setting goes back', { location: 'b', chunk_size: '1gb' }, { location: 'b', chunk_size: null }, ''],
])('a repository that differs is put as it is declared: %s', (_what, observed, settings, why) => {
  const plan = (found: JsonObject) => {
    const declared = { repositories: [{ name: 'r', type: 'fs', settings }], policies: [] }
    const repositories = new Map([['r', { type: 'fs', settings: found }]])
    return planSnapshots(declared, { ...noSnapshots, repositories }, '')[0]?.changes[0] ?? null
  }
  const change = plan(observed)
  const loss = change?.change.loss
  if (why === '') expect(loss).toBeNull()
  else expect(loss).toMatchObject({ code: 'changed-repository', why: expect.stringContaining(why) })
  const write = change?.operation.write
  if (write?.type !== 'put-repository') throw new Error('nothing is written')
  expect(plan(write.body['settings'] as JsonObject)).toBeNull()
})

test('no password of an address on the server is printed', () => {
  const url = (text: string) => ({ type: 'url', settings: { url: text } })
  const repositories = new Map([['r', url('http://me:hidden-word@h/')]])
  const declared = { repositories: [{ name: 'r', ...url('http://h/') }], policies: [] }
  const [planned] = planSnapshots(declared, { ...noSnapshots, repositories }, '')
  const { differences, summary } = planned?.changes[0]?.change ?? {}
  expect(differences).toMatchObject([{ path: 'settings.url', actual: 'http://***@h/' }])
  expect(summary).not.toContain('hidden-word')
})

test('no repository is registered for a place that another one writes into, as after it was renamed in a file', () => {
  const at = (location: string) => ({ type: 'fs', settings: { location } })
  const observed = { repositories: new Map(), others: new Map([['old', at('b/')]]) }
  const refuse = (location: string) => () => refuseSharedPlaces([{ name: 'new', ...at(location) }], observed, 'here')
  expect(refuse('b')).toThrow('would write into the place of `old`')
  expect(refuse('c')).not.toThrow()
  const registered = { ...observed, repositories: new Map([['new', at('b')]]) }
  expect(() => refuseSharedPlaces([{ name: 'new', ...at('b') }], registered, 'here')).not.toThrow()
})

const whole = { schedule: 'x', name: 'n', config: {}, retention: {} }
const kept = { max_count: 9 }

test.each([
  ['another schedule', whole, { ...whole, schedule: 'y' }, 'With another schedule, fewer snapshots may be taken.'],
  [
    'another schedule beside a count',
    { ...whole, retention: kept },
    { ...whole, schedule: 'y', retention: kept },
    'as `max_count` counts them',
  ],
  ['partial ones', whole, { ...whole, config: { partial: true } }, 'may lack shards'],
  [
    'no features any more',
    { ...whole, config: { include_global_state: false, feature_states: ['kibana'] } },
    { ...whole, config: { include_global_state: false } },
    'in none of the later ones',
  ],
  ['closed indices left out', whole, { ...whole, config: { expand_wildcards: 'open' } }, 'in none of the later ones'],
  ['more features', { ...whole, config: { feature_states: ['kibana'] } }, whole, null],
])('a policy that changes asks where snapshots are fewer or have less: %s', (_what, before, after, why) => {
  const policies = new Map([['p', { ...before, repository: 'r' }]])
  const policy = { name: 'p', repository: 'r', isElsewhere: true, content: after }
  const [planned] = planSnapshots({ repositories: [], policies: [policy] }, { ...noSnapshots, policies }, '')
  const loss = planned?.changes[0]?.change.loss
  if (why === null) expect(loss).toBeNull()
  else expect(loss).toMatchObject({ code: 'weaker-snapshots', why: expect.stringContaining(why) })
})

test.each([
  [3, 'Repository `r` has 3 snapshots of a policy with this name'],
  [null, 'It is not known yet whether repository `r` has snapshots'],
  [0, null],
])('a retention that would begin with %s snapshots of its name asks', (earlier, why) => {
  const policy = { name: 'p', repository: 'r', isElsewhere: true, content: { ...whole, retention: kept } }
  const declared = { repositories: [], policies: [policy] }
  const [planned] = planSnapshots(declared, { ...noSnapshots, earlier: new Map([['p', earlier]]) }, '')
  const change = planned?.changes[0]?.change
  expect(change?.action).toBe('create')
  if (why === null) expect(change?.loss).toBeNull()
  else expect(change?.loss).toMatchObject({ code: 'weaker-snapshots', why: expect.stringContaining(why) })
})

const config = fc.record(
  {
    indices: fc.constantFrom<unknown>('a,b', ['a', 'b'], ['a'], ['*'], ['a', '-b']),
    include_global_state: fc.boolean(),
    partial: fc.boolean(),
    metadata: fc.constant({ team: 'ops' }),
  },
  { requiredKeys: [] },
)
const retention = fc.record(
  { expire_after: fc.constantFrom('1d', '30d'), min_count: fc.constantFrom(1, 5), max_count: fc.constantFrom(9, 50) },
  { requiredKeys: [] },
)
const content = fc.record({ schedule: fc.constantFrom('x', 'y'), name: fc.constant('n'), config, retention })

test('a policy is as declared once it was put, and what weakens snapshots asks', () => {
  fc.assert(
    fc.property(content, content, (before, after) => {
      const plan = (body: JsonObject, observed: JsonObject | null) => {
        const policy = { name: 'p', repository: 'r', isElsewhere: true, content: body }
        const policies = new Map(observed === null ? [] : [['p', observed]])
        const [planned] = planSnapshots({ repositories: [], policies: [policy] }, { ...noSnapshots, policies }, '')
        return planned?.changes[0] ?? null
      }
      const put = (change: ReturnType<typeof plan>, otherwise: JsonObject): JsonObject => {
        const write = change?.operation.write
        return write?.type === 'put-snapshot-policy' ? write.body : otherwise
      }
      const first = put(plan(before, null), {})
      expect(plan(before, first)).toBeNull()
      const change = plan(after, first)
      expect(plan(after, put(change, first))).toBeNull()
      const days = (text: string | undefined): number =>
        text === undefined ? Number.POSITIVE_INFINITY : Number.parseInt(text, 10)
      const isSooner = days(after.retention.expire_after) < days(before.retention.expire_after)
      const isGone = before.config.include_global_state !== false && after.config.include_global_state === false
      const isOtherTime = before.schedule !== after.schedule
      if (isSooner || isGone || isOtherTime) expect(change?.change.loss?.code).toBe('weaker-snapshots')
    }),
  )
})
