import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { quoteName } from '../../src/sql/quote-name.ts'
import { createSchema } from '../helpers/servers/schema.ts'
import { testServerOf } from '../helpers/servers/servers.ts'
import type { ServerVersion } from '../helpers/servers/shared-servers.ts'
import { mysqlShards } from '../helpers/shards/mysql-shards.ts'
import type { OpenRead, ShardFixture } from './shard-fixture.ts'

async function readOpenly(url: string, table: string): Promise<OpenRead> {
  const reader = await createConnection({ uri: url })
  await reader.beginTransaction()
  await reader.query(`SELECT * FROM ${quoteName(table)}`)
  const end = async (): Promise<void> => {
    await reader.rollback()
    await reader.end()
  }
  return { connectionId: reader.threadId ?? 0, end }
}

async function setKeys(
  outside: Connection,
  table: string,
  keys: readonly (readonly [string, boolean])[],
): Promise<void> {
  const isNumber = keys.every(([key]) => /^-?\d+$/.test(key) && BigInt(key) < 2n ** 64n)
  const signed = keys.some(([key]) => key.startsWith('-'))
  const type = isNumber ? `BIGINT${signed ? '' : ' UNSIGNED'}` : 'VARCHAR(100) COLLATE utf8mb4_bin'
  await outside.query(`DROP TABLE IF EXISTS ${table}`)
  await outside.query(`CREATE TABLE ${table} (id ${type} PRIMARY KEY, deleted_at DATETIME NULL)`)
  for (const [key, deleted] of keys)
    await outside.query(`INSERT INTO ${table} VALUES (?, ?)`, [key, deleted ? '2026-01-01' : null])
}

/** A schema on a test server. */
export async function makeMysqlFixture(version: ServerVersion): Promise<ShardFixture> {
  const schema = await createSchema('t', await testServerOf(version))
  const outside = await createConnection({ uri: schema.url })
  const ask = async (text: string): Promise<readonly RowDataPacket[]> => (await outside.query<RowDataPacket[]>(text))[0]
  return {
    ...mysqlShards(schema),
    create: async (text) => {
      await outside.query(text)
    },
    insert: async (table, ...texts) => {
      for (const text of texts) await outside.query(`INSERT INTO ${quoteName(table)} (text) VALUES (?)`, [text])
    },
    texts: async (table) => (await ask(`SELECT text FROM ${quoteName(table)} ORDER BY id`)).map((row) => row['text']),
    read: (table) => readOpenly(schema.url, table),
    isWhole: (view) =>
      ask(`SELECT * FROM ${quoteName(view)}`).then(
        () => true,
        () => false,
      ),
    setKeys: ({ table }, present, deleted) =>
      setKeys(outside, table, [
        ...present.map((key) => [key, false] as const),
        ...deleted.map((key) => [key, true] as const),
      ]),
    forgetShard: async (key) => {
      await outside.query(key === null ? 'DELETE FROM wwdb_shards' : 'DELETE FROM wwdb_shards WHERE shard_key=?', [key])
    },
    forgetProtections: async () => {
      await outside.query('UPDATE wwdb_shards SET protected_reason=NULL,protected_by=NULL,protected_at=NULL')
    },
    // Whatever a store reads runs in its own session: so a view can give the lock back behind its back.
    stealLock: async (store) => {
      await outside.query('CREATE VIEW thief AS SELECT RELEASE_ALL_LOCKS() AS n')
      await store.measure('thief')
      await outside.query('DROP VIEW thief')
    },
    breakConnection: async (store) => {
      await ask(`KILL ${store.facts.connectionId}`)
    },
    close: async () => {
      await outside.end()
      await schema.drop()
    },
  }
}
