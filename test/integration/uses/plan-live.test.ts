import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Replication, startReplication } from '../../helpers/mysql/replica.ts'
import { freePort } from '../../helpers/servers/ports.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const tables = `CREATE TABLE users (id INT PRIMARY KEY, nick VARCHAR(20), name VARCHAR(20) NOT NULL, born DATE, KEY by_nick (nick));
CREATE TABLE orders (id INT PRIMARY KEY, user INT NOT NULL, note TEXT, CONSTRAINT of_user FOREIGN KEY (user) REFERENCES users (id));
CREATE TABLE others (id INT PRIMARY KEY);
CREATE VIEW nicks AS SELECT id, nick FROM users;
INSERT INTO users VALUES (1, 'a', 'Ann', '2000-01-01');`

interface Live {
  readonly database: string
  readonly tables: readonly string[]
  readonly tried: number
  readonly broken: readonly {
    readonly text: string
    readonly servers: readonly string[]
    readonly count: number
    readonly change: string
    readonly before: string
    readonly after: string
  }[]
  readonly untried: readonly { readonly why: string; readonly statements: number }[]
  readonly unproven: readonly string[]
  readonly notes: readonly string[]
}

describe.each(['9.7', '8.0'] as const)('plan --live on MySQL %s', (version) => {
  let servers: Replication
  const open: Connection[] = []

  beforeAll(async () => {
    servers = await startReplication(version)
  })

  afterAll(async () => {
    for (const connection of open) connection.destroy()
    await servers.stop()
  })

  async function start(): Promise<Stage> {
    const stage = await openStage({
      url: servers.source.url,
      files: { 'app/0001_tables.sql': migration(tables) },
      configuration: { throttle: { replicas: { b: { url: servers.replica.url } } } },
    })
    expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
    await servers.catchUp()
    return stage
  }

  async function send(stage: Stage, url: string, ...texts: readonly string[]): Promise<void> {
    const connection = await createConnection({ uri: url, database: stage.schema('app') })
    open.push(connection)
    for (const text of texts) await connection.query(text)
    await servers.catchUp()
  }

  async function plan(stage: Stage, exitCode: number, up: string): Promise<Live | undefined> {
    stage.write('app/0002_change.sql', migration(up))
    return (await planAll(stage, exitCode))[0]
  }

  async function planAll(stage: Stage, exitCode: number): Promise<readonly Live[]> {
    const ended = await stage.json(['plan', '--live'])
    expect(ended.exitCode, JSON.stringify(ended.answer)).toBe(exitCode)
    return (ended.answer as unknown as { readonly live?: readonly Live[] }).live ?? []
  }

  test('lists what fails and what is read in another way, and changes nothing', async () => {
    const stage = await start()
    const schema = stage.schema('app')
    await send(
      stage,
      servers.source.url,
      "SELECT name FROM users WHERE nick = 'a'",
      `SELECT id FROM ${schema}.users WHERE id = 1`,
      "INSERT INTO users (id, nick, name) VALUES (7, 'g', 'Gus')",
      "UPDATE users SET name = 'Gil' WHERE id = 7",
      'DELETE FROM users WHERE id = 7',
      'INSERT INTO orders VALUES (1, 1, NULL)',
      'SELECT id FROM others',
      'SELECT GET_LOCK(name, 0), RELEASE_LOCK(name) FROM users WHERE id = 7',
      `SELECT id FROM users WHERE name IN (${Array.from({ length: 200 }, (_, at) => `'name ${at}'`).join(',')})`,
    )
    await send(stage, servers.replica.url, 'SELECT COUNT(nick) FROM nicks', "SELECT born FROM users WHERE nick = 'b'")
    const before = await stage.query('SELECT * FROM users')
    const dropped = await plan(stage, 1, 'ALTER TABLE users DROP COLUMN born;')
    expect(dropped?.tables).toEqual(['users', 'nicks'])
    expect(dropped?.broken.toSorted((a, b) => a.change.localeCompare(b.change))).toMatchObject([
      { change: 'fails', servers: ['b'], count: 1, after: "Unknown column 'born' in 'field list'." },
      // That this test reads all columns is seen, too.
      { change: 'result', servers: ['primary'], after: 'the columns `id`, `nick`, `name`' },
    ])
    expect(dropped?.untried).toEqual(
      expect.arrayContaining([
        { why: 'what it does is not taken back', statements: 1 },
        { why: 'the server has cut its sample', statements: 1 },
      ]),
    )
    expect(dropped?.tried).toBeGreaterThanOrEqual(5)
    const index = await plan(stage, 1, 'DROP INDEX by_nick ON users;')
    const ways = index?.broken.map(({ change, after, before: was }) => ({ change, after, was }))
    const byIndex = { change: 'reads', was: 'users: ref by by_nick', after: 'users: ALL' }
    // MySQL 8.0.12 counts a statement on a view by the text of the view: then nobody is seen to use it.
    const throughView = { ...byIndex, was: 'users: index by by_nick' }
    expect(ways?.toSorted((a, b) => a.was.localeCompare(b.was))).toEqual(
      version === '8.0' ? [byIndex, byIndex] : [throughView, byIndex, byIndex],
    )
    expect((await plan(stage, 0, 'ALTER TABLE users ADD COLUMN age INT;'))?.broken).toEqual([])
    const renamed = await plan(stage, 1, 'RENAME TABLE users TO people;')
    expect(renamed?.broken.length).toBeGreaterThanOrEqual(5)
    expect(renamed?.broken[0]?.after).toBe(`Table '${schema}.users' doesn't exist.`)
    expect(await plan(stage, 0, 'SELECT 1;')).toBeUndefined()
    expect(await stage.query('SELECT * FROM users')).toEqual(before)
    expect(
      await stage.query("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'wwdb_scratch%'"),
    ).toEqual([[0]])
  })

  test('tries what reaches the table through views and triggers that the plan does not name', async () => {
    const stage = await start()
    await stage.query('CREATE VIEW short AS SELECT nick FROM nicks WHERE id < 100')
    await stage.query(
      'CREATE TRIGGER kept AFTER INSERT ON others FOR EACH ROW UPDATE users SET nick = NULL WHERE id = NEW.id',
    )
    await send(
      stage,
      servers.source.url,
      "SELECT COUNT(nick) FROM short WHERE nick = 'a'",
      'INSERT INTO others VALUES (7)',
      'SELECT id FROM orders WHERE id = 1',
    )
    const found = await plan(stage, 1, 'ALTER TABLE users DROP COLUMN nick;')
    expect(found?.tables).toEqual(['users', 'nicks', 'short', 'others'])
    expect(
      found?.broken.filter(({ change }) => change === 'fails').map(({ text, after }) => ({ text, after })),
    ).toEqual(
      expect.arrayContaining([
        ...(version === '8.0'
          ? []
          : [
              {
                text: expect.stringContaining('FROM `short`'),
                after: expect.stringMatching(/references invalid table/),
              },
            ]),
        { text: expect.stringMatching(/INTO `?others`? /i), after: "Unknown column 'nick' in 'field list'." },
      ]),
    )
    expect(JSON.stringify(found?.broken)).not.toContain('FROM `orders`')
  })

  test('writes nothing where a trigger that the statement runs does what is not taken back', async () => {
    const stage = await start()
    const limit = async (): Promise<unknown> => stage.query('SELECT @@GLOBAL.max_connect_errors')
    const before = await limit()
    await stage.query('CREATE TRIGGER noted BEFORE INSERT ON users FOR EACH ROW SET GLOBAL max_connect_errors = 4711')
    await send(
      stage,
      servers.source.url,
      "INSERT INTO users (id, nick, name, born) VALUES (8, 'h', 'Hal', NULL)",
      "SELECT name FROM users WHERE born = '2000-01-01'",
      `SET GLOBAL max_connect_errors = ${String((before as readonly (readonly unknown[])[])[0]?.[0])}`,
    )
    const dropped = await plan(stage, 1, 'ALTER TABLE users DROP COLUMN born;')
    expect(dropped?.untried).toContainEqual({ why: 'the trigger `noted` does what is not taken back', statements: 1 })
    expect(dropped?.broken).toMatchObject([{ change: 'fails', after: "Unknown column 'born' in 'where clause'." }])
    expect(await limit()).toEqual(before)
  })

  test('touches no schema that is called as the rows of a trigger are', async () => {
    const stage = await start()
    const rows = () => stage.query('SELECT id FROM old.users')
    await stage.query('CREATE DATABASE old')
    try {
      // Nothing could roll it back.
      await stage.query('CREATE TABLE old.users (id INT PRIMARY KEY) ENGINE=MyISAM')
      await send(stage, servers.source.url, 'INSERT INTO old.users SELECT id FROM users', 'DELETE FROM old.users')
      await stage.query('INSERT INTO old.users VALUES (7)')
      // Of all that was seen nothing could be tried, which is no proof.
      const added = await plan(stage, 2, 'ALTER TABLE users ADD COLUMN age INT;')
      expect(added?.untried).toContainEqual({ why: 'it names another schema', statements: 1 })
      expect(await rows()).toEqual([[7]])
      stage.write('app/0002_change.sql', migration('TRUNCATE TABLE old.users;\nDROP TABLE old.users;'))
      expect(await stage.run(['plan'])).toMatchObject({ exitCode: 0 })
      expect(await rows()).toEqual([[7]])
    } finally {
      await stage.query('DROP DATABASE old')
    }
  })

  test('shows no value of an application, also where the message of the server has it', async () => {
    const stage = await start()
    await send(stage, servers.source.url, 'INSERT INTO users (id, nick, name) VALUES (9, \'of-nobody-else\', "I")')
    const found = await plan(stage, 1, 'ALTER TABLE users MODIFY nick DATE NULL;')
    expect(found?.broken).toMatchObject([{ change: 'fails', after: expect.stringMatching(/^Incorrect date value: /) }])
    expect(JSON.stringify(found)).not.toContain('of-nobody-else')
  })

  test('says to people which statement fails, and what could not be looked at', async () => {
    const stage = await start()
    await send(stage, servers.source.url, "SELECT name FROM users WHERE nick = 'a'")
    stage.write('app/0002_change.sql', migration('ALTER TABLE users CHANGE nick nickname VARCHAR(20);'))
    const { stdout, exitCode } = await stage.run(['plan', '--live'])
    expect({ exitCode, stdout: stdout.replaceAll(/\s+/g, ' ') }).toEqual({
      exitCode: 1,
      stdout: expect.stringMatching(
        /fails: Unknown column 'nick' in 'where clause'\. 1 execution on the primary, last /,
      ),
    })
  })

  test('does not pass where nothing was tried, and says how something would be', async () => {
    const stage = await start()
    stage.write('app/0002_change.sql', migration('ALTER TABLE users DROP COLUMN born;'))
    const { stdout, exitCode } = await stage.run(['plan', '--live'])
    expect({ exitCode, stdout: stdout.replaceAll(/\s+/g, ' ') }).toEqual({
      exitCode: 2,
      stdout: expect.stringMatching(
        /app: no live statement was tried: this proves nothing\. .*Plan with the URL of a server to which applications send statements, or name one in `throttle\.replicas`/,
      ),
    })
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /Statements have been counted on replica `b` only since [-0-9: ]+ UTC, less than the required seven days\. .*No application has sent a statement to this database/,
    )
    // It is not what was asked first: what would run is shown all the same.
    expect(stdout).toContain('DROP COLUMN born')
    await send(stage, servers.source.url, "SELECT name FROM users WHERE nick = 'a'")
    expect(await plan(stage, 0, 'ALTER TABLE users DROP COLUMN born;')).toMatchObject({ tried: 1, broken: [] })
  })

  test('passes where all that a migration changes is made by it', async () => {
    const stage = await start()
    const made = 'CREATE TABLE fresh (id INT PRIMARY KEY);\nALTER TABLE fresh ADD COLUMN a INT;'
    expect(await plan(stage, 0, `${made}\nCREATE VIEW seen AS SELECT a FROM fresh;`)).toBeUndefined()
    expect(await plan(stage, 2, `${made}\nDROP TABLE others;`)).toMatchObject({ tables: ['others'], tried: 0 })
  })

  test('knows whether applications send statements to the database', async () => {
    const stage = await start()
    const unused = async (): Promise<boolean> => {
      const found = await plan(stage, 2, 'DROP TABLE others;')
      return (found?.unproven ?? []).some((why) => why.startsWith('No application has sent'))
    }
    expect(await unused()).toBe(true)
    await send(stage, servers.replica.url, 'SELECT name FROM users')
    expect(await unused()).toBe(false)
  })

  test('does not pass where a database had no trial, or a replica is not reached, whatever was tried beside', async () => {
    const stage = await openStage({
      url: servers.source.url,
      databases: ['app', 'shop'],
      files: { 'app/0001_tables.sql': migration(tables), 'shop/0001_tables.sql': migration(tables) },
    })
    expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
    await send(stage, servers.source.url, 'SELECT name FROM users')
    const add = migration('ALTER TABLE users ADD COLUMN age INT;')
    stage.write('app/0002_change.sql', add)
    expect(await planAll(stage, 0)).toMatchObject([{ database: 'app', tried: 1, unproven: [] }])
    stage.write('shop/0002_change.sql', add)
    expect(await planAll(stage, 2)).toMatchObject([
      { database: 'app', unproven: [] },
      { database: 'shop', tried: 0 },
    ])
    stage.remove('shop/0002_change.sql')
    const document: unknown = JSON.parse(readFileSync(join(stage.folder, 'wwdb.config.json'), 'utf8'))
    const replicas = { gone: { url: `mysql://root@127.0.0.1:${await freePort()}` } }
    stage.write('wwdb.config.json', JSON.stringify({ ...(document as object), throttle: { replicas } }))
    expect(await planAll(stage, 2)).toMatchObject([
      { tried: 1, unproven: [expect.stringMatching(/^Live statements were not looked at on replica `gone`: /)] },
    ])
    // What breaks is found all the same.
    stage.write('app/0002_change.sql', migration('ALTER TABLE users DROP COLUMN name;'))
    expect((await planAll(stage, 1))[0]?.broken).toHaveLength(1)
  })

  test('tries a prepared statement with values in place of its markers', async () => {
    const stage = await start()
    const connection = await createConnection({ uri: servers.source.url, database: stage.schema('app') })
    open.push(connection)
    await connection.execute('SELECT name FROM users WHERE nick = ? LIMIT 3', ['a'])
    const found = await plan(stage, version === '8.0' ? 2 : 1, 'ALTER TABLE users DROP COLUMN nick;')
    // MySQL 8.0.12 counts no execution of a prepared statement by its digest: then nothing was tried.
    expect(found?.broken.map(({ change }) => change)).toEqual(version === '8.0' ? [] : ['fails'])
  })
})
