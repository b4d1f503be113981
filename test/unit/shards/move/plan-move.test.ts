import { describe, expect, test } from 'vitest'
import { ToolError } from '../../../../src/core/tool-error.ts'
import type { MoveFacts, ShardFacts } from '../../../../src/shards/move/move-facts.ts'
import { mostShards, planMove } from '../../../../src/shards/move/plan-move.ts'
import { keyFamily, periodFamily } from '../../../helpers/shards/families.ts'

const column = (name: string, changes: object = {}) => ({
  name,
  type: 'bigint',
  fullType: 'bigint unsigned',
  charset: null,
  collation: null,
  nullable: false,
  generated: false,
  ...changes,
})

const shard = (key: string, changes: Partial<ShardFacts> = {}): ShardFacts => ({
  key,
  table: `contacts_${key}`,
  columns: [column('id'), column('account_id'), column('twice', { generated: true })],
  unique: [{ name: 'PRIMARY', columns: ['id'] }],
  obstacles: { triggers: [], foreignKeys: [], seesAll: true, checks: [], engine: 'InnoDB' },
  strangers: null,
  rows: 10,
  ...changes,
})

const autoIncrement = { column: 'id', sequence: { keyspace: 'user_db', name: 'contact_ids' } }
const vschema = {
  name: 'contacts',
  vindexes: [{ name: 'by_instance', columns: 'instance_id' }],
  isSequence: false,
  takesRows: true,
  autoIncrement,
}

const facts: MoveFacts = {
  source: { database: 'app', schema: 'app', server: 'db' },
  destination: { database: 'app', schema: 'contact_db', server: 'vtgate' },
  family: keyFamily('contacts'),
  column: 'instance_id',
  table: 'contacts',
  shell: { program: 'vtctldclient', address: 'vtctld:15999' },
  shards: [shard('3'), shard('12')],
  isSharded: true,
  wanted: [column('id'), column('account_id'), column('instance_id'), column('twice', { generated: true })],
  wantedUnique: [{ name: 'PRIMARY', columns: ['instance_id', 'id'] }],
  vschema,
  counted: 'id',
  sequence: { next: 1n, cache: 10n },
  lastId: 300n,
  collisions: [],
}

function reasons(changes: Partial<MoveFacts>): readonly string[] {
  try {
    planMove({ ...facts, ...changes })
    return []
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    expect(error.code).toBe('MOVE_REFUSED')
    for (const { next } of error.faults) expect(next).toMatch(/^Nothing was written\. /)
    return error.faults.map(({ why }) => why ?? '')
  }
}

const anyFault = { what: expect.any(String), where: expect.any(Object), why: expect.any(String) }

const unique = (columns: readonly string[] | null) => ({ name: 'by_account', columns })

describe('the plan of a move to a keyspace', () => {
  test('gives shards the column of their key, and says what the application does', () => {
    const plan = planMove(facts)
    expect(plan.widened.map(({ table }) => table)).toEqual(['contacts_3', 'contacts_12'])
    expect([plan.columnType, plan.columns, plan.id, plan.rows]).toEqual([
      'bigint unsigned',
      ['id', 'account_id'],
      'id',
      20,
    ])
    const notes = plan.notes.join(' ')
    expect(notes).toContain('2 of 2 shards get the column `instance_id` at once')
    expect(notes).toContain('whose next block begins at 1. The highest of the shards is 300')
    expect(notes).not.toContain('hold within a shard of the keyspace alone')
  })

  test('leaves shards alone that have the column, and names unique keys that hold in a shard of the keyspace alone', () => {
    const own = [...shard('3').columns, column('instance_id')]
    const plan = planMove({
      ...facts,
      shards: [shard('3', { columns: own, strangers: 0 })],
      wantedUnique: [...facts.wantedUnique, unique(['account_id'])],
    })
    expect(plan.widened).toEqual([])
    expect(plan.notes.join(' ')).toContain('The unique keys `by_account` hold within a shard of the keyspace alone')
  })

  test.each<readonly [string, Partial<MoveFacts>, RegExp]>([
    [
      'a family by time',
      { family: periodFamily('messages', 'month') },
      /family by time.*a vindex does not take its place/,
    ],
    ['no shard', { shards: [] }, /No shard of the family exists/],
    [
      'too many shards',
      { shards: Array.from({ length: mostShards + 1 }, (_, at) => shard(String(at))) },
      /It has 201 shards.*200 are the most/,
    ],
    [
      'a shard of another shape',
      { shards: [shard('3'), shard('12', { columns: [column('id')] })] },
      /The columns of `contacts_12` are not those of `contacts_3`/,
    ],
    [
      'a primary key of two columns',
      { shards: [shard('3', { unique: [{ name: 'PRIMARY', columns: ['account_id', 'id'] }] })] },
      /primary key of `contacts_3` is not one column of whole numbers/,
    ],
    [
      'another engine',
      { shards: [shard('3', { obstacles: { ...shard('3').obstacles, engine: 'MyISAM' } })] },
      /The engine of `contacts_3` is MyISAM/,
    ],
    [
      'a trigger',
      { shards: [shard('3', { obstacles: { ...shard('3').obstacles, triggers: ['t'] } })] },
      /has the triggers `t`/,
    ],
    [
      'a foreign key',
      { shards: [shard('3', { obstacles: { ...shard('3').obstacles, foreignKeys: ['f'] } })] },
      /The foreign keys `f`.*fires no trigger/,
    ],
    ['rows of another key', { shards: [shard('3', { strangers: 2 })] }, /has 2 rows whose `instance_id` is not 3/],
    ['an unknown keyspace', { isSharded: null }, /vtgate knows no keyspace `contact_db`/],
    ['a keyspace without shards', { isSharded: false }, /is not sharded/],
    ['no table there', { wanted: [] }, /The keyspace has no table `contacts`/],
    [
      'no column of the key there',
      { wanted: facts.wanted.filter(({ name }) => name !== 'instance_id') },
      /has no column `instance_id`/,
    ],
    [
      'a column that is missing there',
      { wanted: facts.wanted.filter(({ name }) => name !== 'account_id') },
      /lacks the columns `account_id`/,
    ],
    [
      'a column of another type',
      { wanted: facts.wanted.map((one) => (one.name === 'id' ? column('id', { fullType: 'int' }) : one)) },
      /another type in `contacts`: `id` \(bigint unsigned, there int\)/,
    ],
    [
      'a column that is computed there',
      { wanted: facts.wanted.map((one) => ({ ...one, generated: one.generated || one.name === 'account_id' })) },
      /computes `account_id`, which the shards store/,
    ],
    ['no primary key there', { wantedUnique: [] }, /`contacts` has no primary key/],
    [
      'a unique key of expressions',
      { wantedUnique: [...facts.wantedUnique, unique(null)] },
      /unique keys `by_account` are of expressions/,
    ],
    [
      'values that two shards have',
      { collisions: [{ key: 'PRIMARY', columns: ['id'], values: ['1', '2'] }] },
      /Several shards have equal values of `id`.*takes once: 1; 2/,
    ],
    ['no vindex', { vschema: { ...vschema, vindexes: [] } }, /has no vindex in `contact_db`/],
    [
      'a vindex by a column that shards lack',
      { vschema: { ...vschema, vindexes: [{ name: 'by_region', columns: 'region, instance_id' }] } },
      /The shards lack `region`/,
    ],
    ['a routing rule', { vschema: { ...vschema, isRouted: true } }, /Routing rules lead `contacts`/],
    ['a column that each shard counts', { vschema: { ...vschema, autoIncrement: null } }, /gives the same id twice/],
  ])('refuses %s', (_, changes, why) => {
    const found = reasons(changes)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(why)
  })

  test('prints how to look at routing rules as a line that can be pasted', () => {
    expect(() => planMove({ ...facts, vschema: { ...vschema, isRouted: true } })).toThrow(
      expect.objectContaining({
        faults: [
          { ...anyFault, next: expect.stringContaining('`vtctldclient --server vtctld:15999 GetRoutingRules`') },
        ],
      }),
    )
  })
})
