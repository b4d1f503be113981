import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import type { DatabaseConfig } from '../../../src/config/config.ts'
import type { ShardFamily } from '../../../src/core/shard-family.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import { createArchivePort } from '../../../src/shards/archive/archive-port.ts'
import { driver as shards } from '../../../src/shards/mysql/servers.ts'
import { keepPartitions } from '../../../src/shards/partitions/keeper.ts'
import type { ShardServers } from '../../../src/shards/ports.ts'
import type { RotationWork } from '../../../src/shards/rotation/request.ts'
import { changeShards, runRotation } from '../../../src/shards/rotation/run-rotation.ts'
import { type Mishap, ProcessDied } from '../memory/process.ts'
import { configOf, databaseOf, neverStopped } from '../migrations/engine.ts'
import { testDoor } from '../mysql/test-door.ts'
import { createSchema } from '../servers/schema.ts'
import type { TestServer } from '../servers/servers.ts'
import { day, renderSimply } from './families.ts'
import type { RotationFixture } from './rotation-fixture.ts'

/** A fixture on MySQL that must be closed. */
export interface MysqlFixture extends RotationFixture {
  /** A connection of its own to the schema, ended with the fixture. */
  readonly connect: () => Promise<Connection>
  readonly query: (sql: string) => Promise<readonly RowDataPacket[]>
  readonly close: () => Promise<void>
}

/** Histories against MySQL: a schema, a folder for archives, and a clock that is passed in. */
export async function openMysqlFixture(
  server: TestServer,
  start: string,
  families: readonly ShardFamily[],
): Promise<MysqlFixture> {
  const [schema, instances] = [await createSchema('rot', server), await createSchema('rot', server)]
  const directory = await mkdtemp(join(tmpdir(), 'wwdb-rotation-'))
  const connection = await createConnection({ uri: schema.url, multipleStatements: true })
  const query = async (sql: string): Promise<readonly RowDataPacket[]> => {
    const [rows] = await connection.query<RowDataPacket[]>(sql)
    return Array.isArray(rows) ? rows : []
  }
  await query(
    `CREATE TABLE ${instances.name}.wework_instances (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, deleted_at DATETIME NULL)`,
  )
  // A transaction that is left open would keep the schema from being dropped, and hide what failed.
  const readers = new Set<Connection>()
  const connect = async (): Promise<Connection> => {
    const reader = await createConnection({ uri: schema.url })
    readers.add(reader)
    return reader
  }
  const databases = [placed('message_db', schema.name, server), placed('instance_db', instances.name, server)]
  const requestOf = (mishaps: readonly (readonly [number, Mishap])[]): RotationWork => ({
    config: configOf([], {
      databases,
      timeouts: { connect: 10_000, lock: 5000, lockWait: 1000, statement: null },
    }),
    families: fixture.families,
    only: null,
    servers: keepPartitions(mortal(simulatedClock(fixture), mishaps), () => fixture.families),
    now: () => fixture.now,
    rehearsal: false,
    ahead: 0,
    longestPause: 400 * day,
    trustClock: false,
    render: renderSimply,
    emit: () => {},
    stop: neverStopped,
    archive: async () =>
      createArchivePort({ door: testDoor(), directory, toolVersion: '0.0.0', now: () => fixture.now }),
    confirm: () => Promise.reject(new ToolError('NOT_CONFIRMED', { what: 'There is no terminal for the question.' })),
    propagate: null,
  })
  const fixture: MysqlFixture = {
    now: Date.parse(start),
    skew: 0,
    families,
    connect,
    query,
    rotate: (mishaps = []) => runRotation(requestOf(mishaps)),
    change: (family, work, mishaps = []) => {
      const request = { ...requestOf(mishaps), only: new Set([family]) }
      return changeShards(request, (target, one) => work(target, one, request))
    },
    readRecords: async () => {
      const store = await shards
        .build(testDoor({ isAlive: () => null }))
        .open(databases[0] ?? fail(), configOf([]).timeouts, false)
      try {
        return (await store.readRegistry()).shards
      } finally {
        await store.close()
      }
    },
    readTables: async () =>
      (
        await query(
          `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'`,
        )
      )
        .map((row) => String(row['name']))
        .filter((name) => !name.startsWith('wwdb_')),
    // All columns: a table that a stranger made under the name of a shard has others, and no row of the shard.
    readRows: async (table) => (await query(`SELECT * FROM \`${table}\``)).map((row) => String(row['text'])),
    insert: async (table, row) => {
      await query(`INSERT INTO \`${table}\` (text) VALUES ('${row}')`)
    },
    create: async (text) => {
      await query(text)
    },
    drop: async (table) => {
      await query(`DROP TABLE \`${table}\``)
    },
    addColumn: async (table, column) => {
      await query(`ALTER TABLE \`${table}\` ADD COLUMN \`${column}\` INT`)
    },
    setInstances: async (present, deleted) => {
      const rows = [...present.map((key) => `(${key}, NULL)`), ...deleted.map((key) => `(${key}, '2026-01-01')`)]
      const table = `${instances.name}.wework_instances`
      await query(`DELETE FROM ${table}; INSERT INTO ${table} VALUES ${rows.join(', ')}`)
    },
    read: async (table) => {
      const reader = await connect()
      await reader.query('START TRANSACTION')
      await reader.query(`SELECT COUNT(*) FROM \`${table}\``)
      return { end: () => reader.end() }
    },
    readArchive: (address) => readAll(join(directory, address)),
    listArchives: () => listArchives(directory),
    close: async () => {
      for (const reader of readers) reader.destroy()
      await connection.end()
      await schema.drop()
      await instances.drop()
      await rm(directory, { recursive: true, force: true })
    },
  }
  return fixture
}

function fail(): never {
  throw new Error('there is no database')
}

function placed(name: string, schema: string, { url }: TestServer): DatabaseConfig {
  const { hostname, port } = new URL(url)
  const { server } = databaseOf(name)
  return databaseOf(name, {
    schema,
    server: { ...server, host: hostname, port: Number(port), label: `${hostname}:${port}` },
  })
}

/** The servers with the fixture's clock in place of theirs. */
function simulatedClock(fixture: RotationFixture): ShardServers {
  const real = shards.build(testDoor({ isAlive: () => null }))
  return {
    ...real,
    open: async (...where) => {
      const store = await real.open(...where)
      return new Proxy(store, {
        get: (target, name) => {
          if (name === 'readClock') return async () => fixture.now + fixture.skew
          const value: unknown = Reflect.get(target, name)
          return typeof value === 'function' ? (value.bind(target) as unknown) : value
        },
      })
    },
  }
}

/** A process whose numbered calls fail, before or after the server did what was asked. Dead, it asks nothing more. */
function mortal(servers: ShardServers, mishaps: readonly (readonly [number, Mishap])[]): ShardServers {
  const plan = new Map(mishaps)
  let calls = 0
  let dead = false
  const survive = async <T>(work: () => Promise<T>): Promise<T> => {
    if (dead) throw new ProcessDied('the process is dead')
    calls += 1
    const mishap = plan.get(calls)
    if (mishap === undefined) return work()
    if (!mishap.endsWith('before')) await work().catch(() => undefined)
    dead = true
    throw new ProcessDied('the process is dead')
  }
  return {
    ...servers,
    open: async (...where) => {
      const store = await servers.open(...where)
      return new Proxy(store, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name)
          // A name asks the server nothing.
          if (typeof value !== 'function' || name === 'close' || name === 'nameHold') return value
          return (...given: readonly unknown[]) => survive(async () => value.apply(target, given) as unknown)
        },
      })
    },
  }
}

/** Every file of an archive, unpacked. */
async function readAll(folder: string): Promise<string> {
  const stat = await readdir(folder).catch(() => null)
  if (stat === null) return ''
  const texts = await Promise.all(
    stat.map(async (name) => {
      const bytes = await readFile(join(folder, name))
      return name.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString()
    }),
  )
  return texts.join('\n')
}

/** Folders with a manifest, relative to the directory. */
async function listArchives(directory: string): Promise<readonly string[]> {
  const files = await readdir(directory, { recursive: true }).catch(() => [])
  return [...new Set(files.filter((file) => /manifest[^/]*$/.test(file)).map((file) => file.replace(/\/[^/]*$/, '')))]
}
