import { expect, it } from 'vitest'
import type { SchemaSnapshot } from '../../../src/ddl/snapshot.ts'
import { partsOfVschema } from '../../../src/ddl/vschema-snapshot.ts'
import { diffDatabases, type SchemaPair } from '../../../src/schema/diff.ts'
import { orderSaved } from '../../../src/schema/order-saved.ts'
import { noRenames } from '../../../src/schema/renames.ts'
import type { Vindex, VschemaTable } from '../../../src/sql/vschema.ts'

const databases = new Map([
  ['user_stg', 'user_db'],
  ['message_stg', 'message_db'],
])

type Part = Pick<VschemaTable, 'name'> & Partial<VschemaTable>

const snapshot = (
  database: string,
  isSharded: boolean,
  tables: readonly Part[],
  { vindexes = [], present = [] }: { readonly vindexes?: readonly Vindex[]; readonly present?: readonly string[] } = {},
): SchemaSnapshot => ({
  ...{ format: 1, database, charset: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci' },
  objects: present.map((name) => ({
    ...{ type: 'table', name, columns: [], indexes: [], foreignKeys: [], checks: [], options: {}, partitioning: null },
  })),
  vschema: partsOfVschema(
    {
      ...{ keyspace: database, isSharded, foreignKeyMode: 'unmanaged', vindexes },
      tables: tables.map((one) => ({
        ...{ isSequence: false, takesRows: true, autoIncrement: null, vindexes: [], ...one },
      })),
    },
    databases,
  ),
})
const users = (...sequences: readonly string[]) =>
  snapshot(
    'user_db',
    false,
    sequences.map((name) => ({ name, isSequence: true })),
  )
const messages = (sequence: string | null) =>
  snapshot('message_db', true, [
    {
      ...{ name: 'letters', vindexes: [{ name: 'a', columns: 'id' }] },
      autoIncrement: sequence === null ? null : { column: 'id', sequence: { keyspace: 'user_stg', name: sequence } },
    },
  ])
const order = (...pairs: readonly Omit<SchemaPair, 'hidden'>[]) => {
  const all = pairs.map((pair) => ({ ...pair, hidden: [] }))
  return orderSaved(diffDatabases(all, noRenames), all, 'revert').map(({ database, up, after }) => [
    ...[database, up.map(({ text }) => text), after.map((one) => one.database)],
  ])
}

it('a sequence is added before a table of another database takes numbers from it', () => {
  expect(order({ wanted: messages('ids'), found: messages(null) }, { wanted: users('ids'), found: users() })).toEqual([
    ['user_db', ['ALTER VSCHEMA ADD SEQUENCE `ids`'], []],
    ['message_db', ['ALTER VSCHEMA ON `letters` ADD AUTO_INCREMENT `id` USING {{schema:user_db}}.`ids`'], ['user_db']],
  ])
})

it('a sequence is dropped when no table of another database takes numbers from it any more', () => {
  expect(order({ wanted: users(), found: users('more') }, { wanted: messages(null), found: messages('more') })).toEqual(
    [
      ['message_db', ['ALTER VSCHEMA ON `letters` DROP AUTO_INCREMENT'], []],
      ['user_db', ['ALTER VSCHEMA DROP SEQUENCE `more`'], ['message_db']],
    ],
  )
})

it('one sequence takes the place of another one in steps that wait for each other', () => {
  const on = 'ALTER VSCHEMA ON `letters`'
  expect(
    order({ wanted: users('ids'), found: users('more') }, { wanted: messages('ids'), found: messages('more') }),
  ).toEqual([
    ['message_db', [`${on} DROP AUTO_INCREMENT`], []],
    ['user_db', ['ALTER VSCHEMA DROP SEQUENCE `more`'], ['message_db']],
    ['user_db', ['ALTER VSCHEMA ADD SEQUENCE `ids`'], ['message_db']],
    ['message_db', [`${on} ADD AUTO_INCREMENT \`id\` USING {{schema:user_db}}.\`ids\``], ['user_db', 'user_db']],
  ])
})

it('a lookup vindex is dropped before its table, which another database has', () => {
  const lookup: Vindex = {
    ...{ name: 'lk', type: 'consistent_lookup', params: 'from=x; table=user_stg.lk; to=k', owner: 'letters' },
  }
  const [first, second] = [
    { name: 'a', columns: 'id' },
    { name: 'lk', columns: 'x' },
  ]
  expect(
    order(
      { wanted: users(), found: snapshot('user_db', false, [], { present: ['lk'] }) },
      {
        wanted: snapshot('message_db', true, [{ name: 'letters', vindexes: [first] }]),
        found: snapshot('message_db', true, [{ name: 'letters', vindexes: [first, second] }], { vindexes: [lookup] }),
      },
    ),
  ).toEqual([
    ['message_db', ['ALTER VSCHEMA ON `letters` DROP VINDEX `lk`', 'ALTER VSCHEMA DROP VINDEX `lk`'], []],
    ['user_db', ['DROP TABLE `lk`'], ['message_db']],
  ])
})
