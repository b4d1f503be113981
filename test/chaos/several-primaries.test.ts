import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { nameLock } from '../../src/mysql/lock.ts'
import { type GroupOfTwo, startGroupOfTwo } from '../helpers/mysql/group-of-two.ts'
import type { OwnServer } from '../helpers/servers/servers.ts'
import { migration, type Stage, withStages } from '../helpers/tool/stage.ts'
import { waitFor } from './support/database.ts'

const openStage = withStages()

const gate = 'CREATE TABLE gate (id INT PRIMARY KEY, passed INT NOT NULL); INSERT INTO gate VALUES (1, 0);'
const pass = migration('UPDATE gate SET passed = passed + 1 WHERE id = 1;')
const make = migration('CREATE TABLE made (id INT PRIMARY KEY);\nINSERT INTO made VALUES (1);')

const template =
  '-- wwdb:period month\n-- wwdb:name notes_{YYYYMM}\n-- wwdb:late 0 days\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY) ENGINE=InnoDB;\n'

/** What both members hold does not differ, and no lock of one is known to the other. */
describe('runs through both primaries of a group', () => {
  let group: GroupOfTwo
  const open: Connection[] = []

  beforeAll(async () => {
    group = await startGroupOfTwo({ primaries: 'several' })
  }, 240_000)
  afterEach(() => {
    for (const connection of open.splice(0)) connection.destroy()
  })
  afterAll(() => group?.stop())

  async function connect(server: OwnServer, stage: Stage): Promise<Connection> {
    const connection = await createConnection({ uri: server.url, database: stage.schema('app'), rowsAsArray: true })
    open.push(connection)
    return connection
  }

  async function ask(connection: Connection, sql: string): Promise<readonly (readonly unknown[])[]> {
    return (await connection.query<RowDataPacket[][]>(sql))[0] as unknown as readonly (readonly unknown[])[]
  }

  /** A project whose first file is applied, with connections to both members. */
  async function start(...later: readonly string[]) {
    const stage = await openStage({ url: group.primary.url, files: { 'app/0001_gate.sql': migration(gate) } })
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    await group.catchUp()
    later.forEach((text, index) => {
      stage.write(`app/000${index + 2}_later.sql`, text)
    })
    return { stage, here: await connect(group.primary, stage), there: await connect(group.secondary, stage) }
  }

  const through = (server: OwnServer, ...args: readonly string[]): readonly string[] => [
    ...args,
    '--url',
    server.url,
    '--no-color',
  ]

  test('ten started at once, five through each, apply each statement once', async () => {
    const { stage, here, there } = await start(pass, make)
    for (const one of [here, there]) await one.query('START TRANSACTION')
    for (const one of [here, there]) await one.query('SELECT * FROM gate WHERE id = 1 FOR UPDATE')
    const tools = Array.from({ length: 10 }, (_, index) =>
      stage.start(through(index % 2 === 0 ? group.primary : group.secondary, 'migrate', '--json')),
    )
    const [watchHere, watchThere] = [await connect(group.primary, stage), await connect(group.secondary, stage)]
    await waitFor('nine runs to wait for the tenth', async () => {
      const waiting = "SELECT ID FROM information_schema.PROCESSLIST WHERE STATE = 'User lock'"
      return (await ask(watchHere, waiting)).length + (await ask(watchThere, waiting)).length === 9
    })
    for (const one of [here, there]) await one.query('COMMIT')
    const runs = await Promise.all(tools.map((tool) => tool.ended))
    expect(runs.filter((run) => run.exitCode !== 0)).toEqual([])
    const states = runs.map((run) => /"state":"(done|nothing-to-do)"/.exec(run.stdout)?.[1]).sort()
    expect(states).toEqual(['done', ...Array.from({ length: 9 }, () => 'nothing-to-do')])
    await group.catchUp()
    for (const one of [watchHere, watchThere]) {
      expect(await ask(one, 'SELECT passed FROM gate')).toEqual([[1]])
      const rows = 'SELECT version, statement, state FROM wwdb_journal WHERE pass > 1 ORDER BY pass, statement'
      expect((await ask(one, rows)).map((row) => row.join(' '))).toEqual([
        '0002 0 closed',
        '0003 0 closed',
        '0003 1 closed',
      ])
    }
  })

  test('a statement that a killed run left at one member keeps runs through the other waiting', async () => {
    const { stage, here } = await start(pass)
    await here.query('START TRANSACTION')
    await here.query('SELECT * FROM gate WHERE id = 1 FOR UPDATE')
    const watch = await connect(group.primary, stage)
    const waits = async (): Promise<boolean> =>
      (await ask(watch, "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'UPDATE gate%'")).length > 0
    const killed = stage.start(through(group.primary, 'migrate'))
    await waitFor('the UPDATE to wait', waits)
    // While it lives, it runs for who asks the other member, which has the row and not its connection.
    await group.catchUp()
    for (const server of [group.primary, group.secondary]) {
      const history = await stage.run(through(server, 'history', '--json'))
      expect(history.stdout).toContain('"outcome":"running"')
      expect(history.stdout).not.toContain('"outcome":"stopped"')
    }
    killed.child.kill('SIGKILL')
    await killed.ended
    const refused = await stage.run(through(group.secondary, 'migrate', '--lock-timeout', '1s'))
    expect(refused.exitCode).toBe(75)
    expect(refused.stderr).toContain(`127.0.0.1:${group.primary.port}`)
    expect(await waits()).toBe(true)
    const waiting = stage.start(through(group.secondary, 'migrate'))
    await waiting.says('stderr', 'waits for the lock')
    for (const server of [group.primary, group.secondary])
      expect((await stage.run(through(server, 'lock', 'status'))).stdout).toContain('UPDATE gate')
    await here.query('COMMIT')
    expect(await waiting.ended).toMatchObject({ exitCode: 0 })
    await group.catchUp()
    expect(await ask(watch, 'SELECT passed FROM gate')).toEqual([[1]])
  })

  test('a lock of which the connection is lost is taken again', async () => {
    const { stage, here, there } = await start(pass)
    const lock = `SELECT IS_USED_LOCK('${nameLock(stage.schema('app'))}')`
    await here.query('START TRANSACTION')
    await here.query('SELECT * FROM gate WHERE id = 1 FOR UPDATE')
    const running = stage.start(through(group.primary, 'migrate'))
    const holder = async (): Promise<unknown> => (await ask(there, lock))[0]?.[0] ?? null
    const watch = await connect(group.primary, stage)
    await waitFor('the UPDATE to wait', async () => {
      const waiting = "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'UPDATE gate%'"
      return (await ask(watch, waiting)).length > 0
    })
    const first = await holder()
    await there.query(`KILL ${Number(first)}`)
    await waitFor('the lock to be held there again', async () => {
      const now = await holder()
      return now !== null && now !== first
    })
    await here.query('COMMIT')
    expect(await running.ended).toMatchObject({ exitCode: 0 })
    expect(await holder()).toBeNull()
  })

  test.each(['migrate', 'rotate run'])(
    '`%s` waits for a lock that is held at the other member alone',
    async (command) => {
      const { stage, there } = await start(pass)
      stage.write('shard-templates/app/notes.sql', template)
      await there.query('SELECT GET_LOCK(?, 0)', [nameLock(stage.schema('app'))])
      const args = [...command.split(' '), '--lock-timeout', '0']
      const refused = await stage.run(through(group.primary, ...args))
      expect(refused).toMatchObject({ exitCode: 75 })
      await there.query('SELECT RELEASE_ALL_LOCKS()')
      expect(await stage.run(through(group.primary, ...args))).toMatchObject({ exitCode: 0 })
    },
  )

  test('each member shows the lock, and releases it whole', async () => {
    const { stage, here } = await start(pass)
    await here.query('START TRANSACTION')
    await here.query('SELECT * FROM gate WHERE id = 1 FOR UPDATE')
    const running = stage.start(through(group.primary, 'migrate'))
    const shown = async (server: OwnServer): Promise<boolean> =>
      (await stage.run(through(server, 'lock', 'status'))).stdout.includes('held')
    await waitFor('the lock to be held on both', async () => (await shown(group.primary)) && shown(group.secondary))
    const released = await stage.run(through(group.secondary, 'lock', 'release', '-t', 'app', '--confirm', 'app'))
    expect(released.stdout).toContain('free')
    await here.query('COMMIT')
    expect((await running.ended).exitCode).not.toBe(0)
    expect([await shown(group.primary), await shown(group.secondary)]).toEqual([false, false])
    expect(await stage.run(through(group.secondary, 'migrate'))).toMatchObject({ exitCode: 0 })
    await group.catchUp()
    expect(await ask(await connect(group.primary, stage), 'SELECT passed FROM gate')).toEqual([[1]])
  })

  test('a member that leaves the group during a run does not stop it', async () => {
    const { stage, here } = await start(pass)
    await here.query('START TRANSACTION')
    await here.query('SELECT * FROM gate WHERE id = 1 FOR UPDATE')
    const watch = await connect(group.primary, stage)
    const running = stage.start(through(group.primary, 'migrate'))
    await waitFor('the UPDATE to wait', async () => {
      const waiting = "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'UPDATE gate%'"
      return (await ask(watch, waiting)).length > 0
    })
    // In good order: of two members, one that is killed takes the majority with it.
    await (await connect(group.secondary, stage)).query('STOP GROUP_REPLICATION')
    await group.secondary.stop()
    await here.query('COMMIT')
    expect((await running.ended).exitCode).toBe(0)
    expect(await ask(watch, 'SELECT passed FROM gate')).toEqual([[1]])
  })
})

describe('a member that left before the other had applied its changes', () => {
  let group: GroupOfTwo
  const open: Connection[] = []

  beforeAll(async () => {
    group = await startGroupOfTwo({ primaries: 'several' })
  }, 240_000)
  afterAll(async () => {
    for (const connection of open) connection.destroy()
    await group?.stop()
  })

  test('has them applied before a run through the other reads its journal', async () => {
    const stage = await openStage({ url: group.primary.url, files: { 'app/0001_gate.sql': migration(gate) } })
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    await group.catchUp()
    stage.write('app/0002_more.sql', migration('ALTER TABLE gate ADD COLUMN more INT;'))
    const connect = async (server: OwnServer): Promise<Connection> => {
      const connection = await createConnection({ uri: server.url, database: stage.schema('app'), rowsAsArray: true })
      open.push(connection)
      return connection
    }
    // Keeps the other member from applying the ALTER.
    const reader = await connect(group.secondary)
    await reader.query('START TRANSACTION')
    await reader.query('SELECT * FROM gate')
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    await (await connect(group.primary)).query('STOP GROUP_REPLICATION')
    const running = stage.start(['migrate', '--url', group.secondary.url, '--no-color'])
    const watch = await connect(group.secondary)
    await waitFor('the run to wait for what was received', async () => {
      const waiting =
        "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%WAIT_FOR_EXECUTED_GTID_SET%' AND ID<>CONNECTION_ID()"
      return ((await watch.query(waiting))[0] as readonly unknown[]).length > 0
    })
    await reader.query('COMMIT')
    const ended = await running.ended
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    const [columns] = await watch.query(
      "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=DATABASE() AND COLUMN_NAME='more'",
    )
    expect(columns).toEqual([[1]])
  })
})
