import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Reading } from '../../../src/operate/reading.ts'
import { query, type Replication, startReplication } from '../../helpers/mysql/replica.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

describe.each(versionsInTurn(import.meta.url))('wwdb throttle with MySQL %s', (version) => {
  let servers: Replication
  let project: Stage

  beforeAll(async () => {
    servers = await startReplication(version)
    project = await stage({
      url: servers.source.url,
      files: { 'app/0001_a.sql': tableMigration('a') },
      configuration: {
        throttle: {
          lag: '2s',
          threadsRunning: 500,
          historyLength: 1_000_000,
          checkpointAge: '99%',
          undo: '100GB',
          freeDisk: '1MB',
          replicas: { b: { url: servers.replica.url } },
          queries: { tasks: { sql: 'SELECT COUNT(*) FROM mysql.user', most: 1000 } },
        },
      },
    })
    expect(await project.run(['migrate', '--yes', '--throttle', 'off'])).toMatchObject({ exitCode: 0 })
    await servers.catchUp()
  })

  afterAll(() => servers.stop())

  async function read(
    ...flags: readonly string[]
  ): Promise<{ readonly exitCode: number; readonly of: Map<string, Reading> }> {
    const { answer, exitCode } = await project.json(['throttle', ...flags])
    const [server] = answer['servers'] as readonly { readonly readings: readonly Reading[] }[]
    return { exitCode: exitCode ?? -1, of: new Map((server?.readings ?? []).map((one) => [one.measure, one])) }
  }

  test('the command shows each reading beside its bound, and ends with 0 where none is over it', async () => {
    const { exitCode, of } = await read()
    expect(Object.fromEntries([...of].map(([measure, { bound }]) => [measure, bound]))).toEqual({
      lag: 2000,
      'threads-running': 500,
      'history-length': 1_000_000,
      'checkpoint-age': 99,
      undo: 100 * 1024 ** 3,
      'free-disk': 1024 ** 2,
      query: 1000,
    })
    for (const reading of of.values()) expect(reading, reading.measure).toMatchObject({ why: null })
    expect(of.get('lag')?.value).toBeLessThan(2000)
    expect(of.get('threads-running')?.value).toBeGreaterThan(0)
    expect(of.get('undo')?.value).toBeGreaterThan(1024 ** 2)
    expect(of.get('query')?.value).toBeGreaterThan(1)
    expect(exitCode).toBe(0)
    expect((await project.run(['throttle'])).stdout).toContain('Heavy work would go on.')
  })

  test('a flag is a bound for this time', async () => {
    const { exitCode, of } = await read('--max-threads', '1')
    expect(of.get('threads-running')?.bound).toBe(1)
    expect(exitCode).toBe((of.get('threads-running')?.value ?? 0) > 1 ? 1 : 0)
  })

  test('a replica whose applier is stopped counts as behind, however long ago it stopped', async () => {
    await servers.onReplica('STOP REPLICA SQL_THREAD')
    const { exitCode, of } = await read()
    const { stdout } = await project.run(['throttle'])
    await servers.onReplica('START REPLICA SQL_THREAD')
    expect(of.get('lag')).toMatchObject({ value: null, why: 'its applier is stopped' })
    expect(exitCode).toBe(1)
    expect(stdout).toContain('not known: its applier is stopped')
    expect(stdout).toContain('Heavy work would wait')
  })

  test('a replica that receives nothing counts as behind, though its applier has nothing to do', async () => {
    await servers.onReplica('STOP REPLICA IO_THREAD')
    const { exitCode, of } = await read()
    await servers.onReplica('START REPLICA IO_THREAD')
    expect(of.get('lag')).toMatchObject({ value: null, why: 'it receives nothing from its source' })
    expect(exitCode).toBe(1)
  })

  test('a delayed replica is as far behind as the transaction that waits is old', async () => {
    await servers.onReplica('STOP REPLICA', 'CHANGE REPLICATION SOURCE TO SOURCE_DELAY=3600', 'START REPLICA')
    await query(servers.source.url, 'CREATE DATABASE waits_here')
    await new Promise((resolve) => setTimeout(resolve, 4000))
    const { exitCode, of } = await read()
    await servers.onReplica('STOP REPLICA', 'CHANGE REPLICATION SOURCE TO SOURCE_DELAY=0', 'START REPLICA')
    await servers.catchUp()
    expect(of.get('lag')?.value).toBeGreaterThanOrEqual(2500)
    expect(of.get('lag')?.value).toBeLessThan(15_000)
    expect(exitCode).toBe(1)
    expect(await read()).toMatchObject({ exitCode: 0 })
  })

  test('a replica that cannot be reached, one that replicates from nobody and one that refuses the account count as behind', async () => {
    const replicas = {
      gone: { url: 'mysql://root@127.0.0.1:1' },
      alone: { url: servers.source.url },
      closed: { url: servers.replica.url.replace('root', 'nobody') },
    }
    project.write(
      'other.json',
      JSON.stringify({ url: servers.source.url, databases: { app: {} }, throttle: { lag: '5s', replicas } }),
    )
    const { answer, exitCode } = await project.json(['throttle', '--config', 'other.json'])
    const [server] = answer['servers'] as readonly { readonly readings: readonly Reading[] }[]
    const why = Object.fromEntries(
      (server?.readings ?? []).filter(({ measure }) => measure === 'lag').map((one) => [one.of, one.why]),
    )
    expect(why['gone']).toContain('it cannot be reached')
    expect(why['alone']).toBe('it replicates from no server')
    expect(why['closed']).toContain('it refuses the account')
    expect(exitCode).toBe(1)
  })

  test('a heartbeat decides where one is named; without a row the lag is not known', async () => {
    const { url } = servers.source
    await query(
      url,
      'CREATE DATABASE IF NOT EXISTS ops',
      'CREATE TABLE ops.heartbeat (ts VARCHAR(26) NOT NULL, server_id INT UNSIGNED PRIMARY KEY)',
    )
    await servers.catchUp()
    const flags = { environment: { WWDB_THROTTLE_HEARTBEAT: 'ops.heartbeat' } }
    const lag = async (): Promise<Reading | undefined> => {
      const { answer } = await project.json(['throttle'], flags)
      const [server] = answer['servers'] as readonly { readonly readings: readonly Reading[] }[]
      return server?.readings.find(({ measure }) => measure === 'lag')
    }
    expect(await lag()).toMatchObject({ value: null, why: '`ops.heartbeat` has no heartbeat' })
    await query(
      url,
      "INSERT INTO ops.heartbeat VALUES (DATE_FORMAT(UTC_TIMESTAMP(6) - INTERVAL 7 SECOND, '%Y-%m-%dT%H:%i:%s.%f'), 1)",
    )
    await servers.catchUp()
    const { value } = (await lag()) ?? { value: null }
    expect(value).toBeGreaterThanOrEqual(7000)
    expect(value).toBeLessThan(20_000)
    // As `pt-heartbeat` without `--utc` writes it in Shanghai: no lag would ever be seen.
    const local = "DATE_FORMAT(UTC_TIMESTAMP(6) + INTERVAL 8 HOUR - INTERVAL 7 SECOND, '%Y-%m-%dT%H:%i:%s.%f')"
    await query(url, `UPDATE ops.heartbeat SET ts = ${local}`)
    await servers.catchUp()
    expect(await lag()).toMatchObject({ value: null, why: expect.stringContaining('needs `--utc`') })
  })

  test('a bound of the lag without a replica whose lag could be read lets nothing through', async () => {
    project.write('alone.json', JSON.stringify({ url: servers.source.url, databases: { app: {} } }))
    const shown = await project.run(['throttle', '--max-lag', '5s', '--config', 'alone.json'])
    expect(shown.exitCode).toBe(1)
    expect(shown.stdout.replace(/\s+/g, ' ')).toContain('`throttle.replicas` names no replica')
  })

  test('a query that writes, or whose answer is no number, is not known', async () => {
    const queries = {
      writes: { sql: 'SELECT 1 INTO @a', most: 1 },
      text: { sql: "SELECT 'many'", most: 1 },
      slow: { sql: 'SELECT SLEEP(30) FROM mysql.user', most: 1 },
    }
    project.write(
      'other.json',
      JSON.stringify({ url: servers.source.url, databases: { app: {} }, throttle: { queries } }),
    )
    const { answer } = await project.json(['throttle', '--config', 'other.json'])
    const [server] = answer['servers'] as readonly { readonly readings: readonly Reading[] }[]
    const known = (server?.readings ?? [])
      .filter(({ measure }) => measure === 'query')
      .map((one) => [one.of, one.value])
    expect(Object.fromEntries(known)).toEqual({ writes: null, text: null, slow: null })
  })

  test('a run pauses before heavy work while the replica is stopped, goes on after it, and records why', async () => {
    await query(servers.source.url, `INSERT INTO \`${project.schema('app')}\`.a VALUES (1),(2)`)
    project.write('app/0002_b.sql', migration('ALTER TABLE a ADD COLUMN b INT;', 'ALTER TABLE a DROP COLUMN b;'))
    await servers.onReplica('STOP REPLICA SQL_THREAD')
    const going = project.run(['migrate', '--yes', '--no-probe'])
    await new Promise((resolve) => setTimeout(resolve, 3000))
    const columns = await project.query('SHOW COLUMNS FROM a')
    await servers.onReplica('START REPLICA SQL_THREAD')
    const run = await going
    expect(columns).toHaveLength(1)
    expect(run).toMatchObject({ exitCode: 0 })
    expect(run.stderr).toContain(
      'app pauses: replica b counts as behind, because its applier is stopped (at most 2.0 s)',
    )
    expect(run.stderr).toMatch(/app goes on after \d/)
    expect(run.stdout).toMatch(/paused [\d.]+ s: replica b counted as behind, because its applier is stopped/)
    expect(await project.query('SHOW COLUMNS FROM a')).toHaveLength(2)
    const { stdout } = await project.run(['history', '--json'])
    expect(stdout).toContain('replica b counted as behind, because its applier is stopped')
  })

  test('a run gives up at the limit: the statement has not run, and the next run goes on there', async () => {
    project.write('app/0003_c.sql', migration('ALTER TABLE a ADD COLUMN c INT;', 'ALTER TABLE a DROP COLUMN c;'))
    await servers.onReplica('STOP REPLICA SQL_THREAD')
    const { answer, exitCode } = await project.json(['migrate', '--yes', '--no-probe', '--throttle-limit', '1s'])
    await servers.onReplica('START REPLICA SQL_THREAD')
    expect(exitCode).toBe(75)
    const [outcome] = answer['outcomes'] as readonly Record<string, unknown>[]
    expect(outcome).toMatchObject({ state: 'failed', code: 'THROTTLED', done: [] })
    expect(await project.query('SHOW COLUMNS FROM a')).toHaveLength(2)
    await servers.catchUp()
    expect(await project.run(['migrate', '--yes', '--no-probe'])).toMatchObject({ exitCode: 0 })
    expect(await project.query('SHOW COLUMNS FROM a')).toHaveLength(3)
  })

  test('a bound of the queue of a group counts as exceeded where there is no group', async () => {
    const run = await project.run(['throttle'], { environment: { WWDB_THROTTLE_GROUP_QUEUE: '100' } })
    expect(run).toMatchObject({ exitCode: 1 })
    expect(run.stdout.replace(/\s+/g, ' ')).toContain('the server is in no group')
  })

  test('a new table waits for nothing', async () => {
    project.write('app/0004_d.sql', tableMigration('d'))
    await servers.onReplica('STOP REPLICA SQL_THREAD')
    const run = await project.run(['migrate', '--yes', '--no-probe'])
    await servers.onReplica('START REPLICA SQL_THREAD')
    expect(run).toMatchObject({ exitCode: 0 })
    expect(run.stderr).not.toContain('pauses')
  })
})
