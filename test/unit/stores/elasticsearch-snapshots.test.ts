import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readDeclarationDocument } from '../../../src/stores/declare/read-declarations.ts'
import type { JsonObject } from '../../../src/stores/elasticsearch/declaration.ts'
import { prefixNames } from '../../../src/stores/elasticsearch/declaration.ts'
import { planSnapshots } from '../../../src/stores/elasticsearch/plan-snapshots.ts'
import { readDeclaration } from '../../../src/stores/elasticsearch/schema.ts'

function read(text: string) {
  const document = readDeclarationDocument(text, 'all.yaml')
  if (!('value' in document)) throw new Error(JSON.stringify(document))
  return readDeclaration([document], { prefix: '' })
}

test.each([
  ['type: s3, settings: { bucket: b, access_key: x }', 'settings.access_key', 'is a secret'],
  ['type: s3, settings: { bucket: b, client.secret_key: x }', 'client.secret_key', 'is a secret'],
  ['type: azure, settings: { sas_token: x }', 'settings.sas_token', 'is a secret'],
  ['type: fs, settings: { compress: true }', 'snapshot_repositories.a', 'needs `settings.location`'],
])('a repository that cannot be declared is a fault with its place: %s', (repository, place, says) => {
  const reading = read(`snapshot_repositories: { a: { ${repository} } }`)
  const what = reading.type === 'faults' ? reading.faults.map((fault) => fault.what).join(' ') : ''
  expect(what).toContain(says)
  expect(what).toContain(place)
  expect(what).not.toContain(' x ')
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
        const [planned] = planSnapshots(
          { repositories: [], policies: [policy] },
          { repositories: new Map(), policies },
          '',
        )
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
      if (isSooner || isGone) expect(change?.change.loss?.code).toBe('weaker-snapshots')
    }),
  )
})
