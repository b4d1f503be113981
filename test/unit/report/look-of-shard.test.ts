import { describe, expect, test } from 'vitest'
import { lookOfShard, noteOfShard } from '../../../src/report/look-of-shard.ts'
import type { ShardListing } from '../../../src/shards/answers.ts'

const now = Date.parse('2026-11-15T00:00Z')

function listing(state: ShardListing['state'], month: string | null, more: Partial<ShardListing> = {}): ShardListing {
  const bounds =
    month === null ? { from: null, to: null } : { from: `${month}-01T00:00:00.000Z`, to: `${month}-28T00:00:00.000Z` }
  const target = { database: 'app', schema: 'app', server: 'host:3306' }
  const base = {
    target,
    family: 'f',
    key: '1',
    table: 'f_1',
    templateVersion: 1,
    rows: null,
    hold: null,
    archive: null,
  }
  return { ...base, ...bounds, state, protected: null, ...more }
}

describe('how the calendar shows a shard', () => {
  test.each([
    ['live', '2026-10', 'past'],
    ['sealed', '2026-10', 'past'],
    ['live', '2026-11', 'live'],
    ['unregistered', '2026-11', 'live'],
    ['live', '2026-12', 'premade'],
    ['live', null, 'live'],
    ['sealed', null, 'past'],
    ['holding', '2026-10', 'held'],
    ['held', '2026-10', 'held'],
    ['dropping', '2026-10', 'held'],
    ['restoring', '2026-10', 'held'],
    ['archived', '2026-10', 'archived'],
    ['dropped', '2026-10', 'dropped'],
    ['lost', '2026-10', 'missing'],
    ['missing', '2026-12', 'missing'],
  ] as const)('a %s shard of %s is %s', (state, month, look) => {
    expect(lookOfShard(listing(state, month), now)).toBe(look)
  })

  test('a dropped shard that has an archive is archived, and its note says where', () => {
    const shard = listing('dropped', '2026-10', { archive: 'f/2026-10.json', rows: 1204 })
    expect(lookOfShard(shard, now)).toBe('archived')
    expect(noteOfShard(shard)).toBe('1,204 rows, archive f/2026-10.json')
  })

  test('a protected shard has its reason as a note', () => {
    expect(noteOfShard(listing('unregistered', '2026-10', { protected: 'a lawsuit' }))).toBe(
      'not in the registry, protected: a lawsuit',
    )
    expect(noteOfShard(listing('live', '2026-11'))).toBe('')
  })
})
