import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { examine, findingsOf } from '../../helpers/doctor/doctor-stage.ts'
import { type Replication, startReplication } from '../../helpers/mysql/replica.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const tables = `CREATE TABLE users (id INT PRIMARY KEY, nick VARCHAR(20), name VARCHAR(20) NOT NULL, KEY by_nick (nick));
CREATE TABLE old_users (id INT PRIMARY KEY, n INT, CONSTRAINT positive CHECK (n > 0));`

const retiring =
  '-- wwdb:retire 10 days\nDROP TABLE old_users;\n-- wwdb:retire 3 days\nDROP INDEX by_nick ON users;\n-- wwdb:retire 3 days\nALTER TABLE users DROP COLUMN nick;'

/** Makes the watch of everything that is retired begin earlier. */
const age = (days: number): string =>
  `UPDATE wwdb_retired SET details = JSON_SET(details, '$.since', JSON_EXTRACT(details, '$.since') - ${days * 86_400_000}, ` +
  `'$.baselines', CAST(REGEXP_REPLACE(JSON_EXTRACT(details, '$.baselines'), '"at": [0-9]+', CONCAT('"at": ', FLOOR(UNIX_TIMESTAMP() - ${days * 86_400}) * 1000)) AS JSON))`

describe('what is retired', () => {
  let servers: Replication

  beforeAll(async () => {
    servers = await startReplication('9.7')
  })

  afterAll(() => servers.stop())

  async function start(up: string, replica = servers.replica.url): Promise<Stage> {
    const stage = await openStage({ url: servers.source.url, files: { 'app/0001_tables.sql': migration(tables) } })
    configure(stage, replica)
    await run(stage, 0, 'migrate', '--yes')
    stage.write('app/0002_retire.sql', migration(up))
    await run(stage, 0, 'migrate', '--yes')
    return stage
  }

  const configure = (stage: Stage, replica: string): void =>
    stage.write(
      'wwdb.config.json',
      JSON.stringify({
        ...{ url: servers.source.url, prefix: stage.prefix, databases: { app: {} } },
        throttle: { replicas: { b: { url: replica } } },
      }),
    )

  async function run(stage: Stage, exitCode: number, ...args: readonly string[]): Promise<string> {
    const ended = await stage.run(args)
    expect(ended.exitCode, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`).toBe(exitCode)
    await servers.catchUp()
    return (ended.stdout + ended.stderr).replaceAll(/\s+/g, ' ')
  }

  const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

  test('is a line of the status, with the day from which the first may be dropped', async () => {
    const stage = await start(retiring)
    const { answer } = await stage.json(['status'])
    expect(answer).toMatchObject({
      targets: [
        {
          retired: [
            { name: 'old_users', type: 'table', isHidden: true, isDue: false, until: expect.stringContaining(day(10)) },
            { name: 'users.by_nick', type: 'index', isHidden: true, isDue: false },
            { name: 'users.nick', type: 'column', isDue: false, until: expect.stringContaining(day(3)) },
          ],
        },
      ],
    })
    expect(JSON.stringify(answer)).not.toContain('"held"')
    expect(await run(stage, 0, 'status')).toMatch(
      new RegExp(
        `3 objects are retired, the first may be dropped from ${day(3)} \\d\\d:\\d\\d UTC on: .wwdb retire list. shows who uses them\\.`,
      ),
    )
    await stage.query(age(4))
    expect(await run(stage, 0, 'status')).toContain(
      '3 objects are retired, 2 past their grace: `wwdb retire run` drops those that nothing uses.',
    )
    await run(stage, 0, 'retire', 'undo', 'old_users', '--yes')
    expect(await run(stage, 0, 'status')).not.toContain('retired')
  })

  test('is a finding of the doctor where its watch proves nothing, or nobody drops it', async () => {
    const stage = await start('-- wwdb:retire 3 days\nDROP INDEX by_nick ON users;')
    const before = await examine(stage)
    expect([...findingsOf(before.answer, 'retire-unproven'), ...findingsOf(before.answer, 'retire-overdue')]).toEqual(
      [],
    )
    configure(stage, 'mysql://root@127.0.0.1:1')
    const unreached = findingsOf((await examine(stage)).answer, 'retire-unproven')
    expect(unreached).toMatchObject([
      {
        what: 'Nothing proves that `users.by_nick` of `app` is unused, so that it is never dropped.',
        why: expect.stringContaining('Replica `b` was not looked at'),
        where: { database: 'app' },
      },
    ])
    configure(stage, servers.replica.url)
    await stage.query('TRUNCATE TABLE performance_schema.table_io_waits_summary_by_index_usage')
    expect(findingsOf((await examine(stage)).answer, 'retire-unproven')).toMatchObject([
      { why: expect.stringMatching(/^The primary is watched from now on: its counters were reset or switched at /) },
    ])
    await run(stage, 0, 'retire', 'run')
    expect(findingsOf((await examine(stage)).answer, 'retire-unproven')).toEqual([])
  })

  test('is a finding of the doctor long after its grace, where no run has looked at it', async () => {
    const stage = await start('-- wwdb:retire 0\nDROP INDEX by_nick ON users;')
    expect(findingsOf((await examine(stage)).answer, 'retire-overdue')).toEqual([])
    await stage.query("UPDATE wwdb_retired SET details = JSON_SET(details, '$.grace', -691200000)")
    expect(findingsOf((await examine(stage)).answer, 'retire-overdue')).toMatchObject([
      {
        what: 'The grace of `users.by_nick` of `app` ended 8 days ago, and no run has dropped it.',
        fix: expect.stringContaining('wwdb retire run'),
      },
    ])
  })

  test('is a note of a plan that names it, and a failure by its name says what to do', async () => {
    const stage = await start(retiring)
    stage.write('app/0003_again.sql', migration('ALTER TABLE users ADD COLUMN nick INT;'))
    expect(await run(stage, 2, 'plan')).toContain(
      '(migrations/app/0003_again.sql:2) names `users.nick`, which `0002_retire` retired: it ',
    )
    const failed = await run(stage, 2, 'migrate', '--yes')
    expect(failed).toContain('wwdb retire undo users.nick')
    expect(failed).not.toContain('wwdb mark')
    stage.write('app/0003_again.sql', migration('CREATE INDEX by_nick ON users (name);'))
    const index = await run(stage, 2, 'migrate', '--yes')
    expect(index).toContain('wwdb retire undo users.by_nick')
    expect(index).not.toContain('wwdb mark')
    stage.write(
      'app/0003_again.sql',
      migration('CREATE TABLE old_users (id INT PRIMARY KEY, n INT, CONSTRAINT positive CHECK (n > 0));'),
    )
    const table = await run(stage, 2, 'migrate', '--yes')
    expect(table).toContain('wwdb retire undo old_users')
    expect(table).not.toContain('wwdb mark')
    stage.write('app/0003_again.sql', migration('CREATE TABLE old_users (id INT PRIMARY KEY);'))
    expect(await run(stage, 0, 'plan')).toContain('makes `old_users` again, which `0002_retire` retired')
    stage.write('app/0003_again.sql', migration('RENAME TABLE users TO people;'))
    expect(await run(stage, 0, 'plan')).toContain('renames `users` with `users.by_nick`')
    stage.write('app/0003_again.sql', migration('ALTER TABLE users ADD COLUMN age INT;'))
    expect(await run(stage, 0, 'plan')).not.toContain('retired')
  })
})
