import { expect, it } from 'vitest'
import { compareSnapshots } from '../../../src/ddl/compare-snapshots.ts'
import type { SchemaSnapshot } from '../../../src/ddl/snapshot.ts'
import { partsOfVschema } from '../../../src/ddl/vschema-snapshot.ts'
import { writeVschema } from '../../../src/schema/write-vschema.ts'
import type { Vindex, Vschema, VschemaTable } from '../../../src/sql/vschema.ts'

const vindex = (name: string, more: Partial<Vindex> = {}): Vindex => ({
  ...{ name, type: 'xxhash', params: '', owner: '' },
  ...more,
})
const table = (name: string, vindexes: Readonly<Record<string, string>>, more: Partial<VschemaTable> = {}) => ({
  ...{ name, isSequence: false, takesRows: true, autoIncrement: null },
  vindexes: Object.entries(vindexes).map(([own, columns]) => ({ name: own, columns })),
  ...more,
})
const ids = { column: 'id', sequence: { keyspace: 'user_db', name: 'ids' } }
const sequence = (name: string) => table(name, {}, { isSequence: true })

const bare = (name: string): SchemaSnapshot['objects'][number] => ({
  ...{ type: 'table', name, columns: [], indexes: [], foreignKeys: [], checks: [], options: {}, partitioning: null },
})
const snapshot = (vschema: Partial<Vschema> | null, present: readonly string[] = []): SchemaSnapshot => ({
  ...{ format: 1, database: 'app', charset: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci' },
  objects: present.map(bare),
  ...(vschema !== null && {
    vschema: partsOfVschema({
      ...{ keyspace: 'app', isSharded: true, foreignKeyMode: 'unmanaged', vindexes: [], tables: [] },
      ...vschema,
    }),
  }),
})

type Way = Partial<ReturnType<typeof writeVschema>>

it.each<[string, Partial<Vschema>, Partial<Vschema>, Way]>([
  ['that are the same', { vindexes: [vindex('a')] }, { vindexes: [vindex('a')] }, {}],
  [
    'of which one has a vindex that the other one has nowhere: all of it goes before tables and columns do',
    { tables: [table('t', { a: 'id' })] },
    { vindexes: [vindex('b')], tables: [table('t', { a: 'id', b: 'x' }), table('u', { b: 'id' })] },
    {
      first: [
        'ALTER VSCHEMA ON `t` DROP VINDEX `b`',
        'ALTER VSCHEMA ON `u` DROP VINDEX `b`',
        'ALTER VSCHEMA DROP VINDEX `b`',
      ],
    },
  ],
  [
    'of which one has a table with its vindexes and its numbers',
    { vindexes: [vindex('a'), vindex('b')], tables: [table('t', { a: 'id', b: 'x, y' }, { autoIncrement: ids })] },
    { vindexes: [vindex('a')] },
    {
      last: [
        'ALTER VSCHEMA CREATE VINDEX `b` USING `xxhash`',
        'ALTER VSCHEMA ON `t` ADD VINDEX `a` (`id`)',
        'ALTER VSCHEMA ON `t` ADD VINDEX `b` (`x`, `y`)',
        'ALTER VSCHEMA ON `t` ADD AUTO_INCREMENT `id` USING `user_db`.`ids`',
      ],
    },
  ],
  [
    'of which one lacks a vindex between others, which are not touched',
    { tables: [table('t', { a: 'id', c: 'y', b: 'x' })] },
    { tables: [table('t', { a: 'id', b: 'x' })] },
    { last: ['ALTER VSCHEMA ON `t` ADD VINDEX `c` (`y`)'] },
  ],
  [
    'that have the same first vindex, and the others in another order',
    { tables: [table('t', { a: 'id', b: 'x', c: 'y' })] },
    { tables: [table('t', { a: 'id', c: 'y', b: 'x' })] },
    {},
  ],
  [
    'of which one has a second vindex on another column',
    { tables: [table('t', { a: 'id', b: 'x' }, { autoIncrement: ids })] },
    { tables: [table('t', { a: 'id', b: 'y' }, { autoIncrement: ids })] },
    { first: ['ALTER VSCHEMA ON `t` DROP VINDEX `b`'], last: ['ALTER VSCHEMA ON `t` ADD VINDEX `b` (`x`)'] },
  ],
  [
    'of which one has other numbers: what used a sequence goes before sequences do',
    { tables: [table('t', { a: 'id' }, { autoIncrement: ids })] },
    { tables: [table('t', { a: 'id' }, { autoIncrement: { ...ids, column: 'n' } })] },
    {
      first: ['ALTER VSCHEMA ON `t` DROP AUTO_INCREMENT'],
      last: ['ALTER VSCHEMA ON `t` ADD AUTO_INCREMENT `id` USING `user_db`.`ids`'],
    },
  ],
  [
    'of which one has another vindex that nothing uses',
    { vindexes: [vindex('a', { params: 'from=x' })] },
    { vindexes: [vindex('a')] },
    {
      first: ['ALTER VSCHEMA DROP VINDEX `a`'],
      last: ['ALTER VSCHEMA CREATE VINDEX `a` USING `xxhash` WITH `from`=x'],
    },
  ],
  [
    'of keyspaces that are not sharded, with sequences',
    { isSharded: false, tables: [sequence('ids')] },
    { isSharded: false, tables: [sequence('others')] },
    { tables: ['ALTER VSCHEMA DROP SEQUENCE `others`'], keys: ['ALTER VSCHEMA ADD SEQUENCE `ids`'] },
  ],
  [
    'of keyspaces that are not sharded, with numbers: Vitess gives none to a table that the VSchema does not have',
    { isSharded: false, tables: [table('t', {}, { autoIncrement: ids })] },
    { isSharded: false },
    {
      keys: ['ALTER VSCHEMA ADD TABLE `t`'],
      last: ['ALTER VSCHEMA ON `t` ADD AUTO_INCREMENT `id` USING `user_db`.`ids`'],
    },
  ],
])('between two VSchemas %s', (_, wanted, found, way) => {
  const nothing = { first: [], tables: [], keys: [], last: [], byHand: [] }
  expect(writeVschema(snapshot(wanted), snapshot(found))).toEqual({ ...nothing, ...way })
})

const lookup = vindex('lk', { type: 'consistent_lookup', params: 'from=x; table=app.lk; to=keyspace_id' })

it.each<[string, Partial<Vschema>, Partial<Vschema>, readonly string[], string]>([
  [
    'another first vindex',
    { tables: [table('t', { a: 'id' })] },
    { tables: [table('t', { b: 'id' })] },
    [],
    'The first vindex of `t` is to be `a` (id), and it is `b` (id).',
  ],
  [
    'the first vindex on another column',
    { tables: [table('t', { a: 'id' }, { autoIncrement: ids })] },
    { tables: [table('t', { a: 'x' }, { autoIncrement: ids })] },
    [],
    'The first vindex of `t` is to be `a` (id), and it is `a` (x).',
  ],
  [
    'a lookup vindex of a table that may have rows',
    { vindexes: [lookup], tables: [table('t', { a: 'id', lk: 'x' })] },
    { vindexes: [lookup], tables: [table('t', { a: 'id' })] },
    ['t'],
    '`vtctldclient LookupVindex create` fills that table',
  ],
])('what would lose rows is left to a person: %s', (_, wanted, found, present, sentence) => {
  const nothing = { first: [], tables: [], keys: [], last: [] }
  const way = writeVschema(snapshot(wanted, present), snapshot(found, present))
  expect(way).toEqual({ ...nothing, byHand: [expect.stringContaining(sentence)] })
})

it('what no statement does is advised by the database, whose keyspace may be called otherwise', () => {
  const found = { ...snapshot({ isSharded: false }), database: 'messages' }
  expect(writeVschema(snapshot({}), found).byHand).toEqual([
    expect.stringMatching(/`vtctldclient ApplyVSchema` for the keyspace of `messages`\.$/),
  ])
})

it('a lookup vindex is written for a table that is made with it, and a vindex that a person keeps is not dropped', () => {
  const wanted = { vindexes: [lookup], tables: [table('t', { a: 'id', lk: 'x' })] }
  expect(writeVschema(snapshot(wanted), snapshot({}))).toMatchObject({
    last: [
      'ALTER VSCHEMA CREATE VINDEX `lk` USING `consistent_lookup` WITH `from`=x, `table`=app.lk, `to`=keyspace_id',
      'ALTER VSCHEMA ON `t` ADD VINDEX `a` (`id`)',
      'ALTER VSCHEMA ON `t` ADD VINDEX `lk` (`x`)',
    ],
    byHand: [],
  })
  const replaced = { vindexes: [vindex('b'), vindex('c')], tables: [table('t', { b: 'id' })] }
  expect(writeVschema(snapshot({ tables: [table('t', { a: 'id' })] }), snapshot(replaced))).toMatchObject({
    first: ['ALTER VSCHEMA DROP VINDEX `c`'],
    byHand: [expect.stringContaining('is to be `a`')],
  })
})

it('the sequence and the lookup table of a database of the configuration are named as migrations name them', () => {
  const stage = { isSharded: true, foreignKeyMode: 'unmanaged', keyspace: 'app' }
  const numbers = { column: 'id', sequence: { keyspace: 'user_stg', name: 'ids' } }
  const owned = vindex('lk', { params: 'from=x; table=user_stg.lk; to=k' })
  const made = { ...stage, vindexes: [owned], tables: [table('t', { a: 'id' }, { autoIncrement: numbers })] }
  const parts = partsOfVschema(made, new Map([['user_stg', 'user_db']]))
  const { last } = writeVschema({ ...snapshot({}), vschema: parts }, snapshot({}))
  expect(last).toEqual([
    'ALTER VSCHEMA CREATE VINDEX `lk` USING `xxhash` WITH `from`=x, `table`={{schema:user_db}}.`lk`, `to`=k',
    'ALTER VSCHEMA ON `t` ADD VINDEX `a` (`id`)',
    'ALTER VSCHEMA ON `t` ADD AUTO_INCREMENT `id` USING {{schema:user_db}}.`ids`',
  ])
  const elsewhere = {
    ...made,
    vindexes: [{ ...owned, params: 'from=x; table=user_prod.lk; to=k' }],
    tables: [
      table('t', { a: 'id' }, { autoIncrement: { ...numbers, sequence: { keyspace: 'user_prod', name: 'ids' } } }),
    ],
  }
  const others = partsOfVschema(elsewhere, new Map([['user_prod', 'user_db']]))
  expect(others).toEqual(parts)
})

it.each<[Partial<Vschema>, Partial<Vschema>, string]>([
  [{ isSharded: false }, {}, '`sharded` is to be false'],
  [{ foreignKeyMode: 'managed' }, {}, '`foreignKeyMode` is to be `managed`'],
  [
    { vindexes: [vindex('a', { type: 'hash' })], tables: [table('t', { a: 'id' })] },
    { vindexes: [vindex('a')], tables: [table('t', { a: 'id' })] },
    'The vindex `a` is to be another one, and tables use it',
  ],
  [{ tables: [table('t', {})] }, {}, 'The VSchema is to have `t` as a reference table, or a pinned one'],
  [{}, { tables: [table('t', {})] }, 'The VSchema is to leave out `t` as a reference table, or a pinned one'],
])('a person does what vtgate has no statement for', (wanted, found, sentence) => {
  const way = writeVschema(snapshot(wanted), snapshot(found))
  expect([...way.first, ...way.tables, ...way.keys, ...way.last]).toEqual([])
  expect(way.byHand).toEqual([expect.stringContaining(`${sentence}, which no \`ALTER VSCHEMA\` does: change it with`)])
  expect(compareSnapshots(snapshot(wanted), snapshot(found))).toHaveLength(1)
})

it('nothing is said of a reference table that both sides have, nor of a keyspace whose VSchema is not known', () => {
  const one = snapshot({ tables: [table('t', {})] })
  const nothing = { first: [], tables: [], keys: [], last: [], byHand: [] }
  expect(writeVschema(one, one)).toEqual(nothing)
  expect([writeVschema(one, snapshot(null)), writeVschema(snapshot(null), one)]).toEqual([nothing, nothing])
  expect(compareSnapshots(one, snapshot(null))).toEqual([])
})

it('a table that vtgate has only found on the tablets is no part of a VSchema', () => {
  const found = table('t', {}, { takesRows: false })
  expect(snapshot({ tables: [found] }).vschema).toHaveLength(1)
})

it('what differs is named part by part', () => {
  const named = (wanted: Partial<Vschema>, found: Partial<Vschema>) =>
    compareSnapshots(snapshot(wanted), snapshot(found)).map(({ type, name, change, parts }) => [
      ...[type, name, change],
      ...parts.map((one) => `${one.part} ${one.name}: ${one.wanted} ${one.found}`),
    ])
  expect(
    named({ vindexes: [vindex('a'), vindex('b')] }, { vindexes: [vindex('b', { owner: 't' }), vindex('c')] }),
  ).toEqual([
    ['vindex', 'a', 'missing'],
    ['vindex', 'b', 'differs', 'option owner: null t'],
    ['vindex', 'c', 'extra'],
  ])
  const numbered = (keyspace: string | null, name: string): Partial<Vschema> => ({
    tables: [table('t', { a: 'id' }, { autoIncrement: { column: 'id', sequence: { keyspace, name } } })],
  })
  expect(named(numbered('one', 'ids'), numbered('two', 'ids'))).toEqual([
    ['vschema', 't', 'differs', 'option AUTO_INCREMENT: id from one.ids id from two.ids'],
  ])
  // vtgate does not show which of several it is.
  expect(named(numbered('one', 'ids'), numbered(null, 'ids'))).toEqual([])
  expect(named(numbered(null, 'ids'), numbered(null, 'others'))).toEqual([
    ['vschema', 't', 'differs', 'option AUTO_INCREMENT: id from ids id from others'],
  ])
  expect(named({ tables: [table('t', { a: 'id', b: 'x' })] }, { tables: [table('t', { b: 'x', a: 'id' })] })).toEqual([
    ['vschema', 't', 'differs', 'option first vindex: a b'],
  ])
  const order = (...names: readonly string[]) => ({
    tables: [table('t', Object.fromEntries(names.map((name) => [name, name])))],
  })
  expect(named(order('a', 'b', 'c'), order('a', 'c', 'b'))).toEqual([])
  expect(named({ foreignKeyMode: 'managed' }, { foreignKeyMode: 'disallow' })).toEqual([])
  expect(named({ foreignKeyMode: 'managed' }, {})).toHaveLength(1)
})
