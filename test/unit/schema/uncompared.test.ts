import { expect, it } from 'vitest'
import { listUncompared } from '../../../src/schema/uncompared.ts'

const database = { name: 'message_db', vitess: { journal: 'user_db', ddlStrategy: 'direct' } } as const

it('who may not see when a VSchema was changed last is told that it may be shown as it was before, and what to do', () => {
  const seen = listUncompared([{ database, vschema: 'compared' }])
  const unseen = listUncompared([{ database, vschema: 'compared', unseen: 'user_db' }])
  expect(unseen.slice(1)).toEqual(seen)
  expect(unseen[0]).toContain('this user may not read `wwdb_lease` of the keyspace `user_db`')
  expect(unseen[0]).toContain('look again after 10 s, or let this user read `wwdb_lease`')
})
