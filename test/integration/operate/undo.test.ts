import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const migrate = ['migrate', '--yes', '--no-probe', '--allow', 'UPDATE_ALL_ROWS']

const oneLine = (text: string): string => text.replace(/\s+/g, ' ')

/** Text that is long or in two cases, JSON, a zero date, a zero in the counter: what a copy could change on its way. */
const made = `SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO';
SET cte_max_recursion_depth = 100000;
CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(400) COLLATE utf8mb4_0900_ai_ci NULL, n INT NOT NULL, d DATE NULL, j JSON NULL, other INT NOT NULL DEFAULT 0, twice INT AS (n * 2) STORED,
  at TIMESTAMP(6) NOT NULL DEFAULT '2026-01-01 00:00:00' ON UPDATE CURRENT_TIMESTAMP(6));
INSERT INTO a (id, name, n, d, j) SELECT i, CONCAT('Zoë ', i), i, '2026-02-03', JSON_OBJECT('i', i) FROM (WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < 999) SELECT i FROM s) x;
UPDATE a SET d = '0000-00-00', name = NULL WHERE id < 5;
UPDATE a SET at = '2026-01-01 00:00:00' WHERE id >= 0;
CREATE TABLE start LIKE a;
INSERT INTO start (id, name, n, d, j, other, at) SELECT id, name, n, d, j, other, at FROM a;`

const differing = `SELECT COALESCE(a.id, s.id) FROM start s LEFT JOIN a ON a.id = s.id WHERE a.id IS NULL OR NOT (CAST(a.name AS BINARY) <=> CAST(s.name AS BINARY) AND a.n = s.n AND a.twice = s.twice AND a.d <=> s.d AND CAST(a.j AS CHAR) <=> CAST(s.j AS CHAR) AND a.at = s.at) ORDER BY 1`

describe.each(versionsInTurn(import.meta.url))('the undo of a batch, MySQL %s', (version) => {
  async function project(): Promise<Stage> {
    const { url } = await testServerOf(version)
    const app = await stage({ url, files: { 'app/0001_a.sql': migration(made) } })
    expect(await app.run(migrate)).toMatchObject({ exitCode: 0 })
    return app
  }

  async function batch(app: Stage, text: string): Promise<void> {
    app.write('app/0002_b.sql', migration(`-- wwdb:batch rows=150\n-- wwdb:undo grace=30d\n${text};`))
    const run = await app.run(migrate)
    expect(run.stderr).not.toContain('✗')
    expect(run.exitCode).toBe(0)
  }

  const records = (app: Stage) => app.query('SELECT state, kept_rows, undone_rows FROM wwdb_undo')

  test.each([
    ['a condition that is foreseen', "name LIKE 'Zoë %' OR id < 5", 1000],
    ['a condition that is not', 'RAND() < 2 AND n % 2 = 0', 500],
  ])('an UPDATE with %s is put back as it was', async (_, condition, rows) => {
    const app = await project()
    await batch(
      app,
      `UPDATE a SET n = n + 1, name = UPPER(name), d = NULL, j = JSON_SET(j, '$.k', 1) WHERE ${condition}`,
    )
    expect(await app.query(differing)).toHaveLength(rows)
    expect(await records(app)).toEqual([['kept', rows, 0]])
    expect(await app.query('SELECT DATEDIFF(kept_until, UTC_TIMESTAMP()) FROM wwdb_undo')).toEqual([[30]])
    const plan = await app.run(['undo', '0002', '--dry-run'])
    expect(oneLine(plan.stdout)).toContain(rows === 1000 ? '1,000 rows can be put back' : '500 rows can be put back')
    expect(await app.query(differing)).toHaveLength(rows)
    const undo = await app.run(['undo', '0002', '--yes'])
    expect(undo.stderr).not.toContain('✗')
    expect(undo.exitCode).toBe(0)
    expect(await app.query(differing)).toEqual([])
    expect(await records(app)).toEqual([['undone', rows, rows]])
    // A second one finds nothing to do, and asks nobody.
    expect(await app.run(['undo', '0002'])).toMatchObject({ exitCode: 0 })
    expect(await records(app)).toEqual([['undone', rows, rows]])
  })

  // Where a chunk reads only what is committed, it may change a row that came after those that were kept.
  test.each(["SET SESSION transaction_isolation = 'READ-COMMITTED'", 'SET TRANSACTION ISOLATION LEVEL READ COMMITTED'])(
    'a file with %s has its rows kept in chunks that lock their range, and its own level behind them',
    async (setting) => {
      const app = await project()
      const level = '@@SESSION.transaction_isolation'
      const text = `${setting};
-- wwdb:batch rows=400
-- wwdb:undo
UPDATE a SET name = ${level} WHERE n % 2 = 0;
CREATE TABLE seen AS SELECT ${level} AS level;`
      app.write('app/0002_b.sql', migration(text, 'DROP TABLE seen;'))
      const run = await app.run(migrate)
      expect(run.exitCode, run.stderr).toBe(0)
      expect(await app.query('SELECT DISTINCT name FROM a WHERE n % 2 = 0')).toEqual([['REPEATABLE-READ']])
      const behind = setting.startsWith('SET SESSION') ? 'READ-COMMITTED' : 'REPEATABLE-READ'
      expect(await app.query('SELECT level FROM seen')).toEqual([[behind]])
      expect(await app.run(['undo', '0002', '--yes'])).toMatchObject({ exitCode: 0 })
      expect(await app.query(differing)).toEqual([])
    },
  )

  test('rows that need the place of one that is put back later are put back in the same run, whichever way the unique column goes', async () => {
    const { url } = await testServerOf(version)
    const app = await stage({
      url,
      files: {
        'app/0001_a.sql': migration(
          'CREATE TABLE a (id INT PRIMARY KEY, n INT NOT NULL UNIQUE); INSERT INTO a SELECT i, 100 - i FROM (WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 40) SELECT i FROM s) x; INSERT INTO a VALUES (50, 200), (51, 205), (52, 203);',
        ),
        'app/0002_b.sql': migration('-- wwdb:batch rows=5\n-- wwdb:undo\nUPDATE a SET n = n + 1 WHERE id > 0;'),
      },
    })
    expect(await app.run(migrate)).toMatchObject({ exitCode: 0 })
    // Of the other rows, one has taken the place of another for good.
    await app.query('INSERT INTO a VALUES (60, 203)')
    const undo = await app.run(['undo', '0002', '--yes'])
    expect(undo.exitCode).toBe(1)
    expect(await app.query('SELECT COUNT(*), SUM(n = 100 - id) FROM a WHERE id < 50')).toEqual([[40, '40']])
    expect(await app.query('SELECT id, n FROM a WHERE id >= 50 ORDER BY id')).toEqual([
      [50, 200],
      [51, 205],
      [52, 204],
      [60, 203],
    ])
    expect(oneLine(undo.stdout)).toContain('`id` = 52')
  })

  test('rows that others changed or deleted since stay as they are, and are named', async () => {
    const app = await project()
    await batch(app, 'UPDATE a SET n = n + 1 WHERE id >= 0')
    await app.query('UPDATE a SET n = 7000 WHERE id IN (3, 500)')
    await app.query('UPDATE a SET other = 1 WHERE id = 4')
    await app.query('DELETE FROM a WHERE id = 6')
    const refused = await app.run(['undo', '0002', '--no-input'])
    expect(refused.exitCode).toBe(2)
    expect(oneLine(refused.stderr)).toContain('puts back 997 rows of `a`')
    expect(oneLine(refused.stderr)).toContain('3 rows that others changed since stay as they are now.')
    const undo = await app.json(['undo', '0002', '--yes'])
    expect(undo.exitCode).toBe(1)
    expect(undo.answer).toMatchObject({
      kind: 'undo',
      tables: [
        {
          table: 'a',
          undone: 997,
          left: 3,
          rows: [
            { key: '`id` = 3', why: 'changed' },
            { key: '`id` = 6', why: 'gone' },
            { key: '`id` = 500', why: 'changed' },
          ],
        },
      ],
    })
    const history = await app.json(['history'])
    expect(JSON.stringify(history.answer)).toContain(
      'Undo of 0002, statement 1, in `app`: 997 rows of `a` put back, 3 rows left as they are.',
    )
    // The time of a change by others is theirs.
    expect(await app.query(differing)).toEqual([[3], [4], [6], [500]])
    expect(await app.query('SELECT n, other FROM a WHERE id = 4')).toEqual([[4, 1]])
  })

  test('deleted rows come back whole; a key that is taken, and a value that another row has, are named', async () => {
    const app = await project()
    await app.query('CREATE UNIQUE INDEX u ON a (n)')
    await batch(app, 'DELETE FROM a WHERE id % 2 = 0')
    expect(await app.query('SELECT COUNT(*) FROM a')).toEqual([[500]])
    await app.query("INSERT INTO a (id, name, n) VALUES (10, 'new', 5000), (5000, 'other', 20)")
    const undo = await app.json(['undo', '0002', '--yes'])
    expect(undo.answer).toMatchObject({
      tables: [
        {
          undone: 498,
          left: 2,
          rows: [
            { key: '`id` = 10', why: 'taken' },
            { key: '`id` = 20', why: 'refused' },
          ],
        },
      ],
    })
    expect(await app.query(differing)).toEqual([[10], [20]])
    await app.query('DELETE FROM a WHERE id = 5000')
    expect(await app.run(['undo', '0002', '--yes'])).toMatchObject({ exitCode: 1 })
    expect(await app.query(differing)).toEqual([[10]])
  })

  test('a batch that failed half way keeps on in its table, and is undone once it is complete', async () => {
    const app = await project()
    await app.query('UPDATE a SET n = 1073741823, at = at WHERE id = 700')
    await app.query('UPDATE start SET n = 16000, at = at WHERE id = 700')
    app.write(
      'app/0002_b.sql',
      migration('-- wwdb:batch rows=150\n-- wwdb:undo\nUPDATE a SET n = n + 1 WHERE id >= 0;'),
    )
    expect((await app.run(migrate)).exitCode).toBe(2)
    const early = await app.run(['undo', '0002', '--yes'])
    expect(early.exitCode).toBe(2)
    expect(oneLine(early.stderr)).toContain('The batch is not complete')
    await app.query('UPDATE a SET n = 16000, at = at WHERE id = 700')
    const again = await app.run(migrate)
    expect(again.stderr).not.toContain('✗')
    expect(again.exitCode).toBe(0)
    expect(await records(app)).toEqual([['kept', 1000, 0]])
    expect(await app.run(['undo', '0002', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(await app.query(differing)).toEqual([])
  })

  test('its table is listed until its time ends, and then dropped when a person says so', async () => {
    const app = await project()
    await batch(app, 'DELETE FROM a WHERE id < 10')
    const name = String((await app.query('SELECT name FROM wwdb_undo'))[0]?.[0])
    for (const args of [['held'], ['held', '--drop', '--yes']]) {
      expect(oneLine((await app.run(args)).stdout)).toContain(`${name} of app keeps rows of a as they were before 0002`)
    }
    expect((await app.run(['drift'])).exitCode).toBe(0)
    await app.query("UPDATE wwdb_undo SET kept_until = '2026-01-01 00:00:00'")
    expect(oneLine((await app.run(['status'])).stdout)).toContain('1 table is held, 1 past its grace')
    expect((await app.run(['held', '--drop', '--yes'])).exitCode).toBe(2)
    const drop = await app.run(['held', '--drop', '--confirm', name])
    expect(drop.stderr).not.toContain('✗')
    expect(drop.exitCode).toBe(0)
    expect(await app.tables()).not.toContain(name)
    const late = await app.run(['undo', '0002', '--yes'])
    expect(late.exitCode).toBe(2)
    expect(oneLine(late.stderr)).toContain(`The table \`${name}\` with its rows does not exist.`)
    expect(oneLine((await app.run(['held'])).stdout)).toContain('No table is on hold.')
  })

  test('what cannot be undone is refused before anything runs', async () => {
    const app = await project()
    const tables = `CREATE TABLE parent (id INT PRIMARY KEY, code INT UNIQUE, n INT);
CREATE TABLE child (id INT PRIMARY KEY, p INT, c INT, CONSTRAINT gone FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE, CONSTRAINT moved FOREIGN KEY (c) REFERENCES parent (code) ON UPDATE CASCADE);
CREATE TABLE log (n INT);
CREATE TABLE watched (id INT PRIMARY KEY, n INT);
CREATE TRIGGER seen AFTER UPDATE ON watched FOR EACH ROW INSERT INTO log VALUES (NEW.n);`
    app.write('app/0002_t.sql', migration(tables))
    expect(await app.run(migrate)).toMatchObject({ exitCode: 0 })
    const refused: readonly (readonly [string, string])[] = [
      ['UPDATE watched SET n = 1 WHERE n > 1', 'has the trigger `seen` (AFTER UPDATE)'],
      ['DELETE FROM parent WHERE n > 1', 'The foreign key `gone` of `child`'],
      ['UPDATE parent SET code = code + 1 WHERE n > 1', 'The foreign key `moved` of `child`'],
      ['INSERT INTO log SELECT n FROM a WHERE n > 1', 'Rows that it adds are not told from rows that others add'],
    ]
    for (const [text, why] of refused) {
      app.write('app/0003_c.sql', migration(`-- wwdb:batch\n-- wwdb:undo\n${text};`))
      const run = await app.run(migrate)
      expect(oneLine(run.stderr)).toContain(why)
      expect(run.exitCode).toBe(2)
    }
    expect(await app.query("SELECT COUNT(*) FROM wwdb_journal WHERE version = '0003'")).toEqual([[0]])
    app.write('app/0003_c.sql', migration('-- wwdb:batch\n-- wwdb:undo\nDELETE FROM watched WHERE n > 1;'))
    expect(await app.run(migrate)).toMatchObject({ exitCode: 0 })
  })
})
