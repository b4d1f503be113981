import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../../helpers/servers/servers.ts'
import { migration, type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const east = { session: { timeZone: '+08:00' } }
const flip = { environment: { WWDB_SESSION_TIME_ZONE: '+00:00' } }
let server: OwnServer

// Its clients are eight hours ahead of UTC, and not strict.
beforeAll(async () => {
  server = await startServer({
    flags: ['--default-time-zone=+08:00', '--sql-mode=STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'],
  })
})
afterAll(async () => {
  await server.stop()
})

const template = (column = '') =>
  `-- wwdb:keys app.moments(id)\n-- wwdb:name notes_{key}\n-- wwdb:archive none\nCREATE TABLE {{table}} (\n  id BIGINT NOT NULL PRIMARY KEY,\n  fixed TIMESTAMP NOT NULL DEFAULT '2026-01-01 12:00:00'${column}\n) ENGINE=InnoDB;\n`

const files = {
  'app/0001_moments.sql': migration(
    `CREATE TABLE moments (id BIGINT PRIMARY KEY, at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, fixed TIMESTAMP NOT NULL DEFAULT '2026-01-01 12:00:00');
INSERT INTO moments (id) VALUES (1);
CREATE PROCEDURE p() SELECT NOW();
CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 12:00:00' DISABLE DO DELETE FROM moments WHERE id < 0;`,
    'DROP EVENT e;\nDROP PROCEDURE p;\nINSERT INTO moments (id) VALUES (9);',
  ),
  'app/0002_dates.mjs': `export async function up(knex) { await knex('moments').insert({ id: 2, fixed: new Date('2026-01-01T04:00:00Z') }) }
export async function down() {}`,
}

/** Rows whose column lies within a minute of what a client's NOW() gives. */
const near = (column = 'at') => `ABS(TIMESTAMPDIFF(SECOND, ${column}, NOW())) < 60`

async function succeed(stage: Stage, ...args: readonly string[]): Promise<string> {
  const run = await stage.run(args)
  expect(run.exitCode, run.stdout + run.stderr).toBe(0)
  return run.stderr
}

describe('session.timeZone', () => {
  test('gives the same values as clients of the server: defaults, literals, dates of modules, events, routines, seeds, shards, rollbacks', async () => {
    const stage = await openStage({ url: server.url, files, configuration: east })
    expect(await succeed(stage, 'plan')).not.toContain('time zone')
    expect(await succeed(stage, 'migrate')).not.toContain('time zone')
    await stage.query('INSERT INTO moments (id) VALUES (3)')
    expect(await stage.query(`SELECT id, ${near()}, fixed FROM moments ORDER BY id`)).toEqual(
      [1, 2, 3].map((id) => [id, 1, '2026-01-01 12:00:00']),
    )
    const events = 'SELECT TIME_ZONE, STARTS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()'
    expect(await stage.query(events)).toEqual([['+08:00', '2026-01-01 12:00:00']])
    stage.write(
      'seeds/app/moments.yaml',
      "table: moments\nkey: id\nrows:\n  - id: 4\n    fixed: '2026-01-01 12:00:00'\n",
    )
    await succeed(stage, 'seed')
    expect(await stage.query(`SELECT ${near()}, fixed FROM moments WHERE id = 4`)).toEqual([[1, '2026-01-01 12:00:00']])
    stage.write('shard-templates/app/notes.sql', template())
    await succeed(stage, 'rotate', 'run')
    await stage.query('INSERT INTO notes_1 (id) VALUES (1)')
    expect(await stage.query('SELECT fixed FROM notes_1')).toEqual([['2026-01-01 12:00:00']])
    await succeed(stage, 'shards', 'check', '--scratch')
    stage.write('shard-templates/app/notes.sql', template(',\n  seen DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP'))
    stage.write(
      'app/0003_seen.sql',
      migration(
        'ALTER TABLE {{table}} ADD COLUMN seen DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP;',
        undefined,
        '-- wwdb:shards notes',
      ),
    )
    await succeed(stage, 'migrate')
    expect(await stage.query(`SELECT ${near('seen')} FROM notes_1`)).toEqual([[1]])
    await succeed(stage, 'shards', 'check', '--scratch')
    stage.remove('app/0003_seen.sql')
  })

  test('applies to rollbacks, and to a provisioned clone', async () => {
    const stage = await openStage({ url: server.url, files, configuration: east })
    await succeed(stage, 'migrate')
    await succeed(stage, 'rollback', '--steps', '2', '--yes')
    expect(await stage.query(`SELECT ${near()} FROM moments WHERE id = 9`)).toEqual([[1]])
    const made = await stage.json(['provision', 'up'])
    expect(made.answer).toMatchObject({ exitCode: 0 })
    // The template's own event is dropped: it must stay as it is. The clone has its event again.
    const events = await stage.query(
      'SELECT EVENT_SCHEMA, TIME_ZONE FROM information_schema.EVENTS WHERE EVENT_SCHEMA IN (SELECT schema_name FROM wwdb_provision.`schemas`)',
    )
    expect(events).toEqual([[expect.stringMatching(/app$/), '+08:00']])
    const clone = String(events[0]?.[0])
    expect(await stage.query(`SELECT id, ${near()} FROM \`${clone}\`.moments ORDER BY id`)).toEqual([
      [1, 1],
      [2, 1],
    ])
  })

  test('is recorded at the first migration, and a change is refused with 78', async () => {
    const stage = await openStage({ url: server.url, files, configuration: east })
    await succeed(stage, 'migrate')
    stage.write('seeds/app/moments.yaml', 'table: moments\nkey: id\nrows: []\n')
    stage.write('shard-templates/app/notes.sql', template())
    for (const command of ['migrate', 'plan', 'status', 'rollback --yes', 'seed', 'rotate run']) {
      const run = await stage.run(command.split(' '), flip)
      expect(run.exitCode, command).not.toBe(0)
      expect(run.stdout + run.stderr, command).toContain(
        'here ran with `session.timeZone` "+08:00", but the configuration now asks for "+00:00"',
      )
    }
    expect((await stage.json(['migrate'], flip)).answer).toMatchObject({ code: 'SESSION_CHANGED', exitCode: 78 })
    const modes = await stage.json(['migrate'], { environment: { WWDB_SESSION_SQL_MODE: 'STRICT_ALL_TABLES' } })
    expect(modes.answer).toMatchObject({ code: 'SESSION_CHANGED', exitCode: 78 })
    await succeed(stage, 'migrate')
  })

  test('journals without a recorded one have the defaults', async () => {
    const stage = await openStage({ url: server.url, files })
    await succeed(stage, 'migrate')
    await stage.query("DELETE FROM wwdb_journal WHERE version LIKE 'session.%'")
    await succeed(stage, 'migrate')
    const changed = await stage.json(['migrate'], { environment: { WWDB_SESSION_TIME_ZONE: '+08:00' } })
    expect(changed.answer).toMatchObject({ code: 'SESSION_CHANGED' })
  })
})

describe('a server with other session settings for clients', () => {
  test('is reported before and during writes, until the configuration sets the session', async () => {
    const stage = await openStage({ url: server.url, files: { 'app/0001_a.sql': tableMigration('a') } })
    for (const command of ['plan', 'migrate --dry-run', 'migrate']) {
      const said = await succeed(stage, ...command.split(' '))
      expect(said.match(/have the time zone \+08:00, but migrations have \+00:00/g), command).toHaveLength(1)
      expect(said, command).toMatch(/sql_mode of clients of \S+ has no ERROR_FOR_DIVISION_BY_ZERO, NO_ZERO_DATE/)
    }
    const { answer } = await stage.json(['plan'])
    expect(answer).toMatchObject({
      warnings: [{ message: expect.stringContaining('time zone') }, { message: expect.stringContaining('sql_mode') }],
    })
    const session = { timeZone: '+00:00', sqlMode: 'strict_trans_tables, NO_ENGINE_SUBSTITUTION' }
    const chosen = await openStage({
      url: server.url,
      files: { 'app/0001_a.sql': tableMigration('a') },
      configuration: { session },
    })
    expect(await succeed(chosen, 'migrate')).not.toMatch(/time zone|sql_mode/)
  })

  test('session.sqlMode applies to statements and routines', async () => {
    const stage = await openStage({
      url: server.url,
      files: {
        'app/0001_a.sql': migration(
          'CREATE TABLE a (id INT PRIMARY KEY, d DATE);\nCREATE PROCEDURE p() SELECT 1;\nINSERT INTO a VALUES (1, 0);\nINSERT INTO a SELECT id + 1, d FROM a GROUP BY d;',
        ),
      },
      configuration: { session: { sqlMode: 'NO_ENGINE_SUBSTITUTION,STRICT_TRANS_TABLES' } },
    })
    await succeed(stage, 'migrate')
    expect(await stage.query('SELECT COUNT(*) FROM a')).toEqual([[2]])
    expect(
      await stage.query('SELECT SQL_MODE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()'),
    ).toEqual([['STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION']])
  })
})
