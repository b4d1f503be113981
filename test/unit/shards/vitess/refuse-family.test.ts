import { describe, expect, it } from 'vitest'
import type { ShardFamily } from '../../../../src/core/shard-family.ts'
import { refuseFamily } from '../../../../src/shards/vitess/refuse-family.ts'

const text = 'CREATE TABLE {{table}} (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, sender BIGINT)'

const family: ShardFamily = {
  name: 'letters',
  database: 'message_db',
  division: { type: 'period', kind: 'month', zone: 'UTC' },
  pattern: 'letters_{YYYYMM}',
  template: { file: 'letters.sql', text, line: 1, checksum: '', siblings: [], sharedReferences: [], idBase: null },
  policy: {
    premake: { periods: 1, days: 0 },
    late: 0,
    keep: null,
    grace: 0,
    archive: 'none',
    references: 'logical',
    view: null,
    cap: 1,
    share: 1,
  },
}

const vindex = { name: 'by_sender', columns: ['sender'], type: 'xxhash' }
const sequence = { column: 'id', database: 'user_db', table: 'letter_ids' }
const reference = {
  columns: ['sender'],
  database: 'user_db',
  table: 'users',
  parentColumns: ['id'],
  onDelete: 'restrict',
  line: 1,
} as const

const why = (one: ShardFamily, isSharded = false): string | null => refuseFamily(one, isSharded)?.why ?? null

describe('a family in a keyspace that is not sharded', () => {
  it('is kept where it has a table for each period', () => {
    expect(why(family)).toBeNull()
    expect(why({ ...family, template: { ...family.template, sharedReferences: [reference] } })).toBeNull()
  })

  it.each([
    [
      'by key',
      { division: { type: 'key', source: { database: 'a', table: 'b', column: 'c', deletedAt: null } } },
      'vindex takes the place',
    ],
    ['as partitions', { keeper: 'partition' }, 'EXCHANGE PARTITION'],
    [
      'with a view',
      { policy: { ...family.policy, view: { name: 'recent', periods: 2 } } },
      'a view over several shards',
    ],
    ['with a key to a sibling', { template: { ...family.template, siblings: ['groups'] } }, 'foreign keys'],
    [
      'with a physical key',
      {
        policy: { ...family.policy, references: 'physical' },
        template: { ...family.template, sharedReferences: [reference] },
      },
      'foreign keys',
    ],
  ] as const)('is refused %s', (_, part, expected) => {
    expect(why({ ...family, ...part })).toContain(expected)
  })
})

describe('a family in a sharded keyspace', () => {
  it('is refused without a vindex, and without a sequence where its table numbers rows', () => {
    expect(why(family, true)).toContain('would not know the shard of a row')
    expect(why({ ...family, vindex }, true)).toContain('would count `AUTO_INCREMENT` by itself')
    expect(why({ ...family, vindex, sequence }, true)).toBeNull()
    const plain = { ...family.template, text: text.replace(' AUTO_INCREMENT', '') }
    expect(why({ ...family, vindex, template: plain }, true)).toBeNull()
  })
})
