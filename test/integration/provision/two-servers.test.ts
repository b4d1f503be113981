import { createConnection } from 'mysql2/promise'
import { beforeAll, expect, test } from 'vitest'
import { provision } from '../../../src/testing/testing.ts'
import { testServer, testServer80 } from '../../helpers/servers/servers.ts'
import { withProjects } from '../../helpers/tool/project.ts'

const table = (name: string): string => `-- migrate:up
CREATE TABLE ${name} (id INT NOT NULL PRIMARY KEY);
INSERT INTO ${name} VALUES (1);
-- migrate:down
DROP TABLE ${name};
`
const project = withProjects()
let folder: string
let servers: Readonly<Record<'people' | 'shop', string>>

beforeAll(async () => {
  servers = { people: testServer().url, shop: (await testServer80()).url }
  folder = project({
    'wwdb.config.json': JSON.stringify({ databases: { people: { url: servers.people }, shop: { url: servers.shop } } }),
    'migrations/people/0001_people.sql': table('people'),
    'migrations/shop/0001_orders.sql': table('orders'),
  })
})

async function ask(url: string, text: string): Promise<readonly (readonly unknown[])[]> {
  const connection = await createConnection({ uri: url, rowsAsArray: true })
  try {
    const [rows] = await connection.query(text)
    return rows as readonly (readonly unknown[])[]
  } finally {
    await connection.end()
  }
}

test('a test environment on two servers: each has its own schema, is reset and restored, and loses it with the test environment', async () => {
  const set = await provision({ cwd: folder, server: 'given' })
  const { people = '', shop = '' } = set.urls
  const schemasOf = (url: string): Promise<readonly (readonly unknown[])[]> =>
    ask(
      url,
      `SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE '${set.prefix.replaceAll('_', '\\_')}%'`,
    )
  try {
    expect(await schemasOf(servers.people)).toEqual([[`${set.prefix}people`]])
    expect(await schemasOf(servers.shop)).toEqual([[`${set.prefix}shop`]])
    expect(await ask(people, 'SELECT id FROM people')).toEqual([[1]])
    await ask(shop, 'INSERT INTO orders VALUES (2)')
    expect((await set.reset()).restored).toEqual([`${set.prefix}shop.orders`])
    expect(await ask(shop, 'SELECT id FROM orders')).toEqual([[1]])
    await ask(people, 'INSERT INTO people VALUES (7)')
    await ask(shop, 'INSERT INTO orders VALUES (8)')
    await set.snapshot('both')
    await set.reset()
    expect((await set.restore('both')).restored.toSorted()).toEqual([
      `${set.prefix}people.people`,
      `${set.prefix}shop.orders`,
    ])
    expect(await ask(people, 'SELECT id FROM people')).toEqual([[1], [7]])
    expect(await ask(shop, 'SELECT id FROM orders')).toEqual([[1], [8]])
  } finally {
    await set.dispose()
  }
  expect([...(await schemasOf(servers.people)), ...(await schemasOf(servers.shop))]).toEqual([])
})
