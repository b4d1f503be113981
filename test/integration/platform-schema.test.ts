import { randomBytes } from 'node:crypto'
import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { placements } from '../helpers/platform/decisions.ts'
import { type DocumentedTable, readDocumentedTables } from '../helpers/platform/document.ts'
import { readTables } from '../helpers/platform/information-schema.ts'
import { migratePlatform, type Platform, readDatabases, rollBackPlatform } from '../helpers/platform/migrate.ts'
import type { ForeignKeyShape, TableShape } from '../helpers/platform/table-shape.ts'
import { testServer, testServer80 } from '../helpers/servers.ts'

const databases = readDatabases().map((database) => database.name)
const documented = readDocumentedTables()
const plain = documented.filter((table) => placements[table.name]?.sharded === false)

/** What the document asks of a table, less the keys that leave its database where these are only logical. */
function expectation(table: DocumentedTable, references: Platform['references']): TableShape {
  const stays = (key: ForeignKeyShape) => references === 'physical' || key.database === placements[table.name]?.database
  return { ...table.shape, foreignKeys: table.shape.foreignKeys.filter(stays) }
}

const servers = [
  ['the current MySQL', testServer],
  ['MySQL 8.0', testServer80],
] as const

describe.each(servers)('the platform on %s', (_, server) => {
  const created: string[] = []
  let connection: Connection

  beforeAll(async () => {
    connection = await createConnection({ uri: server().url, charset: 'utf8mb4_unicode_ci' })
  })

  afterAll(async () => {
    await connection.query('SET foreign_key_checks = 0')
    for (const schema of created) await connection.query(`DROP SCHEMA IF EXISTS \`${schema}\``)
    await connection.end()
  })

  async function createSchema(schema: string): Promise<void> {
    created.push(schema)
    await connection.query(`CREATE SCHEMA \`${schema}\``)
  }

  async function createPlatform(references: Platform['references']): Promise<Platform> {
    const platform: Platform = { prefix: `plat_${randomBytes(4).toString('hex')}_`, references }
    for (const database of databases) await createSchema(platform.prefix + database)
    return platform
  }

  function readDatabase(platform: Platform, database: string): Promise<ReadonlyMap<string, TableShape>> {
    return readTables(connection, platform.prefix + database, (schema) => schema.replace(platform.prefix, ''))
  }

  async function readPlatform(platform: Platform): Promise<ReadonlyMap<string, ReadonlyMap<string, TableShape>>> {
    const tables = new Map<string, ReadonlyMap<string, TableShape>>()
    for (const database of databases) tables.set(database, await readDatabase(platform, database))
    return tables
  }

  it('reads the document as these tests do', async () => {
    // MySQL refuses the document's `groups` (a reserved word), and with it the table that refers to it.
    const accepted = documented.filter((table) => !['groups', 'group_members'].includes(table.name))
    const schema = `plat_${randomBytes(4).toString('hex')}_document`
    await createSchema(schema)
    await connection.changeUser({ database: schema })
    for (const table of accepted) await connection.query(table.sql)
    const tables = await readTables(connection, schema, () => '')
    const unnamed = ({ foreignKeys, ...table }: TableShape) => ({
      ...table,
      foreignKeys: new Set(foreignKeys.map((key) => JSON.stringify({ ...key, name: '', database: '' }))),
    })
    expect(tables.size).toBe(accepted.length)
    for (const { name, shape } of accepted) {
      expect(unnamed(tables.get(name) ?? { ...shape, engine: 'missing' }), name).toEqual(unnamed(shape))
    }
  })

  describe.each(['physical', 'logical'] as const)('with %s references', (references) => {
    let platform: Platform
    let tables: ReadonlyMap<string, ReadonlyMap<string, TableShape>>

    beforeAll(async () => {
      platform = await createPlatform(references)
      await migratePlatform(connection, platform)
      tables = await readPlatform(platform)
    })

    it('has the plain tables, each in its database, and no others', () => {
      const found = [...tables].flatMap(([database, inside]) => [...inside.keys()].map((name) => `${database}.${name}`))
      expect(found.sort()).toEqual(plain.map((table) => `${placements[table.name]?.database}.${table.name}`).sort())
    })

    it.each(plain.map((table) => [table.name, table] as const))('%s is as documented', (name, table) => {
      const found = tables.get(placements[name]?.database ?? '')?.get(name)
      const expected = expectation(table, references)
      expect(found?.columns.map((column) => column.name)).toEqual(expected.columns.map((column) => column.name))
      for (const [index, column] of expected.columns.entries()) expect(found?.columns[index]).toEqual(column)
      expect(found?.indexes).toEqual(expected.indexes)
      expect(found?.foreignKeys).toEqual(expected.foreignKeys)
      expect(found).toEqual(expected)
    })

    it('has the keys that cross databases only where references are physical', () => {
      const crossing = [...tables].flatMap(([database, inside]) =>
        [...inside.values()].flatMap((table) => table.foreignKeys.filter((key) => key.database !== database)),
      )
      expect(crossing).toHaveLength(references === 'physical' ? 7 : 0)
    })

    it('goes back to nothing, and forward to the same again', async () => {
      await rollBackPlatform(connection, platform)
      for (const [database, inside] of await readPlatform(platform)) expect([...inside.keys()], database).toEqual([])
      await migratePlatform(connection, platform)
      expect(await readPlatform(platform)).toEqual(tables)
    })
  })

  it('keeps a login log when its user goes, and lets no message task outlive its author', async () => {
    const platform = await createPlatform('physical')
    await migratePlatform(connection, platform)
    const schema = (database: string) => `\`${platform.prefix}${database}\``
    await connection.query(
      `INSERT INTO ${schema('user_db')}.users (id, username, email, password_hash, salt) VALUES
       (1, 'ann', 'ann@example.org', '', ''), (2, 'bo', 'bo@example.org', '', '')`,
    )
    await connection.query(
      `INSERT INTO ${schema('user_db')}.login_logs (log_uuid, user_id, username, login_method, result, ip_address)
       VALUES ('a', 1, 'ann', 'password', 'SUCCESS', '::1')`,
    )
    await connection.query(
      `INSERT INTO ${schema('message_db')}.message_tasks (task_uuid, task_type, message_type, created_by)
       VALUES ('a', 'single', 'text', 2)`,
    )
    await connection.query(`DELETE FROM ${schema('user_db')}.users WHERE id = 1`)
    const [logs] = await connection.query(`SELECT user_id, username FROM ${schema('user_db')}.login_logs`)
    expect(logs).toEqual([{ user_id: null, username: 'ann' }])
    await expect(connection.query(`DELETE FROM ${schema('user_db')}.users WHERE id = 2`)).rejects.toMatchObject({
      code: 'ER_ROW_IS_REFERENCED_2',
    })
  })
})
