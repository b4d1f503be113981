import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { placements } from '../../helpers/platform/decisions.ts'
import { type DocumentedTable, readDocumentedTables } from '../../helpers/platform/document.ts'
import { readTables } from '../../helpers/platform/information-schema.ts'
import {
  migratePlatform,
  type Platform,
  readDatabases,
  rollBackPlatform,
  runOnPlatform,
} from '../../helpers/platform/migrate.ts'
import type { ForeignKeyShape, TableShape } from '../../helpers/platform/table-shape.ts'
import { dropSchemas, randomName } from '../../helpers/servers/schema.ts'
import { isAvailable, type ServerVersion, type TestServer, testServerOf } from '../../helpers/servers/servers.ts'

const databases = readDatabases().map((database) => database.name)
const documented = readDocumentedTables()
const plain = documented.filter((table) => placements[table.name]?.sharded === false)

/** What the document asks of a table, less the keys that leave its database where these are only logical. */
function expectation(table: DocumentedTable, references: Platform['references']): TableShape {
  const stays = (key: ForeignKeyShape) => references === 'physical' || key.database === placements[table.name]?.database
  return { ...table.shape, foreignKeys: table.shape.foreignKeys.filter(stays) }
}

describe.runIf(isAvailable('mysql'))('the platform on MySQL 9.7', () => provePlatform('9.7'))
describe.runIf(isAvailable('mysql80'))('the platform on MySQL 8.0', () => provePlatform('8.0'))

function provePlatform(version: ServerVersion): void {
  const prefix = randomName('plat')
  let made = 0
  let server: TestServer
  let connection: Connection

  beforeAll(async () => {
    server = await testServerOf(version)
    connection = await createConnection({ uri: server.url, charset: 'utf8mb4_unicode_ci' })
  })

  afterAll(async () => {
    await connection.end()
    await dropSchemas(server.url, prefix)
  })

  /** A prefix that no other platform of this file has. */
  function nextPrefix(): string {
    made += 1
    return `${prefix}_${made}_`
  }

  async function createPlatform(references: Platform['references']): Promise<Platform> {
    const platform: Platform = { prefix: nextPrefix(), references }
    for (const database of databases) await connection.query(`CREATE SCHEMA \`${platform.prefix}${database}\``)
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
    const schema = `${nextPrefix()}document`
    await connection.query(`CREATE SCHEMA \`${schema}\``)
    await connection.changeUser({ database: schema })
    // The one change without which MySQL refuses the document: `groups` is a reserved word.
    for (const table of documented) {
      await connection.query(table.sql.replace(/\b(TABLE|REFERENCES) groups\b/, '$1 `groups`'))
    }
    const tables = await readTables(connection, schema, () => '')
    const unnamed = ({ foreignKeys, ...table }: TableShape) => ({
      ...table,
      foreignKeys: new Set(foreignKeys.map((key) => JSON.stringify({ ...key, name: '', database: '' }))),
    })
    expect(tables.size).toBe(documented.length)
    for (const { name, shape } of documented) {
      expect(unnamed(tables.get(name) ?? { ...shape, engine: 'missing' }), name).toEqual(unnamed(shape))
    }
  })

  describe.each(['physical', 'logical'] as const)('with %s references', (references) => {
    let platform: Platform
    let tables: ReadonlyMap<string, ReadonlyMap<string, TableShape>>

    beforeAll(async () => {
      platform = await createPlatform(references)
      await migratePlatform(server.url, platform)
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

    it('recorded the choice in every database, has nothing left to do, and refuses a flip', async () => {
      for (const database of databases) {
        const [rows] = await connection.query(
          `SELECT name FROM \`${platform.prefix}${database}\`.wwdb_journal WHERE version = 'references'`,
        )
        expect(rows, database).toEqual([{ name: references }])
      }
      const status = await runOnPlatform(['status', '--exit-code'], server.url, platform)
      expect(status.answer).toMatchObject({ pending: 0 })
      const flipped: Platform = { ...platform, references: references === 'physical' ? 'logical' : 'physical' }
      await expect(runOnPlatform(['migrate'], server.url, flipped)).rejects.toThrow('ended with 78')
    })

    it('goes back to nothing, and forward to the same again', async () => {
      await rollBackPlatform(server.url, platform)
      for (const [database, inside] of await readPlatform(platform)) expect([...inside.keys()], database).toEqual([])
      await migratePlatform(server.url, platform)
      expect(await readPlatform(platform)).toEqual(tables)
    })
  })

  it('keeps a login log when its user goes, and lets no message task outlive its author', async () => {
    const platform = await createPlatform('physical')
    await migratePlatform(server.url, platform)
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
}
