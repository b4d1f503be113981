import { describe, expect, test } from 'vitest'
import { ToolError } from '../../../../src/core/tool-error.ts'
import { piecesOfKeys } from '../../../../src/shards/split/piece.ts'
import { mostPieces, planSplit, type SplitFacts } from '../../../../src/shards/split/plan-split.ts'
import { keyFamily } from '../../../helpers/shards/families.ts'

const name = (key: string): string => `contacts_${key}`
const column = (of: string) =>
  ({
    name: of,
    type: 'bigint',
    fullType: 'bigint',
    charset: null,
    collation: null,
    nullable: false,
    generated: false,
  }) as const
const lines = [
  'column `id` bigint NOT NULL',
  'column `instance` bigint NOT NULL',
  'index `PRIMARY` unique BTREE (`id`)',
]
const facts: SplitFacts = {
  target: { database: 'app', schema: 'app', server: 'db' },
  family: keyFamily('contacts'),
  table: 'contacts',
  column: 'instance',
  pieces: piecesOfKeys(['1', '2'], name),
  filled: [],
  columns: [column('id'), column('instance')],
  lines,
  wanted: lines,
  odd: [],
  inPartitions: false,
  keys: { primary: ['id'], unique: [], autoIncrement: false },
  walked: [{ name: 'PRIMARY', columns: ['id'] }],
  obstacles: { triggers: [], foreignKeys: [], seesAll: true, checks: [], engine: 'InnoDB' },
  hasNull: false,
  strangers: [],
  rows: 10,
  bytes: 16_384,
  now: 0,
}

function reasons(changes: Partial<SplitFacts>): readonly string[] {
  try {
    planSplit({ ...facts, ...changes })
    return []
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    expect(error.code).toBe('SPLIT_REFUSED')
    return error.faults.map(({ why }) => why ?? '')
  }
}

describe('the plan of a split', () => {
  test('is made of the table and says what changes for its application', () => {
    const plan = planSplit({ ...facts, keys: { ...facts.keys, unique: ['by_mail'], autoIncrement: true } })
    expect(plan.pieces.map(({ table }) => table)).toEqual(['contacts_1', 'contacts_2'])
    expect(plan.notes.join(' ')).toMatch(/unique keys `by_mail` hold within a piece alone.*counts its own ids/)
  })

  test.each<readonly [string, Partial<SplitFacts>, RegExp]>([
    ['no primary key', { keys: { primary: [], unique: [], autoIncrement: false } }, /no primary key/],
    ['a key that cannot be walked', { walked: [{ name: 'other', columns: ['x'] }] }, /no order/],
    [
      'a key with a time of the session',
      {
        columns: [...facts.columns, { ...column('at'), type: 'timestamp', fullType: 'timestamp' }],
        walked: [{ name: 'PRIMARY', columns: ['id', 'at'] }],
      },
      /no order/,
    ],
    ['a key that is computed', { columns: [{ ...column('id'), generated: true }, column('instance')] }, /no order/],
    [
      'a column of texts',
      { columns: [column('id'), { ...column('instance'), type: 'varchar', fullType: 'varchar(20)' }] },
      /`instance` is varchar\(20\), and only a whole number/,
    ],
    [
      'a unique key of the shards alone',
      { wanted: [...lines, "index `by``mail` unique BTREE COMMENT 'it''s' (`mail`(20),`instance` DESC)"] },
      /refuses rows that the table takes: it alone has `index `by``mail`/,
    ],
    [
      'a CHECK of the shards alone',
      { lines: [...lines, 'check `a` (`id` > 0)'], wanted: [...lines, 'check `b` (`id` > 1)'] },
      /it alone has `check `b` \(`id` > 1\)/,
    ],
    ['triggers', { obstacles: { ...facts.obstacles, triggers: ['t'] } }, /triggers `t`/],
    ['foreign keys', { obstacles: { ...facts.obstacles, foreignKeys: ['f'] } }, /foreign keys `f`/],
    ['an engine without transactions', { obstacles: { ...facts.obstacles, engine: 'MyISAM' } }, /engine is MyISAM/],
    ['a column that is not there', { column: 'tenant' }, /no column `tenant`/],
    ['NULL', { hasNull: true }, /NULL in rows/],
    ['values that are no key', { strangers: ['-1'] }, /no key of the family: -1/],
    ['shards with rows', { filled: ['contacts_1'] }, /already has rows/],
    ['a shard of another shape', { odd: ['contacts_1'] }, /not what the template makes/],
    ['shards that are partitions', { inPartitions: true }, /partitions of one table/],
    ['a foreign key of the shards', { wanted: [...lines, 'key `f` (`id`=`id`) REFERENCES `x`'] }, /foreign key/],
    [
      'too many shards',
      {
        pieces: piecesOfKeys(
          Array.from({ length: mostPieces + 1 }, (_, at) => String(at)),
          name,
        ),
      },
      /201 tables/,
    ],
  ])('is refused for %s', (_, changes, why) => {
    expect(reasons(changes)).toEqual([expect.stringMatching(why)])
  })

  test('takes what shards do not refuse: keys that the table implies, and checks of other names', () => {
    const own = [...lines, 'index `m` unique BTREE (`mail`)', 'check `a` (`id` > 0)', 'check `c` (`id` > 5)']
    const wanted = [
      ...lines,
      'index `by_mail` unique BTREE INVISIBLE (`mail`)',
      'index `both` unique BTREE (`instance`,`id` DESC)',
      'index `other` BTREE (`note`)',
      'check `b` (`id` > 0)',
      'check `d` (`id` > 9) NOT ENFORCED',
    ]
    expect(reasons({ lines: own, wanted })).toEqual([])
  })

  test('names each column that differs, and no comment', () => {
    const wanted = ["column `id` bigint NOT NULL COMMENT 'it''s'", 'column `instance` int NOT NULL', lines[2] ?? '']
    expect(reasons({ wanted })).toEqual([
      expect.stringContaining('the table alone has `column `instance` bigint'),
      expect.stringContaining('a shard alone has `column `instance` int'),
    ])
  })
})
