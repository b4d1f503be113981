import { hostname, userInfo } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type QueryRecorder, recordQueries } from '../helpers/mysql/query-recorder.ts'
import { testServer } from '../helpers/servers/servers.ts'
import { migration, type Stage, withStages } from '../helpers/tool/stage.ts'

const openStage = withStages()

const template =
  '-- wwdb:period month\n-- wwdb:name notes_{YYYYMM}\n-- wwdb:late 0 days\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY) ENGINE=InnoDB;\n'

const five = ['one', 'two', 'three', 'four', 'five']

function createTable(number: number): string {
  const name = `table_${String(number).padStart(3, '0')}`
  const columns = ['uuid', 'nickname', 'remark', 'phone'].map(
    (column) => `${column} VARCHAR(100) NOT NULL COMMENT '名'`,
  )
  return migration(
    `CREATE TABLE ${name} (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, ${columns.join(', ')}, KEY k_phone (phone));`,
    `DROP TABLE ${name};`,
  )
}

function filesOf(database: string, count: number, from: number, text: (number: number) => string) {
  const numbers = Array.from({ length: count }, (_, index) => from + index)
  const file = (number: number): string => `${database}/${String(number).padStart(4, '0')}_step.sql`
  return Object.fromEntries(numbers.map((number) => [file(number), text(number)]))
}

/** What other processes of the machine decide: whether the run looks for who blocks it, and when it closes rows that wait. */
const byTime = [/FROM performance_schema\.metadata_locks/, /performance_schema\.data_lock_waits/, /INNODB_TRX/]
const closing = /UPDATE wwdb_journal SET state='closed',closed_at=UTC_TIMESTAMP\(6\),milliseconds=ELT\([^;]*(?:;|$)/g

/** The texts less what differs from run to run: numbers, names of this machine, random ones. */
function measure(queries: readonly string[], prefix: string, connections: number): string {
  const texts = queries
    .filter((text) => !byTime.some((one) => one.test(text)))
    .map((text) => text.replace(closing, ''))
    .filter((text) => !/^SELECT CAST\(IF\(IS_USED_LOCK\([^;]*;COMMIT$/.test(text))
    .map((text) =>
      text
        .replaceAll(prefix, '')
        .replaceAll(hostname(), 'host')
        .replaceAll(userInfo().username, 'user')
        .replaceAll(/\d{8}T\d{6}-[0-9a-f]{8}/g, 'run')
        .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'uuid')
        .replaceAll(/\b\d+\b/g, '0'),
    )
  return `${texts.length} queries, ${texts.join('').length} characters, ${connections} connections`
}

/**
 * The counts do not depend on the load of the machine, so they are held exactly: who changes one does it knowingly, and says in the commit message
 * what it buys.
 */
describe('what standard runs send to the server', () => {
  let recorder: QueryRecorder
  const stages = new Map<string, Stage>()

  const open = async (name: string, databases: readonly string[], files: Readonly<Record<string, string>>) => {
    const configuration = { url: `mysql://root@127.0.0.1:${recorder.port}` }
    stages.set(name, await openStage({ databases, files, configuration }))
  }

  beforeAll(async () => {
    recorder = await recordQueries(testServer().url)
    await open('one', ['app'], filesOf('app', 100, 1, createTable))
    await open('five', five, Object.assign({}, ...five.map((name) => filesOf(name, 20, 1, createTable))))
    await open('shards', ['app'], { 'shard-templates/app/notes.sql': template })
    await run('shards', 'rotate run')
    const insert = (number: number): string =>
      migration(`INSERT INTO entries (id, name) VALUES (${number}, '第');`, `DELETE FROM entries WHERE id = ${number};`)
    await open('rows', ['app'], {
      'app/0001_step.sql': migration('CREATE TABLE entries (id INT PRIMARY KEY, name TEXT);', 'DROP TABLE entries;'),
      ...filesOf('app', 1000, 2, insert),
    })
  })

  afterAll(() => recorder.close())

  const run = async (name: string, command: string): Promise<string> => {
    const stage = stages.get(name)
    if (stage === undefined) throw new Error(`${name} was not opened`)
    recorder.take()
    const before = recorder.connections()
    expect(await stage.run(command.split(' '))).toMatchObject({ exitCode: 0 })
    return measure(recorder.take(), stage.prefix, recorder.connections() - before)
  }

  test.each<readonly [what: string, project: string, command: string, counts: string]>([
    ['a first build of 100 tables', 'one', 'migrate', '43 queries, 171473 characters, 2 connections'],
    ['the same over five databases', 'five', 'migrate', '165 queries, 255659 characters, 10 connections'],
    ['1,000 files of one row', 'rows', 'migrate', '40 queries, 845952 characters, 2 connections'],
    ['nothing to do over five databases', 'five', 'migrate', '3 queries, 10259 characters, 1 connections'],
    ['nothing to do with 1,000 applied', 'rows', 'migrate', '2 queries, 4559 characters, 1 connections'],
    ['status', 'one', 'status', '8 queries, 13365 characters, 2 connections'],
    ['a rotation with nothing to do', 'shards', 'rotate run', '28 queries, 13400 characters, 2 connections'],
  ])('%s', { timeout: 120_000 }, async (_, project, command, counts) => {
    expect(await run(project, command)).toEqual(counts)
  })
})
