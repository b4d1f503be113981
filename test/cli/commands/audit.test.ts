import { expect, test } from 'vitest'
import type { RunRecord } from '../../../src/audit/run.ts'
import type { TargetHistory } from '../../../src/migrations/commands/history-view.ts'
import { migration, type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

async function historyOf(project: Stage, ...flags: readonly string[]): Promise<readonly TargetHistory[]> {
  const { answer } = await project.json(['history', ...flags])
  return answer['targets'] as readonly TargetHistory[]
}

async function runsOf(project: Stage, ...flags: readonly string[]): Promise<readonly RunRecord[]> {
  return (await historyOf(project, ...flags)).flatMap(({ runs }) => runs)
}

test('a run leaves one row in each database that it writes to, and one with nothing to do leaves none', async () => {
  const project = await stage({
    databases: ['app', 'log', 'idle'],
    files: { 'app/0001_a.sql': tableMigration('a'), 'log/0001_b.sql': tableMigration('b') },
  })
  const environment = {
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTOR: 'ann',
    GITHUB_SHA: '4f2c1d0e9b8a7f6e5d4c3b2a1908070605040302',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'example/shop',
    GITHUB_RUN_ID: '77',
  }
  const first = await project.run(['migrate', '-t', 'app', '-t', 'log', '--allow', 'drop-table'], { environment })
  expect(first).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('wwdb_runs') })
  expect(await project.run(['migrate', '-t', 'app', '-t', 'log'])).toMatchObject({ exitCode: 0 })
  const targets = await historyOf(project)
  const shared = {
    command: 'migrate',
    flags: '--allow drop-table --target app --target log',
    actor: 'ann',
    commit: environment.GITHUB_SHA,
    job: 'https://github.com/example/shop/actions/runs/77',
    outcome: 'done',
    exitCode: 0,
    error: null,
    endedAt: expect.any(String),
    planDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    account: expect.stringContaining('@'),
    changes: [],
  }
  expect(targets.map(({ target, runs }) => [target.database, runs.length])).toEqual([
    ['app', 1],
    ['log', 1],
    ['idle', 0],
  ])
  const [app, log] = targets
  expect(app).toMatchObject({ runs: [shared], passes: [{ version: '0001', runs: [app?.runs[0]?.id] }] })
  expect(log).toMatchObject({ runs: [{ ...shared, id: app?.runs[0]?.id }] })
  expect(await project.tables('idle')).toEqual([])
})

test('a run that fails on one database is failed there and done in the others, with the error', async () => {
  const project = await stage({
    databases: ['app', 'log'],
    files: { 'app/0001_a.sql': migration('CREATE TABLE a (id NOPE);'), 'log/0001_b.sql': tableMigration('b') },
  })
  expect((await project.run(['migrate'])).exitCode).toBe(2)
  const [app, log] = await historyOf(project)
  expect(app?.runs).toMatchObject([
    { outcome: 'failed', exitCode: 2, error: expect.stringContaining('STATEMENT_FAILED: ') },
  ])
  expect(log?.runs).toMatchObject([{ outcome: 'done', exitCode: 0, error: null }])
  const shown = (await project.run(['history', '-t', 'app'])).stdout
  expect(shown).toMatch(/failed after .*, exit code 2, by /)
})

test('a run is under way while it lives, and stopped once it was killed', async () => {
  const project = await stage({
    files: { 'app/0001_a.sql': tableMigration('a'), 'app/0002_b.sql': migration('ALTER TABLE a ADD COLUMN n INT;') },
  })
  await project.run(['migrate', '--to', '0001'])
  await project.query('LOCK TABLES a READ')
  const migrating = project.start(['migrate', '--no-probe', '--verbose'])
  await migrating.says('stderr', 'blocked')
  expect(await runsOf(project, '--limit', '1')).toMatchObject([{ outcome: 'running', endedAt: null }])
  migrating.child.kill('SIGKILL')
  await migrating.ended
  await project.query('UNLOCK TABLES')
  await expect
    .poll(async () => (await runsOf(project, '--limit', '1'))[0], { timeout: 20_000 })
    .toMatchObject({ outcome: 'stopped', endedAt: null })
  expect((await project.run(['history', '--limit', '1'])).stdout).toContain('stopped: its connection was lost')
  // The next run writes down what is known of it by then.
  expect(await project.run(['migrate'])).toMatchObject({ exitCode: 0 })
  await project.run(['rollback', '--yes', '--steps', '2'])
  expect(await project.query('SELECT command, outcome FROM wwdb_runs ORDER BY started_at')).toEqual([
    ['migrate', 'done'],
    ['migrate', 'stopped'],
    ...(await project.query(
      "SELECT command, outcome FROM wwdb_runs WHERE outcome = 'done' ORDER BY started_at LIMIT 1, 9",
    )),
  ])
})

test('a run whose record lost its connection on the way continues, and closes its row', async () => {
  const project = await stage({
    files: { 'app/0001_a.sql': tableMigration('a'), 'app/0002_b.sql': migration('ALTER TABLE a ADD COLUMN n INT;') },
  })
  await project.run(['migrate', '--to', '0001'])
  await project.query('LOCK TABLES a READ')
  const migrating = project.start(['migrate', '--no-probe', '--verbose'])
  await migrating.says('stderr', 'blocked')
  // The run's row was written on its second connection; the first one waits for the table.
  const sessions = await project.query('SHOW PROCESSLIST')
  const ids = sessions.filter((one) => one[3] === project.schema('app') && one[7] !== 'SHOW PROCESSLIST')
  const [, second] = ids.map(([id]) => Number(id)).sort((a, b) => a - b)
  await project.query(`KILL ${second}`)
  await project.query('UNLOCK TABLES')
  expect(await migrating.ended).toMatchObject({ exitCode: 0 })
  expect(await project.query('SELECT outcome, exit_code FROM wwdb_runs ORDER BY started_at')).toEqual([
    ['done', 0],
    ['done', 0],
  ])
})

test('a row that cannot be written is a warning with its reason, and the run continues', async () => {
  const project = await stage({ files: { 'app/0001_a.sql': tableMigration('a') } })
  await project.query('CREATE TABLE wwdb_runs (id INT PRIMARY KEY)')
  const run = await project.json(['migrate'])
  expect(run.exitCode).toBe(0)
  expect(run.answer['warnings']).toMatchObject([
    { message: expect.stringMatching(/^The run could not be recorded in `wwdb_runs` of `app`: .*outcome.*\.$/) },
  ])
  expect(await project.tables()).toEqual(['a'])
})

test('flags are kept without secrets', async () => {
  const project = await stage({ files: { 'app/0001_a.sql': tableMigration('a') } })
  const run = await project.run(['migrate', '--url', project.url])
  expect(run).toMatchObject({ exitCode: 0 })
  const [recorded] = await runsOf(project)
  expect(recorded?.flags).toBe('--url ***')
})

const template = `-- wwdb:period month
-- wwdb:name messages_{YYYYMM}
-- wwdb:premake 1 periods
-- wwdb:keep 1 months
-- wwdb:late 0 days
-- wwdb:share 100%
-- wwdb:archive directory
CREATE TABLE {{table}} (id BIGINT NOT NULL PRIMARY KEY) ENGINE=InnoDB;
`

test('history alone answers who did what to a shard that was dropped and restored', async () => {
  const now = new Date()
  const key = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 4, 1)).toISOString().slice(0, 7)
  const table = `messages_${key.replace('-', '')}`
  const project = await stage({
    files: { 'shard-templates/app/messages.sql': template },
    configuration: { rotation: { archive: 'archives' } },
  })
  const by = (actor: string) => ({ environment: { GITLAB_CI: 'true', GITLAB_USER_LOGIN: actor } })
  await project.query(`CREATE TABLE ${table} (id BIGINT NOT NULL PRIMARY KEY) ENGINE=InnoDB`)
  await project.query(`INSERT INTO ${table} VALUES (1), (2), (3)`)
  for (const _ of ['adopt', 'seal', 'hold', 'archive'])
    expect(await project.run(['rotate', 'run', '--yes'], by('robot'))).toMatchObject({ exitCode: 0 })
  await project.query(`UPDATE wwdb_shards SET held_until='2026-01-01' WHERE shard_key='${key}'`)
  expect(await project.run(['rotate', 'run', '--yes'], by('mallory'))).toMatchObject({ exitCode: 0 })
  const named = ['--family', 'messages', '--key', key]
  expect(await project.run(['shards', 'restore', ...named], by('ann'))).toMatchObject({ exitCode: 0 })
  const unprotect = ['shards', 'unprotect', ...named, '--reason', 'case-117 is closed']
  expect(await project.run(unprotect, by('bert'))).toMatchObject({ exitCode: 0 })

  const [app] = await historyOf(project, '--shard', table)
  const actors = new Map(app?.runs.map(({ id, actor, command }) => [id, `${actor}: ${command}`]))
  const story = app?.shardEvents.toReversed().map(({ run, from, to }) => [actors.get(run ?? ''), from, to])
  expect(story).toEqual([
    ['robot: rotate run', null, 'live'],
    ['robot: rotate run', 'live', 'sealed'],
    ['robot: rotate run', 'sealed', 'holding'],
    ['robot: rotate run', 'holding', 'held'],
    ['robot: rotate run', 'held', 'archived'],
    ['mallory: rotate run', 'archived', 'dropping'],
    ['mallory: rotate run', 'dropping', 'dropped'],
    ['ann: shards restore', 'dropped', 'restoring'],
    ['ann: shards restore', 'restoring', 'live'],
    ['bert: shards unprotect', 'live', 'live'],
  ])
  expect(app?.shardEvents[0]).toMatchObject({ protected: null, table, key, family: 'messages' })
  const shown = (await project.run(['history', '--shard', table])).stdout
  expect(shown).toMatch(new RegExp(`${table} +dropping to dropped +mallory as `))
  expect(shown).toMatch(new RegExp(`${table} +restoring to live,.* ann as `))
  // By the key, and by the run that dropped it.
  expect((await historyOf(project, '--shard', key))[0]?.shardEvents).toHaveLength(10)
  const culprit = app?.runs.find(({ actor }) => actor === 'mallory')?.id ?? ''
  const [ofRun] = await historyOf(project, '--run', culprit)
  expect(ofRun).toMatchObject({ passes: [], runs: [{ id: culprit, actor: 'mallory' }] })
  expect(ofRun?.shardEvents.filter((event) => event.table === table).map(({ to }) => to)).toEqual([
    'dropped',
    'dropping',
  ])
})

test('history --since takes a length of time or a day', async () => {
  const project = await stage({ files: { 'app/0001_a.sql': tableMigration('a') } })
  await project.run(['migrate'])
  await project.query('UPDATE wwdb_runs SET started_at = UTC_TIMESTAMP(6) - INTERVAL 3 DAY')
  await project.query('UPDATE wwdb_journal SET opened_at = UTC_TIMESTAMP(6) - INTERVAL 3 DAY WHERE pass > 0')
  const counts = async (since: string) =>
    (await historyOf(project, '--since', since)).map(({ runs, passes }) => [runs.length, passes.length])
  expect(await counts('7d')).toEqual([[1, 1]])
  expect(await counts('12h')).toEqual([[0, 0]])
  expect(await counts('2026-01-01')).toEqual([[1, 1]])
  expect(await counts('2199-01-01')).toEqual([[0, 0]])
  expect(await project.run(['history', '--since', 'soon'])).toMatchObject({ exitCode: 64, stdout: '' })
})
