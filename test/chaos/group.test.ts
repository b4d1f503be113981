import { resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { randomName } from '../helpers/servers/schema.ts'
import { type Group, isAvailable, type OwnServer, startGroup } from '../helpers/servers/servers.ts'
import { runTool, type ToolRun } from '../helpers/tool/tool.ts'
import { openDatabase, waitFor, withDatabase } from './support/database.ts'
import { type Fixture, openFixture } from './support/fixture.ts'
import { withFrozenTool } from './support/frozen-tool.ts'
import { expectSentence } from './support/sentences.ts'

const root = resolve(import.meta.dirname, '../..')
const launcher = withFrozenTool()
const inserts = 600

const files = {
  'migrations/app/1_alter.sql': `-- wwdb:accept BLOCKING_COPY it is to take its time
-- migrate:up
INSERT INTO trace (step) VALUES ('before');
ALTER TABLE big ADD COLUMN added INT NOT NULL DEFAULT 7, ALGORITHM=COPY;
INSERT INTO trace (step) VALUES ('after');
`,
  'migrations/app/2_series.sql': `-- migrate:up\n${Array.from(
    { length: inserts },
    (_, index) => `INSERT INTO trace (step) VALUES ('series ${index}');\n`,
  ).join('')}`,
  'migrations/app/3_boundary.sql': `-- migrate:up
INSERT INTO trace (step) VALUES ('last');
ALTER TABLE gate ADD COLUMN opened INT NOT NULL DEFAULT 1;
INSERT INTO trace (step) SELECT CONCAT('gate ', opened) FROM gate;
`,
  'seeds/app/1_first.sql': `INSERT INTO trace (step) VALUES ('seed first');
`,
  'seeds/app/2_slow.sql': `INSERT INTO trace (step) SELECT CONCAT('seed slow ', SLEEP(3));
`,
  'seeds/app/3_last.sql': `INSERT INTO trace (step) VALUES ('seed last');
`,
  'migrations/app/4_session.sql': `-- migrate:up
INSERT INTO trace (step) VALUES (@@session.group_replication_consistency);
`,
}

const setUp = `CREATE TABLE trace (id BIGINT AUTO_INCREMENT PRIMARY KEY, step VARCHAR(40) NOT NULL);
CREATE TABLE gate (id INT PRIMARY KEY); INSERT INTO gate VALUES (1);
CREATE TABLE big (id BIGINT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(200) NOT NULL);
SET cte_max_recursion_depth = 1000000;
INSERT INTO big (text) WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 80000)
SELECT REPEAT('x', 150) FROM n`

describe.runIf(isAvailable('group'))('three nodes of group replication behind MySQL Router', () => {
  let group: Group
  let fixture: Fixture
  let schema: string
  let port: number

  beforeAll(async () => {
    group = await startGroup()
    port = Number(new URL(group.routerUrl).port)
    fixture = await openFixture({ server: await group.primary(), launcher: launcher(), files })
    schema = await fixture.createSchema(setUp)
  })
  afterAll(async () => {
    await fixture?.close()
    await group?.stop()
  })

  afterEach(async () => {
    const [first] = group.nodes
    if (first !== undefined && (await group.primary().catch(() => null)) !== first) await restore(first)
  })

  const platform = (args: readonly string[], url: string): Promise<ToolRun> =>
    runTool([...args, '--url', url, '--prefix', 'g_'], { cwd: root, launcher: launcher() })

  const rows = (sql: string): Promise<readonly string[]> =>
    withDatabase(`${group.routerUrl}/${schema}`, async (database) =>
      (await database.rows(sql)).map((row) => row.join(' ')),
    )

  /** Runs again and again, as an operator would, until the new primary takes writes; returns how often it had to. */
  async function runUntilDone(args: readonly string[], where = schema): Promise<ToolRun> {
    const started = Date.now()
    for (let attempt = 1; ; attempt += 1) {
      const run = await fixture.run(args, where, port)
      if (run.exitCode === 0) {
        console.error(
          `Group: run ${attempt} continued at the new primary, ${Date.now() - started} ms after the failover began`,
        )
        return run
      }
      expectSentence(
        run,
        [2, 69],
        /is read-only|became read-only|Cannot connect|connection .*was lost|lost its connection/,
      )
      if (Date.now() - started > 60_000) throw new Error(`no run gets through: ${run.stderr}`)
    }
  }

  /** Everything as at the start: the killed node is back and takes writes again. */
  async function restore(first: OwnServer): Promise<void> {
    await group.rejoin(first)
    await group.promote(first)
    await waitFor(
      'the Router to reach the first node',
      async () => (await rows('SELECT @@port, @@super_read_only'))[0] === `${first.port} 0`,
    )
  }

  test('the whole platform goes through the Router', async () => {
    expect((await platform(['db', 'create'], group.routerUrl)).exitCode).toBe(0)
    const first = await platform(['migrate'], group.routerUrl)
    expect(first.exitCode, first.stderr).toBe(0)
    const status = await platform(['status', '--exit-code'], group.routerUrl)
    expect(status.exitCode, status.stdout).toBe(0)
    const second = await platform(['migrate', '--json'], group.routerUrl)
    expect(second.exitCode, second.stderr).toBe(0)
    expect(second.stdout).not.toContain('statement-started')
    const unkeyed = await rows(
      `SELECT t.TABLE_SCHEMA, t.TABLE_NAME FROM information_schema.TABLES t LEFT JOIN information_schema.TABLE_CONSTRAINTS c
       ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME AND c.CONSTRAINT_TYPE = 'PRIMARY KEY'
       WHERE t.TABLE_TYPE = 'BASE TABLE' AND t.TABLE_SCHEMA LIKE 'g\\_%' AND c.CONSTRAINT_NAME IS NULL`,
    )
    expect(unkeyed).toEqual([])
    const journals = await rows("SELECT TABLE_SCHEMA FROM information_schema.TABLES WHERE TABLE_NAME = 'wwdb_journal'")
    expect(journals.length).toBeGreaterThanOrEqual(4)
  })

  test('a secondary is refused, and the primary named', async () => {
    const primary = await group.primary()
    expect(await rows('SELECT @@port')).toEqual([String(primary.port)])
    const secondary = group.nodes.find((node) => node !== primary)
    for (const url of [group.readOnlyUrl, secondary?.url ?? '']) {
      const run = await fixture.run(['migrate'], schema, Number(new URL(url).port))
      expectSentence(run, [69], /is read-only: the primary is /)
      expect(run.stderr).toContain(`the primary is 127.0.0.1:${primary.port}`)
    }
  })

  test('a secondary is named with its lag in what is read from it, and by doctor; the primary is no replica', async () => {
    const primary = await group.primary()
    const secondary = group.nodes.find((node) => node !== primary)
    await platform(['db', 'create'], group.routerUrl)
    await expect.poll(async () => (await platform(['status'], secondary?.url ?? '')).stderr).toContain('read-only')
    for (const args of [['status'], ['plan', '--no-probe'], ['drift'], ['history']]) {
      const there = await platform(args, secondary?.url ?? '')
      expect(there.stderr.replace(/\s+/g, ' '), args.join(' ')).toMatch(
        /is read-only, a replica: it is (not behind at the moment|\d+ s behind)\. .* Make changes on \S+:\d+, not here\./,
      )
      expect((await platform(args, primary.url)).stderr, args.join(' ')).not.toContain('a replica')
    }
    const { stdout } = await platform(['doctor', '--json'], secondary?.url ?? '')
    expect(stdout).toContain('"read-only"')
  })

  test('the primary dies in a long ALTER: the next run continues at the new one', async () => {
    const primary = await group.primary()
    const direct = await openDatabase(primary.url)
    const tool = fixture.start(['migrate', '--to', '1'], schema, port)
    await waitFor(
      'the copy to begin',
      async () =>
        (
          await direct.rows(
            `SELECT 1 FROM information_schema.PROCESSLIST WHERE STATE LIKE 'copy to tmp%' AND DB = '${schema}' AND INFO LIKE 'ALTER TABLE big%'`,
          )
        ).length > 0,
    )
    await group.killPrimary()
    expectSentence(await tool.ended, [2], /lost its connection|was lost/)
    const next = await runUntilDone(['migrate', '--to', '1'])
    expect(next.stderr).toContain('had not run')
    expect((await group.primary()).port).not.toBe(primary.port)
    expect(await rows('SELECT step FROM trace ORDER BY id')).toEqual(['before', 'after'])
    expect(await rows('SELECT COUNT(*), SUM(added) FROM big')).toEqual(['80000 560000'])
  })

  test('the new primary lags behind the old one: the journal is read only when it has caught up', async () => {
    const heir = group.nodes[1]
    if (heir === undefined) throw new Error('a group has nodes')
    const direct = await openDatabase(heir.url)
    // The test's own connection must not wait for what it holds up.
    await direct.run("SET SESSION group_replication_consistency = 'EVENTUAL'")
    const tool = fixture.start(['migrate', '--to', '2'], schema, port)
    const count = (url: string): Promise<number> =>
      withDatabase(url, async (database) =>
        Number((await database.rows(`SELECT COUNT(*) FROM ${schema}.trace WHERE step LIKE 'series%'`))[0]?.[0]),
      )
    await waitFor('a few rows at the heir', async () => (await count(heir.url)) > 20)
    // The heir can certify what the primary commits, but not apply it.
    await direct.run(`LOCK TABLES ${schema}.wwdb_journal READ, ${schema}.trace READ`)
    const stale = Number((await direct.rows(`SELECT COUNT(*) FROM ${schema}.trace WHERE step LIKE 'series%'`))[0]?.[0])
    await waitFor('the heir to lag', async () => (await count(group.routerUrl)) > stale + 20)
    await group.killPrimary()
    expectSentence(await tool.ended, [2], /lost its connection|was lost/)

    const refused = async (): Promise<boolean> => {
      const run = await fixture.run(['migrate', '--to', '2'], schema, port)
      expectSentence(run, [69], /is read-only/)
      return run.stderr.includes('was elected primary but is not ready yet')
    }
    await waitFor('the heir to be elected', refused)
    await direct.run('UNLOCK TABLES')
    await runUntilDone(['migrate', '--to', '2'])
    await direct.close()
    expect(await rows("SELECT step FROM trace WHERE step LIKE 'series%' ORDER BY id")).toEqual(
      Array.from({ length: inserts }, (_, index) => `series ${index}`),
    )
  })

  test('the primary dies between the journal and the statement', async () => {
    const primary = await group.primary()
    const direct = await openDatabase(`${primary.url}/${schema}`)
    await direct.run('START TRANSACTION; SELECT * FROM gate')
    const tool = fixture.start(['migrate'], schema, port)
    await waitFor(
      'the ALTER to wait behind its open row',
      async () =>
        (
          await direct.rows(
            "SELECT 1 FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table metadata lock'",
          )
        ).length > 0,
    )
    await group.killPrimary()
    expectSentence(await tool.ended, [2], /lost its connection|was lost/)
    await runUntilDone(['migrate', '--to', '3'])
    expect(await rows("SELECT step FROM trace WHERE step = 'last' OR step LIKE 'gate%' ORDER BY id")).toEqual([
      'last',
      'gate 1',
    ])
    expect(await rows('SELECT state, COUNT(*) FROM wwdb_journal GROUP BY state')).toEqual([
      `closed ${6 + 3 + inserts + 3}`,
    ])
    const again = await fixture.run(['migrate', '--to', '3'], schema, port)
    expect(again.exitCode, again.stderr).toBe(0)
    expect(again.stdout).toContain('nothing to do')
  })

  test.each(['is handed over', 'dies'] as const)(
    'the primary %s while it is seeded: the run says so, names no proxy, and the next one completes the seeds once',
    async (how) => {
      const seeded = randomName('seeded')
      await withDatabase(group.routerUrl, (database) =>
        database.run(
          `CREATE DATABASE ${seeded}; CREATE TABLE ${seeded}.trace (id BIGINT AUTO_INCREMENT PRIMARY KEY, step VARCHAR(40) NOT NULL)`,
        ),
      )
      const primary = await group.primary()
      const heir = group.nodes.find((node) => node !== primary)
      const direct = await openDatabase(primary.url)
      const tool = fixture.start(['seed', '--yes'], seeded, port)
      await waitFor(
        'the slow seed',
        async () =>
          (
            await direct.rows(
              "SELECT 1 FROM information_schema.PROCESSLIST WHERE STATE = 'User sleep' AND INFO LIKE '%seed slow%'",
            )
          ).length > 0,
      )
      await direct.close()
      if (how === 'dies') await group.killPrimary()
      else await group.promote(heir ?? primary)
      const run = await tool.ended
      console.error(`Group, seeds, the primary ${how}: ${run.exitCode} ${run.stdout}${run.stderr}`)
      expect(run.stderr).not.toContain('proxy')
      if (run.exitCode !== 0)
        expectSentence(
          run,
          [2, 69],
          how === 'dies' ? /A seed's statement failed|connection .*was lost/ : /became read-only/,
        )
      if (how === 'dies')
        expect(run).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/[Cc]onnection .*lost/) })
      // The Router of this test goes to the first node that answers: to the old primary, which takes writes again once it is the primary.
      if (how === 'is handed over') await group.promote(primary)
      await runUntilDone(['seed', '--yes'], seeded)
      expect(await rows(`SELECT step FROM ${seeded}.trace ORDER BY id`)).toEqual([
        'seed first',
        'seed slow 0',
        'seed last',
      ])
      expect(await fixture.run(['seed', 'plan', '--exit-code'], seeded, port)).toMatchObject({ exitCode: 0 })
    },
  )

  test('a session waits for what the old primary left, with any default of the group', async () => {
    await withDatabase((await group.primary()).url, (database) =>
      database.run("SET GLOBAL group_replication_consistency = 'EVENTUAL'"),
    )
    const run = await fixture.run(['migrate'], schema, port)
    expect(run.exitCode, run.stderr).toBe(0)
    expect(await rows("SELECT step FROM trace WHERE step LIKE '%FAILOVER'")).toEqual(['BEFORE_ON_PRIMARY_FAILOVER'])
  })
})
