import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const migrate = ['migrate', '--yes', '--no-probe']

const oneLine = (text: string): string => text.replace(/\s+/g, ' ')

describe.each(versionsInTurn(import.meta.url))('the key of a batch, MySQL %s', (version) => {
  async function project(table: string): Promise<Stage> {
    const { url } = await testServerOf(version)
    const app = await stage({ url, files: { 'app/0001_a.sql': migration(table) } })
    expect(await app.run(migrate)).toMatchObject({ exitCode: 0 })
    return app
  }

  const fill =
    "INSERT INTO a (g, at, n) VALUES (1,'2020-01-01',0),(1,'2021-01-01',0),(1,'2022-01-01',0),(2,'2020-01-01',0),(3,'2020-01-01',99);"

  test('a column that the server sets at each change cannot be walked: its rows would move ahead of the walk', async () => {
    const app = await project(
      `CREATE TABLE a (g INT NOT NULL, at DATETIME NOT NULL ON UPDATE CURRENT_TIMESTAMP, n INT NOT NULL, PRIMARY KEY (g, at)); ${fill}`,
    )
    app.write('app/0002_b.sql', migration('-- wwdb:batch rows=1\nUPDATE a SET n = n + 1 WHERE n < 50;'))
    const run = await app.run(migrate)
    expect(await app.query('SELECT n, COUNT(*) FROM a GROUP BY n ORDER BY n')).toEqual([
      [0, 4],
      [99, 1],
    ])
    expect(run.exitCode).toBe(2)
    expect(oneLine(run.stderr)).toContain('contains `at`, which the server sets at each change (`ON UPDATE`)')
  })

  test('a key that a trigger of the table sets cannot be walked', async () => {
    const app = await project(
      `CREATE TABLE a (g INT NOT NULL, at DATETIME NOT NULL, n INT NOT NULL, PRIMARY KEY (g, at)); ${fill}`,
    )
    await app.query(
      'CREATE TRIGGER moves BEFORE UPDATE ON a FOR EACH ROW SET NEW.g = OLD.g, NEW . `at` = OLD.at + INTERVAL 10 YEAR',
    )
    app.write('app/0002_b.sql', migration('-- wwdb:batch rows=1\nUPDATE a SET n = n + 1 WHERE n < 50;'))
    const run = await app.run(migrate)
    expect(await app.query('SELECT n, COUNT(*) FROM a GROUP BY n ORDER BY n')).toEqual([
      [0, 4],
      [99, 1],
    ])
    expect(run.exitCode).toBe(2)
    expect(oneLine(run.stderr)).toContain('which the trigger `moves` sets')
  })

  test('an INSERT into a table that its SELECT also joins is refused: later chunks would read the rows of earlier ones', async () => {
    const app = await project(
      `CREATE TABLE a (id INT PRIMARY KEY, mail VARCHAR(20) NOT NULL); INSERT INTO a VALUES (1,'x'),(2,'y'),(3,'x'); CREATE TABLE copied (mail VARCHAR(20) NOT NULL);`,
    )
    for (const text of [
      'INSERT INTO copied SELECT a.mail FROM a LEFT JOIN copied c ON c.mail = a.mail WHERE c.mail IS NULL',
      'INSERT INTO copied SELECT mail FROM a WHERE NOT EXISTS (SELECT 1 FROM copied c WHERE c.mail = a.mail)',
    ]) {
      app.write('app/0002_b.sql', migration(`-- wwdb:batch rows=1\n${text};`))
      const run = await app.run(migrate)
      expect(await app.query('SELECT COUNT(*) FROM copied')).toEqual([[0]])
      expect(oneLine(run.stderr)).toContain('It inserts into `copied`, which its SELECT also reads')
    }
  })

  test('an INSERT into a view, and triggers that write the walked table, are refused before the first statement of the run', async () => {
    const app = await project(
      `CREATE TABLE a (id INT PRIMARY KEY, n INT NOT NULL); INSERT INTO a VALUES (1,0),(2,0),(3,0),(900,0);
CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY); CREATE TABLE copied (id INT PRIMARY KEY, n INT NOT NULL);
CREATE VIEW same AS SELECT id, n FROM a;`,
    )
    await app.query('CREATE TRIGGER counts AFTER INSERT ON copied FOR EACH ROW UPDATE IGNORE `a` SET n = n + 1')
    await app.query('CREATE TRIGGER looks AFTER DELETE ON a FOR EACH ROW INSERT INTO log SELECT NULL FROM copied')
    for (const [text, why] of [
      [
        'INSERT INTO same SELECT id + 100, n FROM a WHERE id < 400',
        'It inserts into the view `same`, which may show `a`',
      ],
      [
        'INSERT INTO copied SELECT id, n FROM a',
        'The trigger `counts` of `copied` writes `a`, the table that is walked',
      ],
      ['UPDATE same SET n = n + 1', '`same` is a view.'],
    ]) {
      app.write('app/0002_b.sql', migration(`INSERT INTO log VALUES ();\n-- wwdb:batch rows=1\n${text};`))
      const run = await app.run(migrate)
      expect(run.exitCode).toBe(2)
      expect(oneLine(run.stderr)).toContain(why)
      expect(await app.query('SELECT (SELECT COUNT(*) FROM a), (SELECT COUNT(*) FROM log)')).toEqual([[4, 0]])
    }
    await app.query('CREATE TRIGGER adds AFTER UPDATE ON a FOR EACH ROW DELETE FROM a WHERE id = NEW.id + 1')
    app.write('app/0002_b.sql', migration('-- wwdb:batch rows=1\nUPDATE a SET n = n + 1;'))
    expect(oneLine((await app.run(migrate)).stderr)).toContain('The trigger `adds` of `a` writes `a`')
    // A trigger that only reads, or that another verb fires, does not matter.
    app.write('app/0002_b.sql', migration('-- wwdb:batch rows=1\nDELETE FROM a WHERE id > 1;'))
    expect(await app.run([...migrate, '--allow', 'DELETE_ALL_ROWS'])).toMatchObject({ exitCode: 0 })
    expect(await app.query('SELECT id FROM a')).toEqual([[1]])
  })

  test('a batch that stopped is not continued by a key of the same name over other columns', async () => {
    const app = await project(
      `CREATE TABLE a (id INT PRIMARY KEY, other INT NOT NULL, n TINYINT NOT NULL); INSERT INTO a VALUES (1,30,0),(2,20,0),(3,10,127),(4,5,0),(9,1,0);`,
    )
    app.write('app/0002_b.sql', migration('-- wwdb:batch rows=1\nUPDATE a SET n = n + 1 WHERE id <> 9;'))
    expect(oneLine((await app.run(migrate)).stderr)).toContain('at the row with `id` = 3.')
    await app.query('UPDATE a SET n = 7 WHERE id = 3')
    await app.query('ALTER TABLE a DROP PRIMARY KEY, ADD PRIMARY KEY (other)')
    const refused = await app.run(migrate)
    expect(await app.query('SELECT id, n FROM a ORDER BY id')).toEqual([
      [1, 1],
      [2, 1],
      [3, 7],
      [4, 0],
      [9, 0],
    ])
    expect(refused.exitCode).toBe(2)
    expect(oneLine(refused.stderr)).toContain('has other columns than when the batch began')
    await app.query('ALTER TABLE a DROP PRIMARY KEY, ADD PRIMARY KEY (id)')
    expect(await app.run(migrate)).toMatchObject({ exitCode: 0 })
    expect(await app.query('SELECT id, n FROM a ORDER BY id')).toEqual([
      [1, 1],
      [2, 1],
      [3, 8],
      [4, 1],
      [9, 0],
    ])
  })
})
