import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Replication, startReplication } from '../../helpers/mysql/replica.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

interface Thing {
  readonly name: string
  readonly state: string
  readonly isHidden: boolean
  readonly hold: string
  readonly uses: readonly { readonly server: string; readonly what: string }[]
  readonly notes: readonly string[]
  readonly proof: string | null
}

const tables = `CREATE TABLE users (id INT PRIMARY KEY, nick VARCHAR(20), name VARCHAR(20) NOT NULL, KEY by_nick (nick), KEY by_name (name));
INSERT INTO users VALUES (1, 'a', 'Ann'), (2, 'b', 'Bob');
CREATE TABLE old_users (id INT PRIMARY KEY, n INT);
INSERT INTO old_users VALUES (1, 1), (2, 2), (3, 3);`

describe.each(versionsInTurn(import.meta.url))('what is retired on MySQL %s', (version) => {
  let servers: Replication
  const open: Connection[] = []

  beforeAll(async () => {
    servers = await startReplication(version)
  })

  afterAll(async () => {
    await Promise.all(open.map((connection) => connection.end()))
    await servers.stop()
  })

  async function start(up: string, down?: string): Promise<Stage> {
    const stage = await openStage({
      url: servers.source.url,
      files: { 'app/0001_tables.sql': migration(tables) },
      configuration: { throttle: { replicas: { b: { url: servers.replica.url } } } },
    })
    await run(stage, 0, 'migrate', '--yes')
    stage.write('app/0002_retire.sql', migration(up, down))
    return stage
  }

  async function run(stage: Stage, exitCode: number, ...args: readonly string[]): Promise<string> {
    await servers.catchUp()
    const ended = await stage.run(args)
    expect(ended.exitCode, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`).toBe(exitCode)
    await servers.catchUp()
    return (ended.stdout + ended.stderr).replaceAll(/\s+/g, ' ')
  }

  async function things(stage: Stage, ...args: readonly string[]): Promise<readonly Thing[]> {
    await servers.catchUp()
    const ended = await stage.json(args)
    const { answer } = ended
    if (!('things' in answer)) throw new Error(JSON.stringify(ended))
    const found = (answer as unknown as { readonly things: readonly Thing[] }).things
    return found
  }

  async function use(stage: Stage, url: string, text: string): Promise<void> {
    const connection = await createConnection({ uri: url, database: stage.schema('app') })
    open.push(connection)
    await connection.query(text)
  }

  const isVisible = async (stage: Stage, index: string): Promise<unknown> =>
    (
      await stage.query(
        `SELECT IS_VISIBLE FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND INDEX_NAME = '${index}'`,
      )
    )[0]?.[0]

  test('an index becomes invisible, and is dropped with a proof in the journal', async () => {
    const stage = await start('-- wwdb:retire 0\nDROP INDEX by_nick ON users;')
    expect(await run(stage, 0, 'migrate', '--yes')).toContain('hid `users.by_nick`')
    expect(await isVisible(stage, 'by_nick')).toBe('NO')
    await run(stage, 0, 'drift')
    await run(stage, 0, 'drift', '--replay')
    expect(await things(stage, 'retire', 'list')).toMatchObject([{ name: 'users.by_nick', state: 'unused', uses: [] }])
    expect(await things(stage, 'retire', 'run', '--dry-run')).toMatchObject([{ state: 'unused' }])
    expect(await isVisible(stage, 'by_nick')).toBe('NO')
    expect(await things(stage, 'retire', 'run')).toMatchObject([{ name: 'users.by_nick', state: 'dropped' }])
    expect(await isVisible(stage, 'by_nick')).toBeUndefined()
    expect(await stage.query("SELECT JSON_UNQUOTE(JSON_EXTRACT(details, '$.proof')) FROM wwdb_retired")).toEqual([
      [
        expect.stringMatching(
          /^users.by_nick unused: no statement and no counter on the primary since .* and replica b since /,
        ),
      ],
    ])
    expect(await run(stage, 0, 'retire', 'list')).toContain('Nothing is retired.')
    await run(stage, 0, 'drift')
    expect(await run(stage, 0, 'status')).toContain('0 pending')
  })

  test('a table is held with its rows, dropped, and nothing else is', async () => {
    const stage = await start('-- wwdb:retire 0\nDROP TABLE old_users;')
    expect(await run(stage, 0, 'migrate', '--yes')).toContain('put aside `old_users`')
    const [{ hold = '' } = {}] = await things(stage, 'retire', 'list')
    expect(await stage.tables()).toEqual([hold, 'users', 'wwdb_retired'])
    await run(stage, 0, 'drift')
    expect(await run(stage, 0, 'held')).toContain('old_users of app')
    expect(await run(stage, 0, 'held', '--drop', '--yes')).toContain('on hold')
    expect(await stage.tables()).toContain(hold)
    expect(await things(stage, 'retire', 'run')).toMatchObject([{ name: 'old_users', state: 'dropped' }])
    expect(await stage.tables()).toEqual(['users', 'wwdb_retired'])
    await run(stage, 0, 'drift')
  })

  test('a table that a statement still names stays, by its old name or its hold name', async () => {
    const stage = await start('-- wwdb:retire 0\nDROP TABLE old_users;')
    await run(stage, 0, 'migrate', '--yes')
    await use(stage, servers.replica.url, 'SELECT n FROM old_users').catch(() => undefined)
    expect(await things(stage, 'retire', 'run')).toMatchObject([
      { state: 'used', uses: [{ server: 'b', what: 'SELECT `n` FROM `old_users`' }] },
    ])
    const [{ hold = '' } = {}] = await things(stage, 'retire', 'list')
    await use(stage, servers.replica.url, `SELECT * FROM ${hold}`)
    const [{ state, uses } = {}] = await things(stage, 'retire', 'run')
    expect({ state, servers: uses?.map(({ server }) => server) }).toEqual({ state: 'used', servers: ['b', 'b'] })
    expect(await things(stage, 'retire', 'run')).toMatchObject([{ state: 'dropped' }])
  })

  test('what only a replica uses is not dropped', async () => {
    const stage = await start('-- wwdb:retire 0\nDROP INDEX by_nick ON users;')
    await run(stage, 0, 'migrate', '--yes')
    await use(stage, servers.replica.url, "SELECT id FROM users FORCE INDEX (by_nick) WHERE nick > 'a'").catch(
      () => undefined,
    )
    expect(await things(stage, 'retire', 'run')).toMatchObject([{ state: 'used', uses: [{ server: 'b' }] }])
    expect(await isVisible(stage, 'by_nick')).toBe('NO')
    await use(
      stage,
      servers.replica.url,
      "SELECT /*+ SET_VAR(optimizer_switch='use_invisible_indexes=on') */ nick FROM users WHERE nick = 'a'",
    )
    expect(await things(stage, 'retire', 'run')).toMatchObject([
      { state: 'used', uses: [{ server: 'b', what: expect.stringContaining('read by the index by_nick') }] },
    ])
    expect(await things(stage, 'retire', 'run')).toMatchObject([{ state: 'dropped' }])
  })

  test('an undo puts an index, a table and a column back, and leaves the migration pending', async () => {
    const stage = await start(
      '-- wwdb:retire 0\nDROP INDEX by_nick ON users;\n-- wwdb:retire 0\nDROP TABLE old_users;\n-- wwdb:retire 0\nALTER TABLE users DROP COLUMN nick;',
    )
    for (const undone of ['users.by_nick', 'old_users', 'users.nick']) {
      await run(stage, 0, 'migrate', '--yes')
      expect(await things(stage, 'retire', 'list')).toHaveLength(3)
      await run(stage, 0, 'retire', 'undo', undone, '--yes')
      expect(await isVisible(stage, 'by_nick')).toBe('YES')
      expect(await stage.query('SELECT * FROM old_users')).toHaveLength(3)
      expect((await stage.query('SELECT * FROM users'))[0]).toHaveLength(3)
      await run(stage, 0, 'drift')
      expect(await run(stage, 0, 'status')).toContain('1 pending')
      expect(await things(stage, 'retire', 'list')).toEqual([])
    }
  })

  test('a rollback puts back what its down part would create again', async () => {
    const stage = await start(
      'ALTER TABLE users ADD COLUMN age INT;\n-- wwdb:retire 0\nDROP TABLE old_users;',
      'CREATE TABLE old_users (id INT PRIMARY KEY, n INT);\nALTER TABLE users DROP COLUMN age;',
    )
    await run(stage, 0, 'migrate', '--yes')
    await run(stage, 0, 'rollback', '--yes')
    expect(await stage.query('SELECT * FROM old_users')).toHaveLength(3)
    await run(stage, 0, 'drift')
    stage.write(
      'app/0002_retire.sql',
      migration('ALTER TABLE users ADD COLUMN age INT;\n-- wwdb:retire 0\nDROP TABLE old_users;', 'SELECT 1;'),
    )
    await run(stage, 0, 'migrate', '--yes')
    expect(await run(stage, 2, 'rollback', '--yes')).toContain('no statement of its down part creates only that')
  })

  const columns = async (stage: Stage): Promise<unknown> =>
    (
      await stage.query(
        "SELECT GROUP_CONCAT(CONCAT(COLUMN_NAME, IF(EXTRA LIKE '%INVISIBLE%', '-', '')) ORDER BY ORDINAL_POSITION) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'users'",
      )
    )[0]?.[0]

  test('a column becomes invisible, and whoever names it keeps it', async () => {
    const stage = await start('-- wwdb:retire 0\nALTER TABLE users DROP COLUMN nick;')
    const made = await run(stage, 0, 'migrate', '--yes')
    if (version === '8.0') {
      expect(made).toContain('It stays visible: MySQL 8.0.12 has no invisible columns.')
      expect(await columns(stage)).toBe('id,nick,name')
      expect(await run(stage, 0, 'retire', 'undo', 'users.nick', '--yes')).not.toContain('refuse')
      await run(stage, 0, 'migrate', '--yes')
      expect(await run(stage, 0, 'rollback', '--yes')).not.toContain('refuse')
      await run(stage, 0, 'migrate', '--yes')
    } else {
      expect(await columns(stage)).toBe('id,nick-,name')
      await run(stage, 0, 'drift', '--replay')
      await use(stage, servers.source.url, 'SELECT * FROM users')
      expect(await things(stage, 'retire', 'list')).toMatchObject([{ state: 'unused' }])
    }
    await use(stage, servers.replica.url, 'SELECT id FROM users WHERE nick IS NULL')
    expect(await things(stage, 'retire', 'run')).toMatchObject([{ state: 'used', uses: [{ server: 'b' }] }])
    expect(await things(stage, 'retire', 'run')).toMatchObject([{ state: 'dropped', name: 'users.nick' }])
    expect(await columns(stage)).toBe('id,name')
  })

  test('a column that statements read with all others stays visible', async () => {
    const stage = await start('-- wwdb:retire 0\nALTER TABLE users DROP COLUMN nick;')
    await use(stage, servers.source.url, 'SELECT * FROM users')
    expect(await run(stage, 0, 'migrate', '--yes')).toContain(
      version === '8.0'
        ? 'It stays visible'
        : 'It stays visible: 1 live statement on the primary read or write all columns.',
    )
    expect(await columns(stage)).toBe('id,nick,name')
    await use(stage, servers.replica.url, 'SELECT * FROM users')
    expect(await things(stage, 'retire', 'run')).toMatchObject([{ state: 'used', isHidden: false }])
  })

  test('counters that were emptied, or switched, prove nothing until the grace has passed again', async () => {
    const stage = await start('-- wwdb:retire 0\nDROP INDEX by_nick ON users;')
    await run(stage, 0, 'migrate', '--yes')
    for (const text of [
      'TRUNCATE TABLE performance_schema.table_io_waits_summary_by_index_usage',
      'TRUNCATE TABLE performance_schema.events_statements_summary_by_digest',
      "UPDATE performance_schema.setup_instruments SET ENABLED = 'YES' WHERE NAME = 'wait/io/table/sql/handler'",
    ]) {
      await use(stage, servers.replica.url, text)
      const [{ state, notes = [] } = {}] = await things(stage, 'retire', 'run')
      expect({ text, state, notes }).toEqual({
        ...{ text, state: 'unproven' },
        notes: [expect.stringMatching(/^Replica `b` is watched from now on: it/)],
      })
    }
    expect(await isVisible(stage, 'by_nick')).toBe('NO')
    expect(await things(stage, 'retire', 'run')).toMatchObject([{ state: 'dropped' }])
  })

  test('a run that was killed at any step is completed by the next', async () => {
    const stage = await start('-- wwdb:retire 0\nDROP TABLE old_users;')
    await run(stage, 0, 'migrate', '--yes')
    await stage.query(
      "UPDATE wwdb_retired SET state = 'hiding', details = JSON_SET(details, '$.baselines', JSON_OBJECT())",
    )
    expect(await things(stage, 'retire', 'run')).toMatchObject([{ state: 'unproven' }])
    await stage.query("UPDATE wwdb_retired SET state = 'dropping'")
    expect(await things(stage, 'retire', 'list')).toMatchObject([{ state: 'unused', notes: [] }])
    const [{ hold = '' } = {}] = await things(stage, 'retire', 'list')
    await stage.query("UPDATE wwdb_retired SET state = 'dropping'")
    await stage.query(`DROP TABLE ${hold}`)
    expect(await things(stage, 'retire', 'run')).toEqual([])
    expect(await stage.query('SELECT state FROM wwdb_retired')).toEqual([['dropped']])
  })

  test('what somebody made visible by hand is not dropped', async () => {
    const stage = await start('-- wwdb:retire 0\nDROP INDEX by_nick ON users;')
    await run(stage, 0, 'migrate', '--yes')
    await stage.query('ALTER TABLE users ALTER INDEX by_nick VISIBLE')
    expect(await things(stage, 'retire', 'run')).toEqual([])
    expect(await isVisible(stage, 'by_nick')).toBe('YES')
    expect(await stage.query('SELECT state FROM wwdb_retired')).toEqual([['undone']])
  })

  test('one is dropped without proof only by its name', async () => {
    const stage = await start('-- wwdb:retire 14 days\nDROP INDEX by_nick ON users;')
    await run(stage, 0, 'migrate', '--yes')
    expect(await things(stage, 'retire', 'run')).toMatchObject([{ state: 'waiting' }])
    await run(stage, 64, 'retire', 'run', '--anyway')
    const args = ['retire', 'run', '--only', 'users.by_nick', '--anyway']
    expect(await run(stage, 2, ...args, '--yes')).toContain('--confirm users.by_nick')
    expect(await run(stage, 0, ...args, '--confirm', 'users.by_nick')).toContain('dropped without proof')
  })

  test('a table that somebody dropped by hand is created by the down part, and not said to be put back', async () => {
    const down = 'CREATE TABLE old_users (id INT PRIMARY KEY, n INT);'
    const stage = await start('-- wwdb:retire\nDROP TABLE old_users;', down)
    await run(stage, 0, 'migrate', '--yes')
    const [{ hold = '' } = {}] = await things(stage, 'retire', 'list')
    await stage.query(`DROP TABLE ${hold}`)
    expect(await run(stage, 0, 'rollback', '--yes')).not.toContain('put back')
    expect(await stage.query('SELECT * FROM old_users')).toEqual([])
  })

  test('an index that has the name of its column is put back with it', async () => {
    const stage = await start(
      'CREATE INDEX nick ON users (nick);\n-- wwdb:retire\nDROP INDEX nick ON users;\n-- wwdb:retire\nALTER TABLE users DROP COLUMN nick;',
      'ALTER TABLE users ADD COLUMN nick INT;\nCREATE INDEX nick ON users (nick);\nDROP INDEX nick ON users;',
    )
    await run(stage, 0, 'migrate', '--yes')
    await run(stage, 0, 'retire', 'undo', 'users.nick', '--yes')
    expect(await stage.query('SELECT nick FROM users ORDER BY id')).toEqual([['a'], ['b']])
    expect(await things(stage, 'retire', 'list')).toEqual([])
  })

  test('a view of a schema that the configuration does not name uses a column', async () => {
    const stage = await start('-- wwdb:retire 0\nALTER TABLE users DROP COLUMN nick;')
    const reports = `${stage.schema('app')}_reports`
    await stage.query(`CREATE DATABASE ${reports}`)
    await stage.query(`CREATE VIEW ${reports}.nicks AS SELECT id, nick FROM ${stage.schema('app')}.users`)
    await run(stage, 0, 'migrate', '--yes')
    expect(await things(stage, 'retire', 'run')).toMatchObject([
      { state: 'used', uses: [{ what: `view ${reports}.nicks` }] },
    ])
    await stage.query(`DROP DATABASE ${reports}`)
  })
})
