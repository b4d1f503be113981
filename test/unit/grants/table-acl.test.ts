import { expect, it } from 'vitest'
import type { DatabaseConfig } from '../../../src/config/config.ts'
import type { ShardFamily } from '../../../src/core/shard-family.ts'
import type { Purpose } from '../../../src/grants/purpose.ts'
import { computeTableAcls, metadataTables, type TableAcl } from '../../../src/grants/table-acl.ts'
import { migrationOf } from '../../helpers/migrations/engine.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

const migrationsOf = (database: string, texts: readonly string[]) => [
  migrationOf(`${database}/1`, {
    up: { type: 'statements', statements: texts.map((text, index) => statementOf(text, index)) },
  }),
]
const databases = ['user_db', 'message_db'].map(
  (name) =>
    ({ name, schema: `app_${name}`, vitess: { journal: 'app_user_db', ddlStrategy: 'vitess' } }) as DatabaseConfig,
)
const migrations = new Map([
  ['user_db', migrationsOf('user_db', ['CREATE TABLE users (id INT)', 'CREATE TABLE ids (id INT)'])],
  [
    'message_db',
    migrationsOf('message_db', [
      'CREATE TABLE letters (id INT, sender INT)',
      'ALTER VSCHEMA ON letters ADD AUTO_INCREMENT id USING {{schema:user_db}}.ids',
      'CREATE VIEW senders AS SELECT sender FROM letters',
    ]),
  ],
])
const families = [{ database: 'message_db', name: 'events' } as ShardFamily]
const compute = (purposes: readonly Purpose[], chosen = databases): readonly TableAcl[] =>
  computeTableAcls(
    { migrations, seeded: ['message_db'], families },
    purposes.map((purpose) => ({ user: `wwdb_${purpose}`, purposes: [purpose] })),
    chosen,
  )

/** `wwdb_check: r` for each table of a keyspace. */
function rolesOf(acls: readonly TableAcl[], keyspace: string, table: string): readonly string[] {
  const groups = acls.find((one) => one.keyspace === keyspace)?.config.table_groups ?? []
  const own = groups.filter((one) => one.table_names_or_prefixes.includes(table))
  // Vitess refuses a file in which a table is in two groups.
  expect(own.length).toBeLessThan(2)
  return own.flatMap(({ readers, writers, admins }) => [
    ...readers.map((user) => `${user} reads`),
    ...writers.map((user) => `${user} writes`),
    ...admins.map((user) => `${user} changes`),
  ])
}

it('each purpose has what its commands do with tables, with those of wwdb and with what a server says of them', () => {
  const acls = compute(['migrate', 'check', 'seed', 'read', 'write', 'rotate', 'provision'])
  expect(acls.map(({ keyspace }) => keyspace)).toEqual(['app_user_db', 'app_message_db'])
  expect(rolesOf(acls, 'app_message_db', 'letters')).toEqual([
    ...['check', 'migrate', 'read', 'seed', 'write'].map((one) => `wwdb_${one} reads`),
    ...['migrate', 'seed', 'write'].map((one) => `wwdb_${one} writes`),
    'wwdb_migrate changes',
  ])
  expect(rolesOf(acls, 'app_message_db', 'senders')).toEqual(rolesOf(acls, 'app_message_db', 'letters'))
  // No seed of this database.
  expect(rolesOf(acls, 'app_user_db', 'users')).not.toContain('wwdb_seed reads')
  expect(rolesOf(acls, 'app_user_db', 'wwdb_%')).toEqual([
    ...['check', 'migrate', 'seed'].map((one) => `wwdb_${one} reads`),
    ...['migrate', 'seed'].map((one) => `wwdb_${one} writes`),
    ...['migrate', 'seed'].map((one) => `wwdb_${one} changes`),
  ])
  for (const table of metadataTables)
    expect(rolesOf(acls, 'app_message_db', table)).toEqual(
      ['check', 'migrate', 'seed'].map((one) => `wwdb_${one} reads`),
    )
})

it('who writes rows that vtgate numbers writes the sequence, which is in another keyspace', () => {
  const [users] = compute(['write'], databases)
  expect(rolesOf(users === undefined ? [] : [users], 'app_user_db', 'ids')).toEqual([
    'wwdb_write reads',
    'wwdb_write writes',
  ])
  const alone = compute(['seed'], databases)
  expect(rolesOf(alone, 'app_user_db', 'ids')).toEqual(['wwdb_seed writes'])
})

it('who changes a VSchema must be known to vtgate, and nobody has what no command uses', () => {
  expect(compute(['migrate']).map(({ notes }) => notes.length)).toEqual([0, 1])
  expect(compute(['check']).flatMap(({ notes }) => notes)).toEqual([])
  expect(compute(['rotate']).flatMap(({ config }) => config.table_groups)).toEqual([])
  expect(compute(['rotate']).map(({ notes }) => notes)).toEqual([
    [],
    ['The tables that `rotate` makes, reads and drops, of `events`, are not in these entries.'],
  ])
})
