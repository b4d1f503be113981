import { createConnection } from 'mysql2/promise'
import { beforeAll, describe, expect, test } from 'vitest'
import type { DoctorResult } from '../../../src/doctor/commands/doctor-view.ts'
import { examine, findingsOf } from '../../helpers/doctor/doctor-stage.ts'
import { type OwnServer, startServer } from '../../helpers/servers/servers.ts'
import { type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

/** Each setting that hurts, and the value that brings its finding, on a current server. */
const settings: readonly (readonly [code: string, variable: string, value: string, normal: string])[] = [
  ['read-only', 'read_only', 'ON', 'OFF'],
  ['sql-mode', 'sql_mode', "''", 'DEFAULT'],
  ['innodb-strict-mode', 'innodb_strict_mode', 'OFF', 'ON'],
  ['timestamp-defaults', 'explicit_defaults_for_timestamp', 'OFF', 'ON'],
  ['packet-size', 'max_allowed_packet', '1048576', '67108864'],
  ['wait-timeout', 'wait_timeout', '300', '28800'],
  ['default-engine', 'default_storage_engine', "'MyISAM'", "'InnoDB'"],
  ['default-charset', 'character_set_server', "'latin1'", "'utf8mb4'"],
  ['binlog-format', 'binlog_format', "'STATEMENT'", "'ROW'"],
  ['binlog-row-image', 'binlog_row_image', "'MINIMAL'", "'FULL'"],
  ['online-alter-log', 'innodb_online_alter_log_max_size', '1048576', '134217728'],
  ['redo-durability', 'innodb_flush_log_at_trx_commit', '2', '1'],
  ['binlog-durability', 'sync_binlog', '0', '1'],
  ['file-per-table', 'innodb_file_per_table', 'OFF', 'ON'],
  ['general-log', 'general_log', 'ON', 'OFF'],
  ['isolation', 'transaction_isolation', "'SERIALIZABLE'", "'REPEATABLE-READ'"],
  ['time-zone', 'time_zone', "'+08:00'", "'SYSTEM'"],
  ['server-connections', 'max_connections', '2', '400'],
  ['table-definitions', 'table_definition_cache', '400', '4000'],
]

/** What only another server has: it is old, and was started with other options. */
const ofOldServer = ['server-end-of-life', 'binlog-off', 'performance-schema', 'open-files']

/** The server asks for as many files as these need. */
const fewFiles = ['--open-files-limit=250', '--max-connections=50', '--table-open-cache=64']

describe('wwdb doctor on servers whose settings hurt', () => {
  let current: OwnServer
  let old: OwnServer
  let stage: Stage
  let broken: Awaited<ReturnType<typeof examine>>
  let well: DoctorResult

  const query = (...texts: readonly string[]): Promise<void> => queryOn(current, ...texts)
  const queryOn = async ({ url }: OwnServer, ...texts: readonly string[]): Promise<void> => {
    const connection = await createConnection({ uri: url, multipleStatements: true })
    for (const text of texts) await connection.query(text)
    await connection.end()
  }

  beforeAll(async () => {
    ;[current, old] = await Promise.all([
      startServer(),
      startServer({
        version: '8.0',
        flags: ['--skip-log-bin', '--performance-schema=OFF', ...fewFiles],
        openFiles: 250,
      }),
    ])
    stage = await openStage({
      url: current.url,
      databases: ['one', 'two'],
      files: { 'one/0001_a.sql': tableMigration('a'), 'two/0001_b.sql': tableMigration('b') },
      configuration: { databases: { one: {}, two: { url: old.url } } },
    })
    const many = Array.from({ length: 320 }, (_, index) => `CREATE TABLE many.t${index} (id INT)`).join(';')
    for (const server of [current, old]) await queryOn(server, 'CREATE DATABASE many', many)
    well = (await examine(stage, ['-t', 'one'])).answer
    await query(...settings.map(([, variable, value]) => `SET GLOBAL ${variable}=${value}`))
    await query("UPDATE performance_schema.setup_consumers SET ENABLED='NO' WHERE NAME='events_stages_current'")
    broken = await examine(stage)
    await query(...settings.map(([, variable, , normal]) => `SET GLOBAL ${variable}=${normal}`))
    return async () => {
      await current.stop()
      await old.stop()
    }
  }, 180_000)

  test.each(settings)('%s is found where %s is %s', (code, variable) => {
    const [finding] = findingsOf(broken.answer, code)
    expect(finding).toMatchObject({ where: { server: `127.0.0.1:${current.port}` } })
    expect(`${finding?.what} ${finding?.why}`.length).toBeGreaterThan(20)
    expect(finding?.fix).toMatch(/\S \S/)
    expect(code === 'time-zone' || code === 'server-connections' || finding?.what.includes(variable)).toBe(true)
    expect(findingsOf(well, code)).toEqual([])
  })

  test('the consumer of stages is found where it is off, and the statement that is named turns it on', async () => {
    expect(findingsOf(well, 'statement-stages')).toEqual([])
    const [finding, ...others] = findingsOf(broken.answer, 'statement-stages')
    expect([finding?.where.server, others]).toEqual([`127.0.0.1:${current.port}`, []])
    await query(/`(UPDATE [^`]+)`/.exec(finding?.fix ?? '')?.[1] ?? '')
    expect(findingsOf((await examine(stage, ['-t', 'one'])).answer, 'statement-stages')).toEqual([])
  })

  test.each(ofOldServer)('%s is found on the old server', (code) => {
    expect(findingsOf(broken.answer, code).map(({ where }) => where.server)).toEqual([`127.0.0.1:${old.port}`])
  })

  test('servers of two versions are found, and what is wrong ends with 1', () => {
    expect(findingsOf(broken.answer, 'server-versions')).toHaveLength(1)
    expect(broken.exitCode).toBe(1)
  })
})
