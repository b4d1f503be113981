import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

/** A table of so many rows with ids 3, 6, 9, and one of id 0 that no test changes. */
const filled = (count: number): string =>
  migration(
    `SET cte_max_recursion_depth = 100000;
CREATE TABLE a (id INT PRIMARY KEY, n TINYINT NOT NULL, seen INT NOT NULL DEFAULT 0);
INSERT INTO a (id, n) SELECT i * 3, 0 FROM (WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${count}) SELECT i FROM s) x;
INSERT INTO a VALUES (0, 99, 0);`,
  )

const migrate = ['migrate', '--yes', '--no-probe']

const oneLine = (text: string): string => text.replace(/\s+/g, ' ')

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe.each(versionsInTurn(import.meta.url))('a batch, MySQL %s', (version) => {
  async function project(count = 2000): Promise<Stage> {
    const { url } = await testServerOf(version)
    const app = await stage({ url, files: { 'app/0001_a.sql': filled(count) } })
    expect(await app.run(migrate)).toMatchObject({ exitCode: 0 })
    return app
  }

  const journal = (app: Stage) =>
    app.query(
      "SELECT state, affected, details->>'$.batch.chunks', details->>'$.batch.rows', details->>'$.error' IS NULL FROM wwdb_journal WHERE class = 'batch'",
    )

  test('changes each row once, in chunks, and its row of the journal has all rows', async () => {
    const app = await project()
    app.write('app/0002_b.sql', migration('-- wwdb:batch rows=300\nUPDATE a SET n = n + 1 WHERE n < 4;'))
    expect(await app.run(migrate)).toMatchObject({ exitCode: 0 })
    expect(await app.query('SELECT n, COUNT(*) FROM a GROUP BY n ORDER BY n')).toEqual([
      [1, 2000],
      [99, 1],
    ])
    expect(await journal(app)).toEqual([['closed', 2000, '7', '2000', 1]])
  })

  test('a row that is refused is named by its key; the next run continues there, and changes no row twice', async () => {
    const app = await project()
    await app.query('UPDATE a SET n = 127 WHERE id = 1503')
    app.write(
      'app/0002_b.sql',
      migration('-- wwdb:batch rows=300\nUPDATE a SET n = n + 1, seen = seen + 1 WHERE id > 0 AND n <> 99;'),
    )
    const plan = await app.run(['plan', '--no-probe'])
    expect(oneLine(plan.stdout)).toMatch(/in batches by PRIMARY, about [\d,]+ chunks? of the first size/)
    const failed = await app.run(migrate)
    expect(failed.exitCode).toBe(2)
    expect(oneLine(failed.stderr)).toContain('at the row with `id` = 1503.')
    expect(oneLine(failed.stderr)).toContain('500 rows in')
    expect(await app.query('SELECT SUM(seen = 1), MAX(IF(seen = 1, id, 0)) FROM a')).toEqual([['500', 1500]])
    expect(await journal(app)).toEqual([['entered', null, expect.any(String), '500', 0]])
    expect(oneLine((await app.run(['status'])).stdout)).toContain('0 of 1 statement, 500 rows of a batch')
    expect((await app.run(['history'])).exitCode).toBe(0)
    expect(oneLine((await app.run(['plan', '--no-probe'])).stdout)).toMatch(/500 rows done in \d+ chunks/)
    await app.query('UPDATE a SET n = 7 WHERE id = 1503')
    expect(await app.run(migrate)).toMatchObject({ exitCode: 0 })
    expect(await app.query('SELECT seen, COUNT(*) FROM a GROUP BY seen ORDER BY seen')).toEqual([
      [0, 1],
      [1, 2000],
    ])
    expect(await journal(app)).toEqual([['closed', 2000, expect.any(String), '2000', 1]])
  })

  test('a statement that was changed half way is refused', async () => {
    const app = await project()
    await app.query('UPDATE a SET n = 127 WHERE id = 1503')
    const text = '-- wwdb:batch rows=300\nUPDATE a SET n = n + 1 WHERE id > 0;'
    app.write('app/0002_b.sql', migration(text))
    expect((await app.run(migrate)).exitCode).toBe(2)
    for (const other of [text.replace('+ 1', '+ 2'), text.replace('-- wwdb:batch rows=300\n', '')]) {
      app.write('app/0002_b.sql', migration(other))
      const refused = await app.run(migrate)
      expect(refused.exitCode).toBe(2)
      expect(refused.stderr).toContain('STATEMENT_CHANGED')
    }
    await app.query('UPDATE a SET n = 7 WHERE id = 1503')
    app.write('app/0002_b.sql', migration(text))
    expect(await app.run(migrate)).toMatchObject({ exitCode: 0 })
  })

  test('DELETE, INSERT ... SELECT and joined forms, over keys of several columns', async () => {
    const app = await project(700)
    const keys = `CREATE TABLE k (g VARCHAR(20) COLLATE utf8mb4_0900_ai_ci, d DATETIME(3), u BINARY(4), n INT NOT NULL, PRIMARY KEY (g, d, u));
INSERT INTO k SELECT ELT(1 + id % 4, 'Äpfel', 'apple', 'Zoë', 'it''s'), '2026-01-01' + INTERVAL id % 17 MINUTE, UNHEX(LPAD(HEX(id), 8, '0')), id FROM a;
CREATE TABLE copy LIKE k;
-- wwdb:batch rows=50
INSERT INTO copy SELECT x.g, x.d, x.u, x.n + 1 FROM k x JOIN a ON a.id = x.n WHERE x.n > 0;
-- wwdb:batch rows=64
UPDATE k JOIN a ON a.id = k.n SET k.n = k.n + 1 WHERE a.id > 0;
-- wwdb:batch rows=33
DELETE FROM k WHERE n % 2 = 0;
-- wwdb:batch rows=33
DELETE c FROM copy c JOIN a ON a.id + 1 = c.n WHERE a.id % 2 = 0;`
    app.write('app/0002_b.sql', migration(keys))
    const run = await app.run([...migrate, '--allow', 'DELETE_ALL_ROWS'])
    expect(run.stderr).not.toContain('✗')
    expect(run.exitCode).toBe(0)
    // Odd and even ids, each once more by one.
    expect(await app.query('SELECT COUNT(*), SUM(n % 2) FROM k')).toEqual([[350, '350']])
    expect(await app.query('SELECT COUNT(*), SUM(n % 2) FROM copy')).toEqual([[350, '0']])
    expect(await app.query('SELECT COUNT(*) FROM k JOIN a ON a.id + 1 = k.n')).toEqual([[350]])
    const chunks = await app.query(
      "SELECT details->>'$.batch.chunks', affected FROM wwdb_journal WHERE class = 'batch' ORDER BY statement",
    )
    expect(chunks).toEqual([
      ['15', 700],
      ['11', 700],
      ['22', 351],
      ['22', 350],
    ])
  })

  test('Ctrl-C and `--stop-at` end it between two chunks, and the governor is asked there; the next run continues', async () => {
    const app = await project(3000)
    const slow = 'UPDATE a SET n = n + 1 WHERE id > 0 AND SLEEP(0.002) = 0 AND n <> 99;'
    app.write('app/0002_b.sql', migration(`-- wwdb:batch rows=50\n${slow}`))
    const done = async () => Number((await app.query('SELECT SUM(n = 1) FROM a'))[0]?.[0])
    const started = app.start(migrate)
    await until(async () => (await done()) > 0)
    started.child.kill('SIGINT')
    expect(await started.ended).toMatchObject({ exitCode: 130 })
    const first = await done()
    // The first chunk has the row that stays.
    expect((first + 1) % 50).toBe(0)
    expect(first).toBeLessThan(3000)
    expect(await journal(app)).toEqual([['entered', null, String((first + 1) / 50), String(first), 1]])

    const at = new Date(Date.now() + 3000).toISOString().replace(/\.\d+Z$/, 'Z')
    const stopped = await app.run([...migrate, '--stop-at', at])
    expect(stopped.exitCode).toBe(75)
    expect(oneLine(stopped.stderr)).toContain(`Heavy work was stopped at ${at}`)
    const second = await done()
    expect((second + 1) % 50).toBe(0)
    expect(second).toBeLessThan(3000)

    // Its bound is kept only while half of the rows are unchanged.
    const throttle = {
      queries: { half: { sql: `SELECT COUNT(*) FROM ${app.schema('app')}.a WHERE n = 1`, most: 1000 } },
      limit: '1s',
      every: '100ms',
    }
    const config = JSON.parse(readFileSync(join(app.folder, 'wwdb.config.json'), 'utf8'))
    app.write('throttled.json', JSON.stringify({ ...config, throttle }))
    const paused = await app.run([...migrate, '--config', 'throttled.json'])
    expect(paused.exitCode).toBe(75)
    const third = await done()
    expect((third + 1) % 50).toBe(0)
    expect(third).toBeGreaterThan(1000)
    expect(third).toBeLessThan(3000)

    expect(await app.run(migrate)).toMatchObject({ exitCode: 0 })
    expect(await app.query('SELECT n, COUNT(*) FROM a GROUP BY n ORDER BY n')).toEqual([
      [1, 3000],
      [99, 1],
    ])
  }, 90_000)

  test('a chunk that waits for the lock of another transaction is tried again', async () => {
    const app = await project(400)
    app.write('app/0002_b.sql', migration('-- wwdb:batch rows=100\nUPDATE a SET n = n + 1 WHERE n < 4;'))
    const other = await createConnection({ uri: app.url, database: app.schema('app') })
    try {
      await other.query('START TRANSACTION')
      await other.query('UPDATE a SET seen = 9 WHERE id = 600')
      const going = app.run([...migrate, '--json'])
      // Each attempt is a transaction of its own: with the second one, the first has given up.
      const seen = new Set<unknown>()
      await until(async () => {
        const [waits] = await other.query<RowDataPacket[]>(
          'SELECT REQUESTING_ENGINE_TRANSACTION_ID id FROM performance_schema.data_lock_waits',
        )
        for (const { id } of waits) seen.add(id)
        return seen.size > 1
      })
      await other.query('COMMIT')
      expect(await going).toMatchObject({ exitCode: 0 })
    } finally {
      other.destroy()
    }
    expect(await app.query('SELECT n, COUNT(*), MAX(seen) FROM a GROUP BY n ORDER BY n')).toEqual([
      [1, 400, 9],
      [99, 1, 0],
    ])
  }, 60_000)

  test('what cannot be walked on this table is refused before it runs', async () => {
    const app = await project(10)
    const made = `CREATE TABLE nokey (n INT);
CREATE TABLE nullable (n INT, UNIQUE u (n));
CREATE TABLE enumerated (e ENUM('b', 'a') PRIMARY KEY, n INT);
CREATE TABLE old (id INT PRIMARY KEY, n INT) ENGINE=MyISAM;
CREATE TABLE tree (id INT PRIMARY KEY, p INT, n INT, FOREIGN KEY own (p) REFERENCES tree (id) ON DELETE CASCADE);
CREATE VIEW v AS SELECT * FROM a;`
    app.write('app/0002_b.sql', migration(made))
    expect(await app.run(migrate)).toMatchObject({ exitCode: 0 })
    const refused: readonly (readonly [string, string])[] = [
      ['UPDATE nokey SET n = 1 WHERE n > 1', 'neither a primary key nor a unique key'],
      ['UPDATE nullable SET n = n + 1 WHERE n > 1', 'contains `n`, which the statement changes'],
      ['DELETE FROM nullable WHERE n > 1', 'contains `n`, which may be NULL'],
      ['UPDATE enumerated SET n = 1 WHERE n > 1', 'values of the type ENUM'],
      ['UPDATE old SET n = 1 WHERE n > 1', 'has the engine MyISAM'],
      ['DELETE FROM tree WHERE n > 1', 'refers to the table itself'],
      ['UPDATE v SET n = 1 WHERE n = 2', '`v` is a view'],
      ['UPDATE a SET id = id + 1 WHERE n = 2', 'contains `id`, which the statement changes'],
    ]
    for (const [text, why] of refused) {
      app.write('app/0003_c.sql', migration(`-- wwdb:batch\n${text};`))
      const run = await app.run(migrate)
      expect(oneLine(run.stderr)).toContain(why)
      expect(run.exitCode).toBe(2)
    }
    expect(await app.query("SELECT COUNT(*) FROM wwdb_journal WHERE version = '0003'")).toEqual([[0]])
  }, 60_000)
})
