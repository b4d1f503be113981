import { expect, test } from 'vitest'
import { adviseDatabase, proposeDatabases, writeFirstConfig } from '../../../src/project/first-config.ts'

test('a schema whose name the configuration does not take becomes a database of another name', () => {
  const schemas = ['my-shop', 'my_shop', '2026', 'app'].map((name) => ({ name, tables: [] }))
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
  const database = { name: 'app', schema: null }
  expect(adviseDatabase({ ...database, tables: ['people', 'wwdb_journal'] })).toBeNull()
  expect(adviseDatabase({ ...database, tables: [] })).toBeNull()
  expect(adviseDatabase({ ...database, tables: ['people'] })).toContain('has one table')
})
