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
  readonly notes: readonly string[]
  readonly fault: { readonly why: string } | null
}

const tables = `CREATE TABLE users (id INT PRIMARY KEY, nick VARCHAR(20), name VARCHAR(20) NOT NULL, KEY by_nick (nick));
INSERT INTO users VALUES (1, 'a', 'Ann'), (2, 'b', 'Bob');
CREATE TABLE old_users (id INT PRIMARY KEY, n INT);
CREATE TABLE notes (id INT PRIMARY KEY, n INT, KEY by_n (n));`

describe.each(versionsInTurn(import.meta.url))('what is in doubt on MySQL %s', (version) => {
  let servers: Replication
  const open: Connection[] = []

  beforeAll(async () => {
    servers = await startReplication(version)
  })

  afterAll(async () => {
    await Promise.all(open.map((connection) => connection.end()))
    await servers.stop()
  })

  const configured = (stage: Stage, replica: string): string =>
    JSON.stringify({
      ...{ url: servers.source.url, prefix: stage.prefix, databases: { app: {} } },
      throttle: { replicas: { b: { url: replica } } },
    })

  async function start(up: string): Promise<Stage> {
    const stage = await openStage({ url: servers.source.url, files: { 'app/0001_tables.sql': migration(tables) } })
    stage.write('wwdb.config.json', configured(stage, servers.replica.url))
    await migrate(stage)
    stage.write('app/0002_retire.sql', migration(up))
    await migrate(stage)
    return stage
  }

  async function migrate(stage: Stage): Promise<void> {
    const ended = await stage.run(['migrate', '--yes'])
    expect(ended.exitCode, ended.stderr).toBe(0)
    await servers.catchUp()
  }

  async function retire(stage: Stage, what: 'run' | 'list' = 'run', exitCode = 0): Promise<readonly Thing[]> {
    await servers.catchUp()
    const { answer, ...ended } = await stage.json(['retire', what])
    expect(ended.exitCode, JSON.stringify(answer)).toBe(exitCode)
    await servers.catchUp()
    return (answer as unknown as { readonly things: readonly Thing[] }).things
  }

  async function send(stage: Stage, ...texts: readonly string[]): Promise<void> {
    const connection = await createConnection({ uri: servers.source.url, database: stage.schema('app') })
    open.push(connection)
    for (const text of texts) await connection.query(text)
  }

  /** Tables say in whole seconds when they were made. */
  const untilNextSecond = (stage: Stage): Promise<void> => send(stage, 'DO SLEEP(1.01 - MICROSECOND(NOW(6)) / 1000000)')

  const bringsUse =
    "SELECT /*+ SET_VAR(optimizer_switch='use_invisible_indexes=on') */ nick FROM users WHERE nick = 'a'"

  test('one drop that fails stops no other, and the exit code says so', async () => {
    const stage = await start(
      '-- wwdb:retire 0\nALTER TABLE users DROP COLUMN nick;\n-- wwdb:retire 0\nDROP TABLE old_users;\n-- wwdb:retire 0\nDROP INDEX by_n ON notes;',
    )
    await send(stage, "ALTER TABLE users ADD COLUMN shown VARCHAR(21) AS (CONCAT(nick, '!'))")
    const [column, ...others] = await retire(stage, 'run', 2)
    expect(column).toMatchObject({ name: 'users.nick', state: 'failed' })
    expect(column?.fault?.why).toContain("Column 'nick' has a generated column dependency")
    expect(others).toMatchObject([
      { name: 'old_users', state: 'dropped' },
      { name: 'notes.by_n', state: 'dropped' },
    ])
    const { stdout, exitCode } = await stage.run(['retire', 'run'])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: expect.stringContaining('1 drop failed') })
    await send(stage, 'ALTER TABLE users DROP COLUMN shown')
    expect(await retire(stage)).toMatchObject([{ name: 'users.nick', state: 'dropped', fault: null }])
  })

  test.each([
    ['changed', 'ALTER TABLE users ADD KEY by_both (name, nick)'],
    ['renamed', 'RENAME TABLE users TO away, away TO users'],
  ])('the counters of a table that was %s prove nothing', async (what, text) => {
    const stage = await start('-- wwdb:retire 0\nDROP INDEX by_nick ON users;')
    await untilNextSecond(stage)
    await send(stage, bringsUse, text)
    const [{ state, notes = [] } = {}] = await retire(stage)
    expect({ state, notes }).toEqual({
      state: 'unproven',
      notes: expect.arrayContaining([expect.stringContaining(`its table was ${what} at `)]),
    })
    expect(await retire(stage)).toMatchObject([{ state: 'dropped' }])
  })

  test('another server of the same name proves nothing of the one before', async () => {
    const stage = await start('-- wwdb:retire 0\nDROP INDEX by_nick ON users;')
    stage.write('wwdb.config.json', configured(stage, servers.source.url))
    const [{ state, notes = [] } = {}] = await retire(stage)
    expect({ state, notes }).toEqual({
      state: 'unproven',
      notes: [
        'Replica `b` is another server than the one that was watched: all are watched from now on.',
        '1 connection read the binary log of the primary, and `throttle.replicas` names 0: the others were not looked at.',
        '1 connection read the binary log of replica `b`, and `throttle.replicas` names 0: the others were not looked at.',
      ],
    })
    stage.write('wwdb.config.json', configured(stage, servers.replica.url))
    expect(await retire(stage)).toMatchObject([
      { state: 'unproven', notes: ['Replica `b` is watched from now on: it was not watched before.'] },
    ])
    expect(await retire(stage)).toMatchObject([{ state: 'dropped' }])
  })

  test('a column stays visible where statements are counted for less time than is asked about', async () => {
    const stage = await start('-- wwdb:retire 2 days\nALTER TABLE users DROP COLUMN nick;')
    const [{ isHidden, notes = [] } = {}] = await retire(stage, 'list')
    expect(isHidden).toBe(false)
    expect(notes[0]).toMatch(
      version === '8.0'
        ? /has no invisible columns/
        : /^It stays visible: the primary counts statements since .* UTC, which proves nothing of the time before\.$/,
    )
  })
})
