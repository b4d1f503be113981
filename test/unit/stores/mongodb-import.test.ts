import { expect, test } from 'vitest'
import { importRoles, importUsers } from '../../../src/stores/mongodb/import-access.ts'
import { importCollections } from '../../../src/stores/mongodb/import-collections.ts'

test('an import names the lists that its user may not read', () => {
  expect(importRoles([], ['admin', 'shop'])).toEqual({
    items: [],
    notDeclarable: [
      {
        resource: { kind: 'role list', name: 'admin' },
        why: 'The user of this run cannot list roles of `admin`.',
        unread: true,
      },
      {
        resource: { kind: 'role list', name: 'shop' },
        why: 'The user of this run cannot list roles of `shop`.',
        unread: true,
      },
    ],
  })
  expect(importUsers(null, null).notDeclarable).toHaveLength(1)
})

test('an import declares what it may read, and nothing of the user of the run', () => {
  const role = { name: 'writer', database: 'shop', privileges: [], roles: [] }
  const found = importRoles([role], [])
  expect(found).toMatchObject({ items: [{ resource: { kind: 'role', name: 'shop.writer' } }], notDeclarable: [] })
  const users = [
    { name: 'me', database: 'admin', roles: [] },
    { name: 'you', database: 'admin', roles: [] },
  ]
  expect(importUsers(users, 'me').items.map(({ resource }) => resource.name)).toEqual(['admin.you'])
})

test('an import names a time series whose spans somebody has chosen, as MongoDB 6.3 and later can have them', () => {
  const series = (name: string, more: object) => ({
    database: 'shop',
    name,
    type: 'timeseries' as const,
    options: { timeseries: { timeField: 'at', bucketMaxSpanSeconds: 3600, ...more } },
    validator: null,
    indexes: [],
    documents: 0,
    bytes: 0,
  })
  const usual = series('usual', { granularity: 'seconds' })
  const { items, notDeclarable } = importCollections([usual, series('chosen', { bucketRoundingSeconds: 3600 })])
  expect(items.map(({ resource }) => resource.name)).toEqual(['shop.usual'])
  expect(notDeclarable).toEqual([
    {
      resource: { kind: 'collection', name: 'shop.chosen' },
      why: 'Its time series has `bucketRoundingSeconds`, which no file can declare.',
    },
  ])
})
