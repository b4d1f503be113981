import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { examine, findingsOf } from '../../helpers/doctor/doctor-stage.ts'
import { type OwnServer, startServer } from '../../helpers/servers/servers.ts'
import { type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()
const template =
  '-- wwdb:period month\n-- wwdb:name m_{YYYYMM}\n-- wwdb:archive none\n-- wwdb:keep 9 months\nCREATE TABLE {{table}} (id INT PRIMARY KEY);\n'
const flags = (id: number): readonly string[] => [
  `--server-id=${id}`,
  '--gtid-mode=ON',
  '--enforce-gtid-consistency=ON',
]

async function query({ url }: OwnServer, ...texts: readonly string[]): Promise<unknown> {
  const connection = await createConnection({ uri: url })
  let rows: unknown
  for (const text of texts) [rows] = await connection.query(text)
  await connection.end()
  return rows
}

describe('a replica that is behind', () => {
  let source: OwnServer
  let replica: OwnServer
  let primary: Stage

  beforeAll(async () => {
    ;[source, replica] = await Promise.all([startServer({ flags: flags(1) }), startServer({ flags: flags(2) })])
    await query(source, "CREATE USER repl@'%' IDENTIFIED BY 'repl'", "GRANT REPLICATION SLAVE ON *.* TO repl@'%'")
    await query(
      replica,
      'RESET BINARY LOGS AND GTIDS',
      `CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=${source.port}, SOURCE_USER='repl', SOURCE_PASSWORD='repl', SOURCE_SSL=1, SOURCE_AUTO_POSITION=1`,
      'START REPLICA',
      'SET GLOBAL super_read_only=1',
    )
    primary = await stage({
      url: source.url,
      files: { 'app/0001_a.sql': tableMigration('a'), 'shard-templates/app/m.sql': template },
    })
    expect(await primary.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
    await catchUp()
    await query(replica, 'STOP REPLICA SQL_THREAD')
    primary.write('app/0002_b.sql', tableMigration('b'))
    expect(await primary.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
    primary.write('replica.json', JSON.stringify({ url: replica.url, prefix: primary.prefix, databases: { app: {} } }))
  })

  afterAll(async () => {
    await replica.stop()
    await source.stop()
  })

  /** The server itself waits until it has applied what the source has. */
  const catchUp = async (): Promise<void> => {
    const [row] = (await query(source, 'SELECT @@GLOBAL.gtid_executed done')) as readonly { readonly done: string }[]
    await query(replica, `SELECT WAIT_FOR_EXECUTED_GTID_SET('${row?.done}', 60)`)
  }

  const there = ['--config', 'replica.json']
  const behind = 'is read-only, a replica: its applier is stopped, so it lacks everything since then.'

  test.each([[['status']], [['plan']], [['drift']], [['history']], [['shards', 'check']]])(
    '%j names it, and what it means',
    async (args) => {
      const run = await primary.run([...args, ...there])
      expect(run.stderr).toContain(behind)
      expect(run.stderr).toContain(`Make changes on 127.0.0.1:${source.port}, not here.`)
    },
  )

  test('status does not send anyone to migrate there', async () => {
    const { stdout } = await primary.run(['status', ...there])
    expect(stdout).toContain('1 pending migration in 1 database.')
    expect(stdout).toContain('read-only')
    expect(stdout).not.toContain('`wwdb migrate`')
    expect(await primary.run(['migrate', '--yes', ...there])).toMatchObject({ exitCode: 69 })
  })

  test.each([[['drift', '--replay', '--fresh']], [['schema', 'diff', '--fresh']]])(
    '%j, which needs a scratch schema, says that it has to be another server',
    async (args) => {
      const run = await primary.run([...args, ...there])
      expect(run.exitCode).toBe(2)
      expect(run.stderr).toContain('is read-only: a scratch schema cannot be created there.')
      expect(run.stderr).toContain(`Point the URL at 127.0.0.1:${source.port}, which accepts writes.`)
      expect(run.stderr).not.toContain('became read-only')
    },
  )

  test('a lag that grows meanwhile is said once', async () => {
    await query(replica, 'STOP REPLICA', 'CHANGE REPLICATION SOURCE TO SOURCE_DELAY=600', 'START REPLICA')
    const { stderr } = await primary.run(['report', '--out', 'report.html', ...there])
    await query(replica, 'STOP REPLICA', 'CHANGE REPLICATION SOURCE TO SOURCE_DELAY=0', 'START REPLICA IO_THREAD')
    expect(stderr.match(/a replica: it is/g)).toHaveLength(1)
  })

  test.each([[['status']], [['plan']], [['drift']], [['history']], [['shards', 'check']]])(
    '%j names it also where it is not read-only',
    async (args) => {
      await query(replica, 'SET GLOBAL super_read_only=0', 'SET GLOBAL read_only=0')
      const run = await primary.run([...args, ...there])
      await query(replica, 'SET GLOBAL super_read_only=1')
      expect(run.stderr).toContain(
        `is a replica of 127.0.0.1:${source.port} that is not read-only: its applier is stopped, so it lacks everything since then.`,
      )
      expect((await primary.run(['status'])).stderr).not.toContain('a replica')
    },
  )

  test('doctor names a replica that is not read-only', async () => {
    await query(replica, 'SET GLOBAL super_read_only=0', 'SET GLOBAL read_only=0')
    const { answer } = await examine(primary, there)
    await query(replica, 'SET GLOBAL super_read_only=1')
    const [finding] = findingsOf(answer, 'replica-writable')
    expect(JSON.stringify(finding)).toContain(`The server is a replica of 127.0.0.1:${source.port}`)
  })

  test('one that has caught up says so', async () => {
    await query(replica, 'START REPLICA SQL_THREAD')
    await catchUp()
    const run = await primary.run(['status', ...there])
    expect(run.stderr).toMatch(/a replica: it is (not behind at the moment|\d+ s behind)/)
    expect(run.stdout).toContain('0 pending migrations')
  })
})
