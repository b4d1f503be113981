import { expect, test } from 'vitest'
import { adviseDatabase, proposeDatabases, writeFirstConfig } from '../../../src/project/first-config.ts'

test('a schema whose name the configuration does not take becomes a database of another name', () => {
  const schemas = ['my-shop', 'my_shop', '2026', 'app'].map((name) => ({ name, tables: [], columns: new Map() }))
  const databases = proposeDatabases(schemas)
  expect(databases.map(({ name, schema }) => [name, schema])).toEqual([
    ['my_shop', 'my-shop'],
    ['my_shop_2', 'my_shop'],
    ['db_2026', '2026'],
    ['app', null],
  ])
  expect(JSON.parse(writeFirstConfig('mysql://root@127.0.0.1', databases)).databases['db_2026']).toEqual({
    schema: '2026',
    migrations: 'migrations/db_2026',
  })
})

test('tables of wwdb itself need no advice', () => {
  const database = { name: 'app', schema: null, columns: new Map() }
  expect(adviseDatabase({ ...database, tables: ['people', 'wwdb_journal'] })).toBeNull()
  expect(adviseDatabase({ ...database, tables: [] })).toBeNull()
  expect(adviseDatabase({ ...database, tables: ['people'] })).toContain('has one table')
})

test.each([
  ['golang-migrate', ['schema_migrations'], ['version', 'dirty'], 'adopt --from golang-migrate --files FOLDER'],
  ['dbmate', ['schema_migrations'], ['version'], 'adopt --from dbmate --files FOLDER'],
  ['Rails', ['ar_internal_metadata', 'schema_migrations'], ['version'], 'baseline 0001 --from-live'],
  ['a table of its own', ['schema_migrations'], ['id', 'text'], 'baseline 0001 --from-live'],
])('the table schema_migrations of %s is known by its columns', (_, tables, names, advice) => {
  const columns = new Map([['schema_migrations', names]])
  expect(adviseDatabase({ name: 'app', schema: null, tables: [...tables, 'people'], columns })).toContain(advice)
})
