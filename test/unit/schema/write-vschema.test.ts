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

const snapshot = (vschema: Partial<Vschema> | null): SchemaSnapshot => ({
  ...{ format: 1, database: 'app', charset: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci', objects: [] },
  ...(vschema !== null && {
    vschema: partsOfVschema({
      ...{ keyspace: 'app', isSharded: true, foreignKeyMode: 'unmanaged', vindexes: [], tables: [] },
      ...vschema,
    }),
  }),
})

it.each<[string, Partial<Vschema>, Partial<Vschema>, readonly string[], readonly string[]]>([
  ['that are the same', { vindexes: [vindex('a')] }, { vindexes: [vindex('a')] }, [], []],
  [
    'with a vindex that is used nowhere any more',
    { vindexes: [] },
    { vindexes: [vindex('a')], tables: [table('t', { a: 'id' })] },
    ['ALTER VSCHEMA ON `t` DROP VINDEX `a`'],
    ['ALTER VSCHEMA DROP VINDEX `a`'],
  ],
  [
    'of which one has a table with its vindexes and its numbers',
    { vindexes: [vindex('a'), vindex('b')], tables: [table('t', { a: 'id', b: 'x, y' }, { autoIncrement: ids })] },
    { vindexes: [vindex('a')] },
    [],
    [
      'ALTER VSCHEMA CREATE VINDEX `b` USING `xxhash`',
      'ALTER VSCHEMA ON `t` ADD VINDEX `a` (`id`)',
      'ALTER VSCHEMA ON `t` ADD VINDEX `b` (`x`, `y`)',
      'ALTER VSCHEMA ON `t` ADD AUTO_INCREMENT `id` USING `user_db`.`ids`',
    ],
  ],
  [
    'of which one has another first vindex: the other one is dropped when it is there',
    { tables: [table('t', { a: 'id' }, { autoIncrement: ids })] },
    { tables: [table('t', { b: 'id' }, { autoIncrement: ids })] },
    [],
    ['ALTER VSCHEMA ON `t` ADD VINDEX `a` (`id`)', 'ALTER VSCHEMA ON `t` DROP VINDEX `b`'],
  ],
  [
    'of which one has a vindex in another place',
    { tables: [table('t', { a: 'id', b: 'x' })] },
    { tables: [table('t', { b: 'x', a: 'id' })] },
    [],
    [
      'ALTER VSCHEMA ON `t` DROP VINDEX `a`',
      'ALTER VSCHEMA ON `t` ADD VINDEX `a` (`id`)',
      'ALTER VSCHEMA ON `t` DROP VINDEX `b`',
      'ALTER VSCHEMA ON `t` ADD VINDEX `b` (`x`)',
    ],
  ],
  [
    'of which one has the only vindex of a table on another column: Vitess forgets the numbers with it',
    { tables: [table('t', { a: 'id' }, { autoIncrement: ids })] },
    { tables: [table('t', { a: 'x' }, { autoIncrement: ids })] },
    [],
    [
      'ALTER VSCHEMA ON `t` DROP VINDEX `a`',
      'ALTER VSCHEMA ON `t` ADD VINDEX `a` (`id`)',
      'ALTER VSCHEMA ON `t` ADD AUTO_INCREMENT `id` USING `user_db`.`ids`',
    ],
  ],
  [
    'of which one has other numbers',
    { tables: [table('t', { a: 'id' })] },
    { tables: [table('t', { a: 'id' }, { autoIncrement: ids })] },
    [],
    ['ALTER VSCHEMA ON `t` DROP AUTO_INCREMENT'],
  ],
  [
    'of which one has another vindex that nothing uses',
    { vindexes: [vindex('a', { params: 'from=x' })] },
    { vindexes: [vindex('a')] },
    ['ALTER VSCHEMA DROP VINDEX `a`'],
    ['ALTER VSCHEMA CREATE VINDEX `a` USING `xxhash` WITH `from`=x'],
  ],
  [
    'of keyspaces that are not sharded, with sequences',
    { isSharded: false, tables: [sequence('ids')] },
    { isSharded: false, tables: [sequence('others')] },
    ['ALTER VSCHEMA DROP SEQUENCE `others`'],
    ['ALTER VSCHEMA ADD SEQUENCE `ids`'],
  ],
])('between two VSchemas %s', (_, wanted, found, first, last) => {
  expect(writeVschema(snapshot(wanted), snapshot(found))).toEqual({ first, last, byHand: [] })
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
  expect([...way.first, ...way.last]).toEqual([])
  expect(way.byHand).toEqual([expect.stringContaining(`${sentence}, which no \`ALTER VSCHEMA\` does: change it with`)])
  expect(compareSnapshots(snapshot(wanted), snapshot(found))).toHaveLength(1)
})

it('nothing is said of a reference table that both sides have, nor of a keyspace whose VSchema is not known', () => {
  const one = snapshot({ tables: [table('t', {})] })
  const nothing = { first: [], last: [], byHand: [] }
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
    ['vschema', 't', 'differs', 'option order of the vindexes: a, b b, a'],
  ])
})
