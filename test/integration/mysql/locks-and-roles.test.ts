import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectSentence } from '../../chaos/support/sentences.ts'
import { openWireProxy } from '../../helpers/mysql/wire-proxy.ts'
import { type OwnServer, startServer } from '../../helpers/servers/servers.ts'
import { migration, type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const shardTemplate = `-- wwdb:period day
-- wwdb:name logs_{YYYYMMDD}
-- wwdb:premake 3 periods
-- wwdb:archive none
CREATE TABLE {{table}} (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  account_id BIGINT NOT NULL,
  KEY idx_account (account_id)
) ENGINE=InnoDB
`

describe('a server that accepts no writes', () => {
  let server: OwnServer

  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server?.stop())

  test.each(['read_only', 'super_read_only'])(
    '%s is reported before any change, and reads continue',
    async (variable) => {
      const stage = await openStage({ url: server.url, files: { 'app/1_made.sql': tableMigration('made') } })
      await stage.query(`SET GLOBAL ${variable} = ON`)
      const refused = await stage.run(['migrate'])
      const status = await stage.run(['status'])
      await stage.query('SET GLOBAL super_read_only = OFF')
      await stage.query('SET GLOBAL read_only = OFF')
      expectSentence(refused, [69], /is read-only\.$/)
      expect(refused.stderr).toContain(`\`${variable}\` is ON`)
      expect(status.exitCode, status.stderr).toBe(0)
      expect(await stage.tables()).toEqual([])
      expect((await stage.run(['migrate'])).exitCode).toBe(0)
    },
  )

  test('a replica names its source', async () => {
    const stage = await openStage({ url: server.url, files: { 'app/1_made.sql': tableMigration('made') } })
    await stage.query("CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'db1.example.org', SOURCE_PORT = 3307")
    await stage.query('SET GLOBAL super_read_only = ON')
    const refused = await stage.run(['migrate'])
    await stage.query('SET GLOBAL super_read_only = OFF')
    await stage.query('SET GLOBAL read_only = OFF')
    await stage.query('RESET REPLICA ALL')
    expectSentence(refused, [69], /is read-only: the primary is db1\.example\.org:3307\.$/)
  })

  test('that becomes read-only during a run: one sentence, and the next run continues', async () => {
    const stage = await openStage({
      url: server.url,
      files: {
        'app/1_made.sql': migration(
          'CREATE TABLE made (id INT PRIMARY KEY);\nALTER TABLE held ADD COLUMN c INT;\nINSERT INTO made VALUES (1);',
        ),
      },
      configuration: { timeouts: { lockWait: '30s' } },
    })
    await stage.query('CREATE TABLE held (id INT PRIMARY KEY)')
    const reader = await createConnection({ uri: `${server.url}/${stage.schema('app')}` })
    await reader.query('START TRANSACTION')
    await reader.query('SELECT * FROM held')
    const run = stage.start(['migrate'])
    await run.says('stderr', 'is blocked by')
    // Waits for the ALTER, which waits for the reader: so the role changes as soon as the ALTER is through.
    const changing = stage.query('SET GLOBAL super_read_only = ON')
    await waitUntilAsked(reader, 'super_read_only')
    await reader.query('COMMIT')
    await changing
    const ended = await run.ended
    await stage.query('SET GLOBAL super_read_only = OFF')
    await stage.query('SET GLOBAL read_only = OFF')
    await reader.end()
    expectSentence(ended, [2], /became read-only|is read-only/)
    const next = await stage.run(['migrate'])
    expect(next.exitCode, next.stderr).toBe(0)
    expect(await stage.query('SELECT id FROM made')).toEqual([[1]])
  })

  test('that becomes read-only in the second half of `redo`: the advice names another server, and nothing to fix', async () => {
    const slow = 'CREATE TABLE made (id INT PRIMARY KEY);\nINSERT INTO made (id) SELECT 1 + SLEEP(2);'
    const stage = await openStage({ url: server.url, files: { 'app/1_made.sql': migration(slow, 'DROP TABLE made;') } })
    expect((await stage.run(['migrate'])).exitCode).toBe(0)
    const run = stage.start(['redo', '--yes', '--allow', 'drop-table'])
    const watcher = await createConnection({ uri: server.url })
    await waitUntilAsked(watcher, 'SLEEP(2)')
    await stage.query('SET GLOBAL super_read_only = ON')
    const ended = await run.ended
    await stage.query('SET GLOBAL super_read_only = OFF')
    await stage.query('SET GLOBAL read_only = OFF')
    await watcher.end()
    expectSentence(ended, [2], /became read-only/)
    const said = (ended.stdout + ended.stderr).replace(/\s+/g, ' ')
    expect(said).toContain('is read-only now: give the URL of the server that takes writes, then check `wwdb status`')
    expect(said).not.toContain('Fix what failed')
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await stage.query('SELECT id FROM made')).toEqual([[1]])
  })

  test('that becomes read-only while shards are repaired: the advice names another server, and the next run continues', async () => {
    const stage = await openStage({
      url: server.url,
      files: { 'shard-templates/app/logs.sql': shardTemplate },
      configuration: { timeouts: { lockWait: '1s' } },
    })
    expect(await stage.run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
    const shards = (await stage.tables()).filter((name) => name.startsWith('logs_'))
    for (const table of shards) await stage.query(`ALTER TABLE ${table} DROP INDEX idx_account`)
    const reader = await createConnection({ uri: `${server.url}/${stage.schema('app')}` })
    await reader.query('START TRANSACTION')
    for (const table of shards) await reader.query(`SELECT * FROM ${table}`)
    const run = stage.start(['shards', 'repair', '--yes'])
    await waitUntilAsked(reader, 'ADD %idx_account')
    // Waits for the ALTER, which waits for the reader and gives up: its next attempt is refused.
    await stage.query('SET GLOBAL super_read_only = ON')
    const ended = await run.ended
    await stage.query('SET GLOBAL super_read_only = OFF')
    await stage.query('SET GLOBAL read_only = OFF')
    await reader.end()
    expect(ended.exitCode, ended.stderr).toBe(2)
    const said = (ended.stdout + ended.stderr).replace(/\s+/g, ' ')
    expect(said).toContain(
      'is read-only now: give the URL of the server that takes writes, then run `wwdb shards repair` again',
    )
    expect(said).not.toContain('Fix what failed')
    const next = await stage.run(['shards', 'repair', '--yes'])
    expect(next.exitCode, next.stderr).toBe(0)
    expect(await stage.run(['shards', 'check'])).toMatchObject({ exitCode: 0 })
  })

  test('that becomes read-only while it is seeded: the advice names another server, and nothing to fix', async () => {
    const stage = await openStage({
      url: server.url,
      files: {
        'app/1_made.sql': tableMigration('made'),
        'seeds/app/1_slow.sql': 'INSERT INTO made (id) SELECT 1 + SLEEP(2);\n',
        'seeds/app/2_last.sql': 'INSERT INTO made (id) VALUES (2);\n',
      },
    })
    expect((await stage.run(['migrate'])).exitCode).toBe(0)
    const run = stage.start(['seed'])
    const watcher = await createConnection({ uri: server.url })
    await waitUntilAsked(watcher, 'SLEEP(2)')
    await stage.query('SET GLOBAL super_read_only = ON')
    const ended = await run.ended
    await stage.query('SET GLOBAL super_read_only = OFF')
    await stage.query('SET GLOBAL read_only = OFF')
    await watcher.end()
    expectSentence(ended, [2], /became read-only/)
    const said = (ended.stdout + ended.stderr).replace(/\s+/g, ' ')
    expect(said).toContain('is read-only now: give the URL of the server that takes writes, then run `wwdb seed` again')
    expect(said).not.toContain('Fix what failed')
    const next = await stage.run(['seed'])
    expect(next.exitCode, next.stderr).toBe(0)
    expect(await stage.query('SELECT id FROM made ORDER BY id')).toEqual([[1], [2]])
  })
})

async function waitUntilAsked(connection: Connection, text: string): Promise<void> {
  for (;;) {
    const [rows] = await connection.query(
      `SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE '%${text}%' AND ID <> CONNECTION_ID()`,
    )
    if (Array.isArray(rows) && rows.length > 0) return
  }
}

/** With it on, test/integration/migrations/failures.test.ts asks the same. */
describe('the blocking session, without performance_schema', () => {
  let server: OwnServer

  beforeAll(async () => {
    server = await startServer({ flags: ['--performance-schema=OFF'] })
  })
  afterAll(() => server?.stop())

  async function stageWithBlocker(): Promise<{ readonly stage: Stage; readonly blocker: Connection }> {
    const stage = await openStage({
      url: server.url,
      files: { 'app/1_used.sql': migration('ALTER TABLE used ADD COLUMN c INT;') },
      configuration: { timeouts: { lockWait: '1s' }, guard: { budget: '4s' } },
    })
    await stage.query('CREATE TABLE used (id INT PRIMARY KEY)')
    await stage.query('INSERT INTO used VALUES (1)')
    const blocker = await createConnection({ uri: `${server.url}/${stage.schema('app')}` })
    await blocker.query('START TRANSACTION')
    await blocker.query('SELECT * FROM used')
    return { stage, blocker }
  }

  test('is named when it does not end', async () => {
    const { stage, blocker } = await stageWithBlocker()
    const run = await stage.run(['migrate'])
    await blocker.end()
    expectSentence(run, [2], /was blocked \d+ times/)
    expect(run.stderr).toMatch(
      new RegExp(`Why: .*blocked by connection ${blocker.threadId} of root .*idle in a transaction`),
    )
  })

  test('is waited for, and the statement is retried, when it ends in time', async () => {
    const { stage, blocker } = await stageWithBlocker()
    const run = stage.start(['migrate'])
    await run.says('stderr', `is blocked by connection ${blocker.threadId}`)
    await blocker.query('COMMIT')
    const ended = await run.ended
    await blocker.end()
    expect(ended.exitCode, ended.stderr).toBe(0)
  })
})

describe('a lock that is lost during a run', () => {
  test('stops every further commit', async () => {
    const stage = await openStage()
    // Said by a migration itself it would be refused.
    await stage.query('CREATE FUNCTION lose_locks() RETURNS INT NO SQL DETERMINISTIC RETURN RELEASE_ALL_LOCKS()')
    stage.write(
      'app/1_lost.sql',
      migration(`CREATE TABLE made (id INT PRIMARY KEY);
INSERT INTO made SELECT 1;
DO lose_locks();
INSERT INTO made SELECT 2;
INSERT INTO made VALUES (3);
CREATE TABLE later (id INT PRIMARY KEY);`),
    )
    const run = await stage.run(['migrate'])
    expectSentence(run, [2], /^✗ The lock of `\w+` was lost during the run\.$/)
    expect(await stage.query('SELECT id FROM made')).toEqual([[1]])
    expect(await stage.tables()).toEqual(['made'])
    const journal = 'SELECT statement, state FROM wwdb_journal WHERE pass > 0 ORDER BY statement'
    expect(await stage.query(journal)).toEqual([
      [0, 'closed'],
      [1, 'closed'],
      [2, 'open'],
    ])
  })

  test('a lock that is lost with its connection stops the run, and the next one continues', async () => {
    const stage = await openStage({
      files: {
        'app/1_many.sql': migration(
          `CREATE TABLE made (id INT PRIMARY KEY);\n${[1, 2, 3, 4].map((id) => `INSERT INTO made SELECT ${id};`).join('\n')}`,
        ),
      },
    })
    const { port } = new URL(stage.url)
    let holder = 0
    const admin = await createConnection({ uri: stage.url, rowsAsArray: true })
    const proxy = await openWireProxy(Number(port), async ({ text, threadId }, moment) => {
      if (text.includes('GET_LOCK') && !text.includes('wwdb_run_')) holder = threadId
      if (moment !== 'before' || !text.includes('INSERT INTO made SELECT 3')) return 'pass'
      await admin.query(`KILL ${holder}`)
      return 'pass'
    })
    const url = `mysql://root@127.0.0.1:${proxy.port}`
    const run = await stage.run(['migrate', '--url', url])
    expectSentence(run, [2], /lost its connection|was lost/)
    const found = Number((await stage.query('SELECT COUNT(*) FROM made'))[0]?.[0])
    expect(found).toBe(2)
    await proxy.close()
    await admin.end()
    expect((await stage.run(['migrate'])).exitCode).toBe(0)
    expect(await stage.query('SELECT id FROM made')).toEqual([[1], [2], [3], [4]])
  })
})
