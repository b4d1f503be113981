import { setTimeout } from 'node:timers/promises'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { StopRequest } from '../../../src/core/stop-request.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import type { ShardStore } from '../../../src/shards/ports.ts'
import { neverStopped } from '../../helpers/migrations/engine.ts'
import { createSchema, randomName, type TestSchema } from '../../helpers/servers/schema.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { type MysqlShards, mysqlShards } from '../../helpers/shards/mysql-shards.ts'

const ignore = (): void => {}

async function faultOf(work: Promise<unknown>): Promise<{ readonly code: string; readonly text: string }> {
  try {
    await work
    return { code: 'nothing', text: '' }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return { code: error.code, text: JSON.stringify(error.faults) }
  }
}

describe.each(versionsInTurn(import.meta.url))('a shard store on MySQL %s', (version) => {
  let schema: TestSchema
  let shards: MysqlShards
  let store: ShardStore
  let outside: Connection

  beforeEach(async () => {
    schema = await createSchema('t', await testServerOf(version))
    shards = mysqlShards(schema)
    store = await shards.servers.open(shards.database, shards.timeouts, true)
    await store.lock(10_000, ignore)
    outside = await createConnection({ uri: schema.url, multipleStatements: true })
  })

  afterEach(async () => {
    await Promise.all([store.close(), outside.end()])
    await schema.drop()
  })

  const ask = async (text: string): Promise<readonly RowDataPacket[]> => (await outside.query<RowDataPacket[]>(text))[0]

  async function withReader(table: string, work: (reader: Connection) => Promise<void>): Promise<void> {
    const reader = await createConnection({ uri: schema.url })
    try {
      await reader.query('START TRANSACTION')
      await reader.query(`SELECT * FROM ${table}`)
      await work(reader)
    } finally {
      await reader.end()
    }
  }

  test('while retention waits for a reader, no other read queues longer than the timeout', async () => {
    await ask('CREATE TABLE shard (id INT PRIMARY KEY)')
    await withReader('shard', async () => {
      let ended = false
      const renaming = faultOf(store.rename('shard', 'held')).finally(() => {
        ended = true
      })
      const waits: number[] = []
      while (!ended) {
        const started = performance.now()
        await ask('SELECT * FROM shard')
        waits.push(performance.now() - started)
        await setTimeout(10)
      }
      expect((await renaming).code).toBe('SHARD_BLOCKED')
      // Some queue behind the rename, or the test shows nothing; a second of lock_wait_timeout, and scheduling.
      expect(Math.max(...waits)).toBeGreaterThan(100)
      expect(Math.max(...waits)).toBeLessThan(shards.timeouts.lockWait + 1500)
    })
  })

  test('it tries again: a reader who ends in time stops nothing', async () => {
    await ask('CREATE TABLE shard (id INT PRIMARY KEY)')
    await withReader('shard', async (reader) => {
      const renaming = store.rename('shard', 'held')
      const waits = `SELECT 1 FROM information_schema.PROCESSLIST WHERE ID=${store.facts.connectionId} AND STATE LIKE 'Waiting for table metadata lock'`
      while ((await ask(waits)).length === 0) await new Promise((resolve) => setImmediate(resolve))
      await reader.query('COMMIT')
      await renaming
    })
    expect((await store.listTables()).map(({ name }) => name)).toEqual(['held'])
  })

  test('a user with SELECT alone reads all that there is to read, and nothing more', async () => {
    await store.createRegistry()
    await ask(
      'CREATE TABLE shard (id INT PRIMARY KEY); CREATE TABLE instances (id BIGINT PRIMARY KEY); INSERT INTO instances VALUES (7)',
    )
    const full = await store.readShapes(null, 'lines')
    const user = randomName('u')
    await ask(`CREATE USER '${user}'@'%'; GRANT SELECT ON \`${schema.name}\`.* TO '${user}'@'%'`)
    const own = mysqlShards(schema, user)
    const reading = await own.servers.open(own.database, own.timeouts, false)
    expect((await reading.readRegistry()).exists).toBe(true)
    expect(await reading.readShapes(null, 'lines')).toEqual(full)
    expect(await reading.listTables()).toEqual(await store.listTables())
    expect((await reading.measure('shard')).rows).toBe(0)
    expect((await reading.readLimits()).tableDefinitionCache).toBeGreaterThan(0)
    expect((await reading.readBytes(['shard'])).get('shard')).toBeGreaterThan(0)
    expect((await reading.readDefinitions(['shard'])).size).toBe(1)
    const source = { database: 'app', table: 'instances', column: 'id', deletedAt: null }
    expect(await own.servers.readKeys(own.database, own.timeouts, source)).toEqual({ present: ['7'], deleted: [] })
    const template = { table: 'x', text: 'CREATE TABLE x (id INT)', after: [] }
    expect((await faultOf(reading.shapeOf(template, []))).code).toBe('SCRATCH_DENIED')
    await ask('CREATE VIEW v AS SELECT id FROM shard')
    expect((await faultOf(reading.readViewTables('v'))).code).toBe('VIEW_UNREADABLE')
    await reading.close()
    await ask(`DROP USER '${user}'@'%'`)
  })

  test('without the privilege to see others, a blocker is reported all the same', async () => {
    await ask('CREATE TABLE shard (id INT PRIMARY KEY)')
    const user = randomName('u')
    await ask(`CREATE USER '${user}'@'%'; GRANT ALL ON \`${schema.name}\`.* TO '${user}'@'%'`)
    const own = mysqlShards(schema, user)
    await store.unlock()
    const writing = await own.servers.open(own.database, own.timeouts, true)
    await writing.lock(0, ignore)
    await withReader('shard', async () => {
      const fault = await faultOf(writing.drop('shard'))
      expect([fault.code, fault.text.includes('PROCESS')]).toEqual(['SHARD_BLOCKED', true])
    })
    await writing.close()
    await ask(`DROP USER '${user}'@'%'`)
  })

  test('where the server gives fewer connections than asked for, those make the tables', async () => {
    const user = randomName('u')
    await ask(
      `CREATE USER '${user}'@'%' WITH MAX_USER_CONNECTIONS 3; GRANT ALL ON \`${schema.name}\`.* TO '${user}'@'%'`,
    )
    const own = mysqlShards(schema, user)
    await store.unlock()
    const writing = await own.servers.open(own.database, own.timeouts, true)
    await writing.lock(0, ignore)
    const tables = Array.from({ length: 6 }, (_, index) => `t_${index}`)
    const texts = tables.map((table) => ({
      table,
      text: `CREATE TABLE IF NOT EXISTS ${table} (id INT PRIMARY KEY)`,
      after: [],
    }))
    const outcomes = await writing.createTables(texts, 4, neverStopped, ignore)
    expect(outcomes.map((outcome) => outcome.type)).toEqual(tables.map(() => 'created'))
    await writing.close()
    await ask(`DROP USER '${user}'@'%'`)
  })

  test('a table that waits for its parent is given up when the run is to be killed', async () => {
    await ask('CREATE TABLE parent (id INT PRIMARY KEY)')
    let kill: () => void = ignore
    const stop: StopRequest = {
      ...neverStopped,
      onKill: (listener) => {
        kill = listener
        return ignore
      },
    }
    const child = {
      table: 'child',
      text: 'CREATE TABLE IF NOT EXISTS child (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES parent (id))',
      after: [],
    }
    await withReader('parent', async () => {
      const making = store.createTables([child], 1, stop, ignore)
      const waits = `SELECT 1 FROM information_schema.PROCESSLIST WHERE DB='${schema.name}' AND INFO LIKE 'CREATE TABLE%child%' AND STATE LIKE 'Waiting%'`
      while ((await ask(waits)).length === 0) await new Promise((resolve) => setImmediate(resolve))
      kill()
      expect(await making).toEqual([
        {
          table: 'child',
          type: 'failed',
          why: expect.stringContaining('interrupted'),
          cause: expect.objectContaining({ errno: 1317 }),
        },
      ])
    })
    expect((await store.listTables()).map(({ name }) => name)).toEqual(['parent'])
  })

  test('a hundred thousand keys come in pages, none twice and none left out', async () => {
    await ask(`CREATE TABLE instances (id BIGINT UNSIGNED, deleted_at DATETIME NULL, KEY (id));
      INSERT INTO instances VALUES (NULL, NULL), (0, NULL), (18446744073709551615, NULL);
      INSERT INTO instances WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
        SELECT /*+ SET_VAR(cte_max_recursion_depth = 2000) */ a.i * 1000 + b.i, IF(b.i % 10 = 0, NOW(), NULL) FROM n a JOIN n b WHERE b.i <= 100;
      INSERT INTO instances SELECT id, NULL FROM instances WHERE id = 1010`)
    const source = { database: 'app', table: 'instances', column: 'ID', deletedAt: 'deleted_at' }
    const census = await shards.servers.readKeys(shards.database, shards.timeouts, source)
    const [present, deleted] = [new Set(census?.present), new Set(census?.deleted)]
    expect([census?.present.length, census?.deleted.length]).toEqual([present.size, deleted.size])
    // One of the marked keys has a second row that is not.
    expect([present.size, deleted.size]).toEqual([90_003, 9_999])
    expect([present.has('0'), present.has('18446744073709551615'), present.has('1010')]).toEqual([true, true, true])
  })

  test('what killed trials left in scratch is dropped, what others try now stays', async () => {
    const [left, busy] = ['wwdb_scratch_0123456789ab', 'wwdb_scratch_ba9876543210']
    await ask(`CREATE SCHEMA ${left}; CREATE SCHEMA ${busy}; SELECT GET_LOCK('${busy}', 0)`)
    await store.shapeOf({ table: 'x', text: 'CREATE TABLE x (id INT)', after: [] }, [])
    const [schemas] = await outside.query<RowDataPacket[]>({
      sql: `SHOW SCHEMAS LIKE 'wwdb%scratch%'`,
      rowsAsArray: true,
    })
    expect(schemas.flat()).toContain(busy)
    expect(schemas.flat()).not.toContain(left)
    await ask(`DROP SCHEMA ${busy}`)
  })

  test('a key to a shared parent, here or elsewhere, has one shape in a trial and in the schema', async () => {
    const elsewhere = await createSchema('t', schema.server)
    await ask(
      `CREATE TABLE accounts (id BIGINT PRIMARY KEY); CREATE TABLE ${elsewhere.name}.accounts (id BIGINT PRIMARY KEY)`,
    )
    const template = (key: string) => ({
      table: `contacts_${key}`,
      text: `CREATE TABLE IF NOT EXISTS contacts_${key} (id BIGINT PRIMARY KEY, a BIGINT, b BIGINT, c BIGINT,
        CONSTRAINT one_contacts_${key} FOREIGN KEY (a) REFERENCES accounts (id),
        CONSTRAINT two_contacts_${key} FOREIGN KEY (b) REFERENCES ${schema.name}.accounts (id) ON DELETE CASCADE,
        FOREIGN KEY (c) REFERENCES ${elsewhere.name}.accounts (id))`,
      after: [],
    })
    await store.createTables([template('1'), template('22')], 2, neverStopped, ignore)
    const shapes = [...(await store.readShapes(['contacts_1', 'contacts_22'], 'lines')).values()]
    const tried = await store.shapeOf(template('333'), [])
    expect(shapes).toEqual([tried, tried])
    expect(tried.lines?.filter((line) => line.startsWith('key'))).toHaveLength(3)
    await ask('DROP TABLE contacts_1, contacts_22')
    await elsewhere.drop()
  })

  test('what differs is seen: a check', async () => {
    // MySQL 8.0.12 reads checks and forgets them.
    const checks = version === '9.7'
    for (const [table, floor] of [
      ['a_1', 0],
      ['a_2', 0],
      ['a_3', 1],
    ] as const)
      await ask(
        `CREATE TABLE ${table} (id INT PRIMARY KEY, CHECK (id > ${floor}), CONSTRAINT positive_${table} CHECK (id > 0))`,
      )
    const shapes = await store.readShapes(null, 'lines')
    expect(shapes.get('a_2')).toEqual(shapes.get('a_1'))
    expect(shapes.get('a_3')?.fingerprint !== shapes.get('a_1')?.fingerprint).toBe(checks)
    expect(shapes.get('a_1')?.lines?.filter((line) => line.startsWith('check'))).toHaveLength(checks ? 2 : 0)
  })

  test.each([
    ['a column', 'ALTER TABLE a_2 ADD d INT'],
    ['a type', 'ALTER TABLE a_2 MODIFY c VARCHAR(11)'],
    ['a default', "ALTER TABLE a_2 ALTER c SET DEFAULT 'x'"],
    ['a column’s comment', "ALTER TABLE a_2 MODIFY c VARCHAR(10) COMMENT 'x'"],
    ['a collation', 'ALTER TABLE a_2 MODIFY c VARCHAR(10) COLLATE utf8mb4_bin'],
    ['the order', 'ALTER TABLE a_2 MODIFY c VARCHAR(10) FIRST'],
    ['a generated column’s expression', 'ALTER TABLE a_2 DROP g, ADD g INT AS (LENGTH(c) + 1) AFTER c'],
    ['an index', 'CREATE INDEX i ON a_2 (c)'],
    ['an index’s prefix', 'ALTER TABLE a_2 DROP KEY k, ADD KEY k (c (5))'],
    ['an index’s order', 'ALTER TABLE a_2 DROP KEY k, ADD KEY k (c DESC)'],
    ['an index’s visibility', 'ALTER TABLE a_2 ALTER INDEX k INVISIBLE'],
    [
      'a foreign key’s rule',
      'ALTER TABLE a_2 DROP FOREIGN KEY fk_a_2; ALTER TABLE a_2 ADD CONSTRAINT fk_a_2 FOREIGN KEY (p) REFERENCES p_2 (id) ON DELETE SET NULL',
    ],
    ['the row format', 'ALTER TABLE a_2 ROW_FORMAT=COMPRESSED'],
    ['the comment', "ALTER TABLE a_2 COMMENT 'x'"],
    ['partitions', 'ALTER TABLE a_2 DROP FOREIGN KEY fk_a_2; ALTER TABLE a_2 PARTITION BY HASH (id) PARTITIONS 2'],
    [
      'the number of partitions',
      'ALTER TABLE a_2 DROP FOREIGN KEY fk_a_2; ALTER TABLE a_2 PARTITION BY HASH (id) PARTITIONS 3',
    ],
  ])('what differs is seen: %s', async (_what, change) => {
    for (const key of [1, 2])
      await ask(`CREATE TABLE p_${key} (id INT PRIMARY KEY);
        CREATE TABLE a_${key} (id INT PRIMARY KEY AUTO_INCREMENT, c VARCHAR(10), g INT AS (LENGTH(c)), p INT,
          KEY k (c), CONSTRAINT fk_a_${key} FOREIGN KEY (p) REFERENCES p_${key} (id))`)
    const look = async () => {
      const shapes = await store.readShapes(['a_1', 'a_2'], 'lines')
      return [shapes.get('a_1'), shapes.get('a_2')]
    }
    const [before, same] = await look()
    expect(same).toEqual(before)
    await ask('INSERT INTO a_1 (c) VALUES (1), (2); ANALYZE TABLE a_1')
    expect((await look())[0]).toEqual(before)
    await ask(change)
    const [, after] = await look()
    expect(after?.fingerprint).not.toBe(before?.fingerprint)
    expect(after?.lines).not.toEqual(before?.lines)
  })
})
