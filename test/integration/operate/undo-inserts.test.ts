import { createConnection } from 'mysql2/promise'
import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const migrate = ['migrate', '--yes', '--no-probe']

const oneLine = (text: string): string => text.replace(/\s+/g, ' ')

const rows =
  'SELECT i, i % 7, CONCAT("Zoë ", i) FROM (WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 900) SELECT i FROM s) x'
const made = `CREATE TABLE a (id INT PRIMARY KEY, n INT NOT NULL, name VARCHAR(400) COLLATE utf8mb4_0900_ai_ci NOT NULL);
INSERT INTO a ${rows};
CREATE TABLE copy LIKE a;
CREATE TABLE log (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, a INT NOT NULL, text TEXT NULL, at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), twice INT AS (a * 2) STORED, KEY a (a));`

const kept = (text: string, chunk = 100): string => `-- wwdb:batch rows=${chunk}\n-- wwdb:undo\n${text};`

describe.each(versionsInTurn(import.meta.url))('the undo of an INSERT ... SELECT in batches, MySQL %s', (version) => {
  async function project(more: string = ''): Promise<Stage> {
    const { url } = await testServerOf(version)
    const app = await stage({ url, files: { 'app/0001_a.sql': migration(`${made}\n${more}`) } })
    await run(app, 0, ...migrate)
    return app
  }

  async function run(app: Stage, exitCode: number, ...args: readonly string[]): Promise<string> {
    const ended = await app.run(args)
    expect(ended.exitCode, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`).toBe(exitCode)
    return oneLine(ended.stdout + ended.stderr)
  }

  async function batch(app: Stage, text: string): Promise<void> {
    app.write('app/0002_b.sql', migration(kept(text)))
    await run(app, 0, ...migrate)
  }

  const records = (app: Stage) => app.query('SELECT state, kept_rows, undone_rows FROM wwdb_undo')

  test.each([
    ['gives the key with a `*`', 'INSERT INTO copy SELECT * FROM a WHERE n < 5', 'copy'],
    [
      'names its columns in another order',
      'INSERT INTO copy (name, n, id) SELECT a.name, NOW() + 0 > n, a.id + 5000 FROM a WHERE n < 5',
      'copy',
    ],
    ['leaves the key to AUTO_INCREMENT', 'INSERT INTO log (a, text) SELECT a.id, a.name FROM a WHERE n < 5', 'log'],
  ])('removes the rows that it added, where it %s', async (_, text, table) => {
    const app = await project()
    await app.query(
      table === 'copy'
        ? "INSERT INTO copy VALUES (-1, 0, 'before'), (100000, 0, 'before')"
        : 'INSERT INTO log (id, a) VALUES (7, -1), (100000, -2)',
    )
    const others = await app.query(`SELECT * FROM ${table} ORDER BY id`)
    const added = Number((await app.query('SELECT COUNT(*) FROM a WHERE n < 5'))[0]?.[0])
    await batch(app, text)
    expect(await records(app)).toEqual([['kept', added, 0]])
    expect(await app.query(`SELECT COUNT(*) FROM ${table}`)).toEqual([[added + 2]])
    expect(await run(app, 0, 'undo', '0002', '--dry-run')).toContain(`${added} rows can be removed`)
    expect(await run(app, 2, 'undo', '0002', '--no-input')).toContain(
      `deletes ${added} rows of \`${table}\` that 0002 added`,
    )
    expect(await run(app, 0, 'held')).toContain(`keeps rows of ${table} as 0002 added them`)
    expect(await run(app, 0, 'undo', '0002', '--yes')).toContain(`${added} rows are removed`)
    expect(await app.query(`SELECT * FROM ${table} ORDER BY id`)).toEqual(others)
    expect(await records(app)).toEqual([['undone', added, added]])
    expect(await run(app, 0, 'undo', '0002')).toContain(`${added} rows are removed`)
  })

  test('rows that others changed or deleted since stay, and so does one that the server refuses to delete: all are named', async () => {
    const app = await project()
    await batch(app, 'INSERT INTO copy SELECT * FROM a')
    await app.query('CREATE TABLE child (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES copy (id))')
    await app.query('INSERT INTO child VALUES (9)')
    await app.query("UPDATE copy SET name = 'ZOË 3' WHERE id = 3")
    await app.query('UPDATE copy SET n = -1 WHERE id = 500')
    await app.query('DELETE FROM copy WHERE id = 6')
    const undo = await app.json(['undo', '0002', '--yes'])
    expect(undo.exitCode).toBe(1)
    expect(undo.answer).toMatchObject({
      tables: [
        {
          verb: 'INSERT',
          undone: 896,
          left: 4,
          rows: [
            { key: '`id` = 3', why: 'changed' },
            { key: '`id` = 6', why: 'gone' },
            { key: '`id` = 9', why: 'refused' },
            { key: '`id` = 500', why: 'changed' },
          ],
        },
      ],
    })
    expect((await app.query('SELECT id FROM copy ORDER BY id')).flat()).toEqual([3, 9, 500])
    await app.query('DELETE FROM child')
    await run(app, 1, 'undo', '0002', '--yes')
    expect((await app.query('SELECT id FROM copy ORDER BY id')).flat()).toEqual([3, 500])
  })

  test('rows that others add beside it, before and behind its own numbers, are not its', async () => {
    const app = await project()
    app.write('app/0002_b.sql', migration(kept('INSERT INTO log (a, text) SELECT id, name FROM a', 20)))
    const { url } = await testServerOf(version)
    const writer = await createConnection({ uri: url, database: app.schema('app') })
    let isOver = false
    const writing = (async () => {
      for (; !isOver; ) await writer.query("INSERT INTO log (a, text) VALUES (-1, 'own')")
    })()
    const ended = await app.run(migrate)
    isOver = true
    await writing
    await writer.end()
    expect(ended.exitCode, ended.stderr).toBe(0)
    const [[own] = []] = await app.query('SELECT COUNT(*) FROM log WHERE a = -1')
    expect(await app.query('SELECT COUNT(*) FROM log')).toEqual([[Number(own) + 900]])
    await run(app, 0, 'undo', '0002', '--yes')
    expect(await app.query('SELECT COUNT(*), MAX(a) FROM log')).toEqual([[own, -1]])
  })

  test('a batch that failed halfway goes on, and all of its rows are removed', async () => {
    const app = await project()
    await app.query("INSERT INTO copy VALUES (555, 0, 'taken')")
    app.write('app/0002_b.sql', migration(kept('INSERT INTO copy SELECT * FROM a')))
    expect(await run(app, 2, ...migrate)).toContain('`id` = 555')
    await app.query('DELETE FROM copy')
    await app.query('INSERT INTO copy SELECT * FROM a WHERE id < 555')
    await run(app, 0, ...migrate)
    expect(await app.query('SELECT COUNT(*) FROM copy')).toEqual([[900]])
    await run(app, 0, 'undo', '0002', '--yes')
    expect(await app.query('SELECT COUNT(*) FROM copy')).toEqual([[0]])
  })

  test.each([
    ['REPLACE INTO copy SELECT * FROM a', 'deletes the rows that it replaces'],
    ['INSERT IGNORE INTO copy SELECT * FROM a', 'With IGNORE'],
    ['INSERT INTO copy SELECT * FROM a ON DUPLICATE KEY UPDATE n = 1', 'ON DUPLICATE KEY UPDATE'],
    ['INSERT INTO keyless (n) SELECT n FROM a', 'no unique key'],
    ['INSERT INTO copy (id, n, name) SELECT FLOOR(RAND() * 1000000), n, name FROM a', 'may be others each time'],
    ['INSERT INTO copy SELECT * FROM a WHERE RAND() < 2', 'may be others each time'],
    ['INSERT INTO traced SELECT id, n FROM a', 'has the trigger `trace`'],
    ['INSERT INTO parent SELECT id FROM a', 'The foreign key `cascading` of `child`'],
  ])('%s is refused before anything runs', async (text, why) => {
    const app = await project(
      `CREATE TABLE keyless (n INT, KEY n (n));
CREATE TABLE traced (id INT PRIMARY KEY, n INT);
CREATE TRIGGER trace AFTER DELETE ON traced FOR EACH ROW SET @x = 1;
CREATE TABLE parent (id INT PRIMARY KEY);
CREATE TABLE child (id INT PRIMARY KEY, CONSTRAINT cascading FOREIGN KEY (id) REFERENCES parent (id) ON DELETE CASCADE);`,
    )
    app.write('app/0002_b.sql', migration(kept(text)))
    const ended = await app.run(migrate)
    expect(ended.exitCode).not.toBe(0)
    expect(oneLine(ended.stdout + ended.stderr)).toContain(why)
    expect(await app.query("SELECT COUNT(*) FROM wwdb_journal WHERE version = '0002'")).toEqual([[0]])
  })
})
