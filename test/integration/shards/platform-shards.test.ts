import { fileURLToPath } from 'node:url'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Config } from '../../../src/config/config.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { ShardFamily } from '../../../src/core/shard-family.ts'
import { driver as shards } from '../../../src/shards/mysql/servers.ts'
import { renderShard, withSiblings } from '../../../src/shards/render-shard.ts'
import { checkTemplate } from '../../../src/shards/templates/check-template.ts'
import { readFamilies } from '../../../src/shards/templates/read-families.ts'
import { testDoor } from '../../helpers/mysql/test-door.ts'
import { placements } from '../../helpers/platform/decisions.ts'
import { type DocumentedTable, readDocumentedTables } from '../../helpers/platform/document.ts'
import { readTables } from '../../helpers/platform/information-schema.ts'
import type { ForeignKeyShape, TableShape } from '../../helpers/platform/table-shape.ts'
import { dropSchemas, randomName } from '../../helpers/servers/schema.ts'
import { isAvailable, type ServerVersion, type TestServer, testServerOf } from '../../helpers/servers/servers.ts'

const project = fileURLToPath(new URL('../../../', import.meta.url))
const sharded = readDocumentedTables().filter((table) => placements[table.name]?.sharded === true)

type References = 'physical' | 'logical'

/** The platform's own configuration, templates included, on schemas of this test's own; `environment` replaces settings. */
function configOf(url: string, prefix: string): Promise<Config> {
  return loadConfig({
    cwd: project,
    file: null,
    environmentName: null,
    flags: {},
    environment: { WWDB_URL: url, WWDB_PREFIX: prefix },
  })
}

/** The platform's families; all references as asked, `instance_monitors` as overridden. */
async function familiesOf(config: Config, references: References, overrides: readonly [string, string][] = []) {
  const written = overrides.map(([header, text]) => ({
    family: 'instance_monitors',
    header,
    text,
    name: `rotation.families.instance_monitors.${header}`,
  }))
  const families = await readFamilies({ ...config, rotation: { ...config.rotation, overrides: written } })
  return families.map((family): ShardFamily => ({ ...family, policy: { ...family.policy, references } }))
}

const keys: Readonly<Record<string, string>> = {
  messages: '2026-12',
  system_logs: '2026-12-01',
  instance_monitors: '2026-W49',
  contacts: '42',
  groups: '42',
  group_members: '42',
}

const names: Readonly<Record<string, string>> = {
  messages: 'messages_202612',
  system_logs: 'system_logs_20261201',
  instance_monitors: 'instance_monitors_2026w49',
  contacts: 'contacts_42',
  groups: 'groups_42',
  group_members: 'group_members_42',
}

/** What the document asks of a table, as its shard has it: named by the shard, its keys by the server. */
function expectation(table: DocumentedTable, references: References): TableShape {
  const name = names[table.name] ?? ''
  const stays = (key: ForeignKeyShape): boolean => references === 'physical' || names[key.table] !== undefined
  const foreignKeys = table.shape.foreignKeys
    .filter(stays)
    .map((key, index) => ({ ...key, name: `${name}_ibfk_${index + 1}`, table: names[key.table] ?? key.table }))
  return { ...table.shape, name, foreignKeys }
}

describe.runIf(isAvailable('mysql'))('the sharded tables of the platform on MySQL 9.7', () => proveShards('9.7'))
describe.runIf(isAvailable('mysql80'))('the sharded tables of the platform on MySQL 8.0', () => proveShards('8.0'))

function proveShards(version: ServerVersion): void {
  const prefix = `${randomName('shards')}_`
  let server: TestServer
  let connection: Connection
  let config: Config
  let schemas: ReadonlyMap<string, string>

  beforeAll(async () => {
    server = await testServerOf(version)
    connection = await createConnection({ uri: server.url, charset: 'utf8mb4_unicode_ci' })
    config = await configOf(server.url, prefix)
    schemas = new Map(config.databases.map((database) => [database.name, database.schema]))
    for (const schema of schemas.values()) await connection.query(`CREATE SCHEMA \`${schema}\``)
    for (const parent of ['wework_instances', 'wework_accounts']) {
      await connection.query(`CREATE TABLE \`${prefix}instance_db\`.${parent} (id BIGINT UNSIGNED PRIMARY KEY)`)
    }
  })

  afterAll(async () => {
    await connection.end()
    await dropSchemas(server.url, prefix)
  })

  /** Makes a shard and those it refers to, as rotation does. */
  async function make(families: readonly ShardFamily[], family: ShardFamily, key: string): Promise<string> {
    for (const member of withSiblings(family, families)) {
      await connection.changeUser({ database: `${prefix}${member.database}` })
      await connection.query(renderShard(member, { key }, { schemas, families }).text)
    }
    return renderShard(family, { key }, { schemas, families }).table
  }

  async function look(family: ShardFamily, table: string): Promise<TableShape | undefined> {
    const schema = `${prefix}${family.database}`
    return (await readTables(connection, schema, (name) => name.replace(prefix, ''))).get(table)
  }

  async function drop(family: ShardFamily, table: string): Promise<void> {
    await connection.query('SET foreign_key_checks=0')
    await connection.query(`DROP TABLE \`${prefix}${family.database}\`.\`${table}\``)
    await connection.query('SET foreign_key_checks=1')
  }

  it('have a template each, in the database of the document, and no others', async () => {
    const families = await readFamilies(config)
    const found = families.map(({ name, database }) => `${database}.${name}`)
    expect(found.sort()).toEqual(sharded.map(({ name }) => `${placements[name]?.database}.${name}`).sort())
  })

  it('are called as the document says', async () => {
    const families = await familiesOf(config, 'logical', [
      ['period', 'month'],
      ['name', 'instance_monitors_{YYYYMM}'],
    ])
    for (const { name, shardPattern } of sharded) {
      const pattern = families.find((family) => family.name === name)?.pattern
      if (shardPattern === null) expect(pattern, name).toBe('group_members_{key}')
      else expect(pattern?.replace('{key}', '{instance_id}').replace(/\{(Y+M+D*)\}/, '$1'), name).toBe(shardPattern)
    }
  })

  describe.each<References>(['logical', 'physical'])('with %s references', (references) => {
    it.each(sharded.map((table) => [table.name, table] as const))('%s is as documented', async (name, table) => {
      const families = await familiesOf(config, references)
      const family = families.find((each) => each.name === name)
      if (family === undefined) throw new Error(`no family ${name}`)
      const made = await make(families, family, keys[name] ?? '')
      const found = await look(family, made)
      for (const member of withSiblings(family, families).toReversed()) await drop(member, names[member.name] ?? '')
      const expected = expectation(table, references)
      expect(found?.columns).toEqual(expected.columns)
      expect(found?.indexes).toEqual(expected.indexes)
      expect(found).toEqual(expected)
    })
  })

  it('instance_monitors is monthly by one line of configuration, and the same table', async () => {
    const families = await familiesOf(config, 'logical', [
      ['period', 'month'],
      ['name', 'instance_monitors_{YYYYMM}'],
    ])
    const family = families.find((each) => each.name === 'instance_monitors')
    const table = sharded.find((each) => each.name === 'instance_monitors')
    if (family === undefined || table === undefined) throw new Error('no instance_monitors')
    expect(await make(families, family, '2026-12')).toBe('instance_monitors_202612')
    const found = await look(family, 'instance_monitors_202612')
    expect(found).toEqual({ ...expectation(table, 'logical'), name: 'instance_monitors_202612' })
  })

  it('ids of messages begin at their month, sort by it, and are exact in JavaScript', async () => {
    const families = await familiesOf(config, 'logical')
    const family = families.find((each) => each.name === 'messages')
    if (family === undefined) throw new Error('no messages')
    const ids: number[] = []
    for (const key of ['2026-12', '2027-01', '2099-12']) {
      const table = `\`${prefix}message_db\`.\`${await make(families, family, key)}\``
      await connection.query(
        `INSERT INTO ${table} (message_uuid, account_id, chat_type, chat_wxid, message_type) VALUES ('a', 1, 1, 'x', 'text'), ('b', 1, 1, 'x', 'text')`,
      )
      const [rows] = await connection.query<RowDataPacket[]>(`SELECT id FROM ${table} ORDER BY id`)
      ids.push(...rows.map((row) => Number(row['id'])))
    }
    expect(ids).toEqual([
      2_026_120_000_000_000, 2_026_120_000_000_001, 2_027_010_000_000_000, 2_027_010_000_000_001, 2_099_120_000_000_000,
      2_099_120_000_000_001,
    ])
    expect(ids.every(Number.isSafeInteger)).toBe(true)
  })

  it('a member goes with its group, and a shard of another instance is not touched', async () => {
    const families = await familiesOf(config, 'logical')
    const family = families.find((each) => each.name === 'group_members')
    if (family === undefined) throw new Error('no group_members')
    const schema = `\`${prefix}contact_db\``
    for (const key of ['7', '8']) {
      await make(families, family, key)
      await connection.query(`INSERT INTO ${schema}.groups_${key} (id, account_id, group_wxid) VALUES (1, 1, 'g')`)
      await connection.query(`INSERT INTO ${schema}.group_members_${key} (group_id, member_wxid) VALUES (1, 'm')`)
    }
    await connection.query(`DELETE FROM ${schema}.groups_7`)
    const count = async (table: string) => {
      const [rows] = await connection.query<RowDataPacket[]>(`SELECT COUNT(*) AS n FROM ${schema}.${table}`)
      return Number(rows[0]?.['n'])
    }
    expect([await count('group_members_7'), await count('group_members_8')]).toEqual([0, 1])
  })

  it('are made by the server as their templates say', async () => {
    const servers = shards.build(testDoor({ isAlive: () => null }))
    for (const references of ['logical', 'physical'] as const) {
      const families = await familiesOf(config, references)
      for (const family of families) {
        const database = config.databases.find(({ name }) => name === family.database)
        if (database === undefined) throw new Error(`no database ${family.database}`)
        const store = await servers.open(database, config.timeouts, false)
        const check = await checkTemplate(family, store, { schemas, families }, Date.UTC(2026, 11, 1))
        await store.close()
        expect(check, `${family.name} ${references}`).toMatchObject({ faults: [], changes: [] })
      }
    }
  })
}
