import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Replication, startReplication } from '../../helpers/mysql/replica.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

interface Thing {
  readonly name: string
  readonly state: string
  readonly notes: readonly string[]
}

const tables = `CREATE TABLE users (id INT PRIMARY KEY, nick VARCHAR(20), KEY by_nick (nick));
INSERT INTO users VALUES (1, 'a'), (2, 'b');
CREATE TABLE old_users (id INT PRIMARY KEY, n INT);
INSERT INTO old_users VALUES (1, 1);`

describe.each(['9.7', '8.0'] as const)(
  'a server of MySQL %s that is restarted while something is retired',
  (version) => {
    let servers: Replication
    let open: Connection[] = []

    beforeAll(async () => {
      servers = await startReplication(version)
    })

    afterAll(() => servers.stop())

    afterEach(async () => {
      for (const connection of open) connection.destroy()
      open = []
    })

    async function start(): Promise<Stage> {
      const stage = await openStage({
        url: servers.source.url,
        files: { 'app/0001_tables.sql': migration(tables) },
        configuration: { throttle: { replicas: { b: { url: servers.replica.url } } } },
      })
      await migrate(stage)
      stage.write(
        'app/0002_retire.sql',
        migration('-- wwdb:retire 0\nDROP INDEX by_nick ON users;\n-- wwdb:retire 0\nDROP TABLE old_users;'),
      )
      await migrate(stage)
      return stage
    }

    async function migrate(stage: Stage): Promise<void> {
      const ended = await stage.run(['migrate', '--yes'])
      expect(ended.exitCode, ended.stderr).toBe(0)
      await servers.catchUp()
    }

    async function retire(stage: Stage, what: 'run' | 'list'): Promise<readonly Thing[]> {
      await servers.catchUp()
      const { answer, exitCode } = await stage.json(['retire', what])
      expect(exitCode, JSON.stringify(answer)).toBe(0)
      return (answer as unknown as { readonly things: readonly Thing[] }).things
    }

    async function use(stage: Stage, url: string): Promise<void> {
      const connection = await createConnection({ uri: url, database: stage.schema('app') })
      open.push(connection)
      await connection.query(
        "SELECT /*+ SET_VAR(optimizer_switch='use_invisible_indexes=on') */ nick FROM users WHERE nick = 'a'",
      )
      await connection.query('SELECT n FROM old_users').catch(() => undefined)
    }

    async function readUptime(url: string): Promise<number> {
      const connection = await createConnection({ uri: url })
      const [[row]] = await connection.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Uptime'")
      await connection.end()
      return Number(row?.['Value'])
    }

    test.each([
      ['replica', 'Replica `b`'],
      ['source', 'The primary'],
    ] as const)('proves nothing of the time before: the %s', async (which, place) => {
      const stage = await start()
      await use(stage, servers[which].url)
      // The uses are forgotten with the counters.
      await servers[which].restart()
      // The replica would wait a minute before it asks the source again.
      if (which === 'source') await servers.onReplica('STOP REPLICA', 'START REPLICA')
      // A server says in whole seconds how long it runs: what begins within its first one may lie before its start.
      await expect.poll(() => readUptime(servers[which].url), { timeout: 30_000 }).toBeGreaterThanOrEqual(3)
      const expected = ['users.by_nick', 'old_users'].map((name) => ({
        ...{ name, state: 'unproven' },
        notes: [expect.stringMatching(new RegExp(`^${place} is watched from now on: it counts since `))],
      }))
      expect(await retire(stage, 'list')).toMatchObject(expected)
      expect(await retire(stage, 'run')).toMatchObject(expected)
      // Both are there still.
      expect(await retire(stage, 'list')).toHaveLength(2)
      await use(stage, servers[which].url)
      expect(await retire(stage, 'run')).toMatchObject([{ state: 'used' }, { state: 'used' }])
      expect(await retire(stage, 'run')).toMatchObject([{ state: 'dropped' }, { state: 'dropped' }])
    })
  },
)
