import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { beforeAll, describe, expect, test } from 'vitest'
import { nameLock } from '../../../src/mysql/lock.ts'
import { examine, findingsOf } from '../../helpers/doctor/doctor-stage.ts'
import { openPoolingProxy } from '../../helpers/mysql/pooling-proxy.ts'
import { testServer } from '../../helpers/servers/servers.ts'
import { migration, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const template =
  '-- wwdb:period month\n-- wwdb:name notes_{YYYYMM}\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY) ENGINE=InnoDB;\n'

/** What is found on a project and a server on which all of this is wrong at once. */
const codes: readonly string[] = [
  'account-rights',
  'archive-folder',
  'auto-increment',
  'backup-failed',
  'config-ignore',
  'config-secret-file',
  'config-unprotected',
  'disk',
  'encryption-logs',
  'encryption-tables',
  'lock-held',
  'long-transaction',
  'rotation-unscheduled',
  'schema-charset',
  'schema-missing',
  'shards-missing',
  'sum-missing',
]

describe('wwdb doctor', () => {
  let found: Awaited<ReturnType<typeof examine>>

  beforeAll(async () => {
    const stage = await openStage({
      databases: ['app', 'away'],
      files: {
        'app/0001_a.sql': migration(
          'CREATE TABLE a (id TINYINT AUTO_INCREMENT PRIMARY KEY);\nINSERT INTO a VALUES (100);',
        ),
        'shard-templates/app/notes.sql': template,
        // The user of the tests has no password.
        secret: '\n',
        blocked: '',
      },
      configuration: {
        passwordFile: 'secret',
        rotation: { archive: 'blocked/archives' },
        environments: { production: {} },
        doctor: {
          backup: 'echo never',
          encryption: true,
          freeDisk: '100%',
          longTransaction: '0s',
          ignore: { 'no-such-check': 'it is gone', 'node-end-of-life': 'this machine has it' },
        },
      },
    })
    chmodSync(join(stage.folder, 'secret'), 0o644)
    await stage.run(['migrate'])
    await stage.query(`ALTER DATABASE \`${stage.schema('app')}\` CHARACTER SET latin1`)
    await stage.query(`DROP DATABASE \`${stage.schema('away')}\``)
    const other = await createConnection({ uri: testServer().url })
    await other.query(`SELECT GET_LOCK('${nameLock(stage.schema('app'))}', 0)`)
    await other.query('START TRANSACTION WITH CONSISTENT SNAPSHOT')
    await other.query(`SELECT * FROM \`${stage.schema('app')}\`.a`)
    found = await examine(stage, ['--env', 'production'])
    await other.end()
  }, 120_000)

  test.each(codes)('finds %s', (code) => {
    const [finding] = findingsOf(found.answer, code)
    expect(finding, JSON.stringify(found.answer.findings.map((one) => one.code))).toBeDefined()
    expect(finding?.what).toMatch(/\.$/)
    expect(finding?.fix).toMatch(/\S \S/)
  })

  test('finds files that cannot be read, an edited file, and an old backup', async () => {
    const stage = await openStage({
      files: {
        'app/0001_a.sql': tableMigration('a'),
        'seeds/app/a.yaml': 'table: [',
        'shard-templates/app/notes.sql': '-- wwdb:period never\nCREATE TABLE {{table}} (id INT);',
      },
      configuration: { doctor: { backup: 'echo 2020-01-01T00:00:00Z' } },
    })
    await stage.run(['validate', '--write-sum'])
    stage.write('app/0001_a.sql', tableMigration('b'))
    stage.write('app/0002_b.sql', "-- migrate:up\nSELECT 'open;\n")
    const { answer } = await examine(stage)
    for (const code of ['migrations-invalid', 'sum-differs', 'templates-invalid', 'seeds-invalid', 'backup-old'])
      expect(findingsOf(answer, code).length, code).toBeGreaterThan(0)
  })

  test('names every server that is down, within ten seconds, beside what the others are', async () => {
    const stage = await openStage({
      databases: ['one', 'two', 'three'],
      files: { 'one/0001_a.sql': tableMigration('a') },
      create: false,
      configuration: {
        environments: { production: { protected: true } },
        databases: {
          one: { url: 'mysql://root@127.0.0.1:1' },
          two: { url: 'mysql://root@no-such-host.invalid:3306' },
          three: { url: `mysql://stranger:wrong@127.0.0.1:${new URL(testServer().url).port}` },
        },
        stores: { redis: { url: 'redis://127.0.0.1:1' } },
      },
    })
    const started = performance.now()
    const { answer, exitCode } = await examine(stage, ['--env', 'production'])
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(exitCode).toBe(1)
    expect(findingsOf(answer, 'server-unreachable')).toHaveLength(1)
    expect(findingsOf(answer, 'server-name')).toHaveLength(1)
    expect(findingsOf(answer, 'server-login')).toHaveLength(1)
    expect(findingsOf(answer, 'backup-unknown')).toHaveLength(1)
    expect(answer.servers).toEqual({ answered: 0, all: 3 })
  })

  test('finds a configuration that cannot be used, and a proxy that gives locks to others', async () => {
    const stage = await openStage({ configuration: { concurrency: 'many' } })
    const { answer, exitCode } = await examine(stage)
    expect(exitCode).toBe(1)
    expect(answer.findings.map(({ code }) => code)).toContain('config-invalid')
    const proxy = await openPoolingProxy(testServer().url, 'rotating')
    try {
      const behind = await openStage({ configuration: { url: `mysql://root@127.0.0.1:${proxy.port}` } })
      expect(findingsOf((await examine(behind)).answer, 'server-lock')).toHaveLength(1)
    } finally {
      await proxy.close()
    }
  })

  test('shows findings that are expected apart, and lists its checks without a server', async () => {
    const stage = await openStage({ configuration: { doctor: { ignore: { 'account-rights': 'a test' } } } })
    const { answer } = await examine(stage)
    expect(findingsOf(answer, 'account-rights')).toEqual([])
    expect(answer.ignored.map(({ code, reason }) => [code, reason])).toContainEqual(['account-rights', 'a test'])
    const list = await examine(stage, ['--list'])
    expect(list.exitCode).toBe(0)
    expect(list.answer.checks.length).toBeGreaterThanOrEqual(45)
    const people = await stage.run(['doctor'])
    expect(people.stdout).toMatch(/\d+ checks on 1 of 1 server/)
  })
})
