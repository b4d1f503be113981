import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterEach, expect } from 'vitest'
import type { DatabaseConfig } from '../../../src/config/config.ts'
import { createArchivePort } from '../../../src/shards/archive/archive-port.ts'
import type { ArchivePort, WrittenArchive } from '../../../src/shards/ports.ts'
import type { ShardRecord } from '../../../src/shards/shard.ts'
import { configOf, databaseOf } from '../migrations/engine.ts'
import { testDoor } from '../mysql/test-door.ts'
import { createSchema, type TestSchema } from '../servers/schema.ts'
import { type ServerVersion, testServerOf } from '../servers/servers.ts'

export const archiveTimeouts = { ...configOf([]).timeouts, connect: 10_000 }

/** A schema and an archive directory of a test's own. */
export interface ArchiveStage {
  readonly schema: TestSchema
  readonly database: DatabaseConfig
  /** The archive directory. */
  readonly directory: string
  readonly archive: ArchivePort
  /** Statements, one after the other; the answer is the last one's rows. */
  readonly query: (...statements: readonly (string | Buffer)[]) => Promise<readonly RowDataPacket[]>
  readonly write: (table: string) => Promise<WrittenArchive>
  readonly restore: (address: string, table: string) => Promise<void>
}

/** Opens stages, and cleans them up after each test. */
export function withArchiveStages(): (version?: ServerVersion) => Promise<ArchiveStage> {
  const cleanUps: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const clean of cleanUps.splice(0).reverse()) await clean()
  })
  return async (version = '9.7') => {
    const schema = await createSchema('arc', await testServerOf(version))
    cleanUps.push(schema.drop)
    const directory = await mkdtemp(join(tmpdir(), 'wwdb-archive-'))
    cleanUps.push(() => rm(directory, { recursive: true, force: true }))
    const connection = await createConnection({ uri: schema.url, charset: 'utf8mb4', timezone: 'Z' })
    cleanUps.push(() => connection.end())
    await connection.query(`SET SESSION sql_mode='ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00'`)
    return openStage(schema, directory, connection)
  }
}

function openStage(schema: TestSchema, directory: string, connection: Connection): ArchiveStage {
  const database = databaseFor(schema)
  const archive = createArchivePort({ door: testDoor(), directory, toolVersion: '1.2.3', now: Date.now })
  return {
    schema,
    database,
    directory,
    archive,
    query: async (...statements) => {
      let rows: unknown
      for (const statement of statements) [rows] = await connection.query(String(statement))
      return Array.isArray(rows) ? rows : []
    },
    write: (table) =>
      archive.write({ database, timeouts: archiveTimeouts, table, shard: shardOf(table) }, () => undefined),
    restore: async (address, table) => {
      await archive.restore(address, { database, timeouts: archiveTimeouts, table }, () => undefined)
    },
  }
}

function databaseFor(schema: TestSchema): DatabaseConfig {
  const { hostname, port } = new URL(schema.server.url)
  const { server } = databaseOf('app')
  const place = { ...server, host: hostname, port: Number(port), label: `${hostname}:${port}` }
  return databaseOf('app', { schema: schema.name, server: place })
}

/** The registry's record of a shard that is held. */
export function shardOf(table: string, more: Partial<ShardRecord> = {}): ShardRecord {
  return {
    family: 'messages',
    key: '2026-01',
    table,
    from: Date.UTC(2026, 0),
    to: Date.UTC(2026, 1),
    state: 'held',
    templateVersion: 1,
    fingerprint: null,
    goneAt: null,
    seal: null,
    hold: null,
    archive: null,
    protection: null,
    ...more,
  }
}

/** Every value of a table in hexadecimal, by an expression that does not come from the tool. */
export async function hexRows({ query, schema }: ArchiveStage, table: string): Promise<readonly unknown[]> {
  const columns = await query(
    `SELECT COLUMN_NAME AS name,DATA_TYPE AS type FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='${schema.name}' AND TABLE_NAME='${table}' ORDER BY ORDINAL_POSITION`,
  )
  const expressions = columns.map(({ name, type }) => {
    const column = `\`${String(name).replaceAll('`', '``')}\``
    if (type === 'float' || type === 'double') return `HEX(CONCAT(CAST(${column} AS JSON)))`
    if (type === 'json') return `CONCAT(JSON_TYPE(${column}),HEX(CAST(${column} AS CHAR)))`
    return /char|text|blob|binary|enum|set|bit|geom|point|line|polygon|vector/.test(String(type))
      ? `HEX(${column})`
      : `HEX(CONCAT(${column}))`
  })
  return query(`SELECT ${expressions.join(',')} FROM \`${table}\` ORDER BY 1`)
}

/** Archives a table, drops it, restores it, and compares everything that the server shows of it. */
export async function expectRoundTrip(stage: ArchiveStage, table = 't'): Promise<WrittenArchive> {
  const before = [await hexRows(stage, table), await nature(stage, table)]
  const written = await stage.write(table)
  expect(written.rows).toBe(before[0]?.length)
  expect(await stage.archive.verify(written.address)).toEqual(written)
  await stage.query(`DROP TABLE \`${table}\``)
  await stage.restore(written.address, table)
  expect([await hexRows(stage, table), await nature(stage, table)]).toEqual(before)
  return written
}

/** The server's own sum over a table's stored rows (CHECKSUM TABLE), and its definition without its name. */
export async function nature({ query }: ArchiveStage, table: string): Promise<readonly [unknown, string]> {
  const [sum] = await query(`CHECKSUM TABLE \`${table}\``)
  const [definition] = await query(`SHOW CREATE TABLE \`${table}\``)
  // 8.0.12 shows whether a column's character set was once written, beside the collation that means the same.
  const text = String(definition?.['Create Table']).replaceAll(' CHARACTER SET utf8mb4 COLLATE', ' COLLATE')
  return [sum?.['Checksum'], text.replace(`\`${table}\``, '`TABLE`')]
}
