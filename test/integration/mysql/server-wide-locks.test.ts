import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectSentence } from '../../chaos/support/sentences.ts'
import { examine, findingsOf } from '../../helpers/doctor/doctor-stage.ts'
import { endSession } from '../../helpers/mysql/transactions.ts'
import { type OwnServer, startServer } from '../../helpers/servers/servers.ts'
import { migration, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

async function untilAlterWaits(url: string): Promise<void> {
  const connection = await createConnection({ uri: url })
  const waits = "SELECT 1 FROM information_schema.PROCESSLIST WHERE STATE = 'Waiting for table metadata lock'"
  await expect.poll(async () => (await connection.query<RowDataPacket[]>(waits))[0].length).toBeGreaterThan(0)
  await connection.end()
}

/** What makes statements wait on a whole server, or has no connection to be seen: a server of its own, as it would hold up every other test. */
describe('a migration on a server with locks that are no table locks of a connection', () => {
  let server: OwnServer
  let other: Connection

  beforeAll(async () => {
    server = await startServer()
    other = await createConnection({ uri: server.url })
  })
  afterAll(async () => {
    await other?.end()
    await server?.stop()
  })

  /** Journal and table are there: the next run has one ALTER. */
  async function prepare(lockWait = '1s', budget = '4s') {
    const stage = await openStage({
      url: server.url,
      files: { 'app/1_used.sql': tableMigration('used') },
      configuration: { timeouts: { lockWait }, guard: { budget } },
    })
    const made = await stage.run(['migrate'])
    expect(made.exitCode, made.stderr).toBe(0)
    stage.write('app/2_more.sql', migration('ALTER TABLE used ADD COLUMN c INT;'))
    return stage
  }

  test('LOCK INSTANCE FOR BACKUP is named as the blocker, with its connection, and the run ends once it is gone', async () => {
    const stage = await prepare('30s', '30s')
    await other.query('LOCK INSTANCE FOR BACKUP')
    const run = stage.start(['migrate'])
    await run.says('stderr', 'LOCK INSTANCE FOR BACKUP')
    await other.query('UNLOCK INSTANCE')
    const ended = await run.ended
    expect(ended.exitCode, ended.stderr).toBe(0)
    expect(ended.stderr).toMatch(
      new RegExp(`is blocked by connection ${other.threadId} \\(root@[^)]*holds \`LOCK INSTANCE FOR BACKUP\``),
    )
  })

  test('LOCK INSTANCE FOR BACKUP that does not end is named in the error', async () => {
    const stage = await prepare()
    await other.query('LOCK INSTANCE FOR BACKUP')
    const run = await stage.run(['migrate'])
    await other.query('UNLOCK INSTANCE')
    expectSentence(run, [2], /was blocked \d+ times/)
    expect(run.stderr).toMatch(
      new RegExp(`Why: .*connection ${other.threadId} of root.*, which holds \`LOCK INSTANCE FOR BACKUP\``),
    )
    expect((await stage.run(['migrate'])).exitCode).toBe(0)
  })

  test('a table of others that an ALTER waits for holds up the query for the table IDs: a swap is not taken for done', async () => {
    const stage = await prepare()
    expect((await stage.run(['migrate'])).exitCode).toBe(0)
    stage.write('app/3_swap.sql', migration('RENAME TABLE used TO made, spare TO used, made TO spare;'))
    await stage.query('CREATE TABLE spare LIKE used')
    await stage.query('INSERT INTO used (id) VALUES (7)')
    const waiting = await createConnection({ uri: server.url })
    await other.query('CREATE DATABASE elsewhere')
    await other.query('CREATE TABLE elsewhere.busy (id INT)')
    await other.query('BEGIN')
    await other.query('SELECT * FROM elsewhere.busy')
    const altered = waiting.query('ALTER TABLE elsewhere.busy ADD COLUMN c INT')
    await untilAlterWaits(server.url)
    const run = await stage.run(['migrate'])
    await other.query('COMMIT')
    await altered
    await waiting.end()
    expectSentence(
      run,
      [2],
      /InnoDB's ID of table `.*` could not be read: the query timed out while it waited for a lock\.$/,
    )
    expect((await stage.run(['migrate'])).exitCode).toBe(0)
    expect(await stage.query('SELECT id FROM spare')).toEqual([[7]])
  })

  test('FLUSH TABLES WITH READ LOCK, which stops what wwdb itself writes, is named in the error', async () => {
    const stage = await prepare()
    await other.query('FLUSH TABLES WITH READ LOCK')
    const run = await stage.run(['migrate'])
    await other.query('UNLOCK TABLES')
    expectSentence(run, [2], /A statement of wwdb itself gave up waiting for a lock\.$/)
    expect(run.stderr).toMatch(
      new RegExp(`Why: .*connection ${other.threadId} of root.*, which holds \`FLUSH TABLES WITH READ LOCK\``),
    )
    expect(run.stderr).not.toContain('the tables of wwdb')
    const next = await stage.run(['migrate'])
    expect(next.exitCode, next.stderr).toBe(0)
  })

  test.each([
    ['one ALTER', 'ALTER TABLE used ADD COLUMN c INT;'],
    ['statements that are sent together', 'INSERT INTO used VALUES (1);\nINSERT INTO used VALUES (2);'],
  ])('a session that holds the journal is named in the error, before %s', async (_what, text) => {
    const stage = await prepare()
    stage.write('app/2_more.sql', migration(text))
    await other.query(`LOCK TABLES \`${stage.schema('app')}\`.wwdb_journal READ`)
    const run = await stage.run(['migrate'])
    await other.query('UNLOCK TABLES')
    expectSentence(run, [2], /A statement of wwdb itself gave up waiting for a lock\.$/)
    expect(run.stderr).toMatch(new RegExp(`Why: .*blocked by connection ${other.threadId} of root`))
    const next = await stage.run(['migrate'])
    expect(next.exitCode, next.stderr).toBe(0)
  })

  test.each([
    ['of a connection that is open', true],
    ['whose connection has ended', false],
  ])('a prepared XA transaction %s is named with the statements that end it, which work', async (_what, stays) => {
    const stage = await prepare()
    const owner = await createConnection({ uri: `${server.url}/${stage.schema('app')}` })
    for (const text of ["XA START 'trip'", 'INSERT INTO used VALUES (7)', "XA END 'trip'", "XA PREPARE 'trip'"])
      await owner.query(text)
    if (!stays) await endSession(owner, stage.query)
    const found = findingsOf((await examine(stage)).answer, 'prepared-transaction')
    expect(found).toMatchObject([
      {
        severity: 'warning',
        what: expect.stringContaining("`'trip'`"),
        fix: expect.stringMatching(/`XA COMMIT 'trip'` .* `XA ROLLBACK 'trip'`/),
      },
    ])
    const run = await stage.run(['migrate'])
    expectSentence(run, [2], /was not sent/)
    expect(run.stderr).toMatch(
      stays
        ? /Why: .*connection \d+ of root.*, which holds the prepared XA transaction 'trip'/
        : /blocked by the prepared XA transaction 'trip'/,
    )
    expect(run.stderr).toContain("which `XA COMMIT 'trip'` or `XA ROLLBACK 'trip'` ends")
    await (stays ? owner : other).query("XA ROLLBACK 'trip'")
    const next = await stage.run(['migrate'])
    expect(next.exitCode, next.stderr).toBe(0)
    expect(findingsOf((await examine(stage)).answer, 'prepared-transaction')).toEqual([])
    if (stays) await owner.end()
  })

  test('the doctor names ids of every kind as XA COMMIT takes them', async () => {
    const stage = await openStage({ url: server.url, files: { 'app/1_used.sql': tableMigration('used') } })
    await stage.run(['migrate'])
    const ids = ["'a b','c',7", "x'00ff60'", "'only','branch'", "'',x'0d0a',2"]
    for (const id of ids) {
      const owner = await createConnection({ uri: `${server.url}/${stage.schema('app')}` })
      for (const text of [`XA START ${id}`, 'INSERT INTO used VALUES (7)', `XA END ${id}`, `XA PREPARE ${id}`])
        await owner.query(text.replace('(7)', `(${ids.indexOf(id)})`))
      await endSession(owner, stage.query)
    }
    const { answer } = await examine(stage, ['--language', 'zh'])
    const found = findingsOf(answer, 'prepared-transaction')
    expect(found).toHaveLength(ids.length)
    for (const { fix } of found) {
      expect(fix).toContain('协调者')
      const [, commit] = /`(XA COMMIT [^`]+)`/.exec(fix) ?? []
      await other.query(commit ?? '')
    }
    expect(findingsOf((await examine(stage)).answer, 'prepared-transaction')).toEqual([])
    expect(await stage.query('SELECT COUNT(*) FROM used')).toEqual([[ids.length]])
  })
})
