import { readFileSync } from 'node:fs'
import { createConnection } from 'mysql2/promise'
import { expect, test } from 'vitest'
import type { RunRecord } from '../../../src/audit/run.ts'
import { registryTables, shardEventsTable } from '../../../src/shards/registry/registry-format.ts'
import { type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()
const page = readFileSync(new URL('../../../docs/operations/audit.md', import.meta.url), 'utf8')
const [, shown = ''] = /```json file=wwdb\.config\.json\n([\s\S]*?)```/.exec(page) ?? []
const configuration: { readonly audit: { readonly keep: string } } = JSON.parse(shown)

const old = 'UTC_TIMESTAMP(6) - INTERVAL 800 DAY'
const recent = 'UTC_TIMESTAMP(6) - INTERVAL 700 DAY'

const insertRun = (id: string, at: string, outcome = 'done'): string =>
  'INSERT INTO wwdb_runs (run_id, command, flags, person, account, host, process, tool_version, connection_id, started_at, outcome) ' +
  `VALUES ('${id}', 'rotate run', '', 'ann', 'ann@%', 'h', 1, '1', 1, ${at}, '${outcome}')`

/** A shard in a state, and what happened to it: the run of each event, and when. */
async function insertShard(
  project: Stage,
  key: string,
  columns: object,
  events: readonly (readonly [string, string])[],
) {
  const row = { family: 'notes', shard_key: key, table_name: `notes_${key}`, template_version: 1, ...columns }
  const values = Object.values(row).map((value) => `'${value}'`)
  await project.query(`INSERT INTO wwdb_shards (${Object.keys(row).join(', ')}) VALUES (${values.join(', ')})`)
  for (const [run, at] of events)
    await project.query(
      'INSERT INTO wwdb_shard_events (run_id, at, family, shard_key, table_name, to_state, template_version) ' +
        `VALUES ('${run}', ${at}, 'notes', '${key}', 'notes_${key}', 'dropped', 1)`,
    )
}

async function openProject(): Promise<Stage> {
  const files = { 'app/0001_a.sql': tableMigration('a'), 'app/0002_b.sql': tableMigration('b') }
  const project = await stage({ files, configuration })
  expect(await project.run(['migrate', '--no-probe', '--to', '0001'])).toMatchObject({ exitCode: 0 })
  return project
}

const idsOf = async (project: Stage): Promise<readonly unknown[]> =>
  (await project.query("SELECT run_id FROM wwdb_runs WHERE person = 'ann' ORDER BY run_id")).flat()

test('old rows of runs go at the end of a run that wrote, but those that explain a shard that can be brought back', async () => {
  const project = await openProject()
  for (const text of [...registryTables, shardEventsTable]) await project.query(text)
  for (const [id, at, outcome] of [
    ['done', old],
    ['failed', old, 'failed'],
    ['killed', old, 'running'],
    ['under-way', old, 'running'],
    ['recent', recent],
    ...['of-live', 'of-archived', 'of-protected', 'of-gone', 'of-lately-gone', 'of-both'].map(
      (id) => [id, old] as const,
    ),
    ['of-lately-gone-2', recent],
  ] as const)
    await project.query(insertRun(id, at, outcome))
  await project.query("SELECT GET_LOCK('wwdb_run_under-way', 0)")
  await insertShard(project, 'live', { state: 'live' }, [['of-live', old]])
  await insertShard(project, 'archived', { state: 'dropped', archived_at: '2020-01-01' }, [['of-archived', old]])
  await insertShard(project, 'protected', { state: 'dropped', protected_at: '2020-01-01' }, [['of-protected', old]])
  await insertShard(project, 'gone', { state: 'dropped' }, [
    ['of-gone', old],
    ['of-both', old],
  ])
  await insertShard(project, 'kept', { state: 'held' }, [['of-both', old]])
  await insertShard(project, 'lately', { state: 'dropped' }, [
    ['of-lately-gone', old],
    ['of-lately-gone-2', recent],
  ])
  // More than one batch of them.
  await project.query('SET SESSION cte_max_recursion_depth = 2000')
  await project.query(
    'INSERT INTO wwdb_runs (run_id, command, flags, person, account, host, process, tool_version, connection_id, started_at, outcome) ' +
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100) SELECT CONCAT('bulk-', i), 'seed', '', 'bert', 'bert@%', 'h', 1, '1', 1, ${old}, 'done' FROM n`,
  )
  const before = await idsOf(project)

  // Nothing to do, nothing that may be written, and a failure: all stays.
  expect(await project.run(['migrate', '--no-probe', '--to', '0001'])).toMatchObject({ exitCode: 0 })
  expect(await project.run(['migrate', '--no-probe', '--dry-run'])).toMatchObject({ exitCode: 0 })
  project.write('app/0003_c.sql', tableMigration('a'))
  expect(await project.run(['migrate', '--no-probe'])).toMatchObject({ exitCode: 2 })
  expect(await idsOf(project)).toEqual(before)

  project.write('app/0003_c.sql', tableMigration('c'))
  const run = await project.run(['migrate', '--no-probe'])
  const sentence = 'The record of 1,104 runs and 2 shard events was removed: older than 730 days (`audit.keep`).'
  expect(run).toMatchObject({ exitCode: 0 })
  expect(run.stderr.replace(/\s+/g, ' ')).toContain(`app ${sentence}`)
  expect(await idsOf(project)).toEqual(
    before.filter((id) => !['done', 'failed', 'killed', 'of-gone'].includes(String(id))),
  )
  expect(await project.query('SELECT DISTINCT shard_key FROM wwdb_shard_events ORDER BY shard_key')).toEqual(
    ['archived', 'kept', 'lately', 'live', 'protected'].map((key) => [key]),
  )
  expect(await project.query("SELECT COUNT(*) FROM wwdb_runs WHERE person = 'bert'")).toEqual([[0]])
  const { answer } = await project.json(['history', '--limit', '1'])
  const [last] = (answer['targets'] as readonly { readonly runs: readonly RunRecord[] }[]).flatMap(({ runs }) => runs)
  expect(last).toMatchObject({ command: 'migrate', outcome: 'done', exitCode: 0, changes: [sentence] })
  // What was removed once is not said again.
  expect((await project.run(['rollback', '--yes'])).stderr).not.toContain('audit.keep')
})

test('old rows that a server refuses to remove are a warning, and the run is done', async () => {
  const project = await openProject()
  await project.query(insertRun('old', old))
  await project.query(
    "CREATE TRIGGER kept BEFORE DELETE ON wwdb_runs FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the record is kept for the auditors'",
  )
  const run = await project.json(['migrate', '--no-probe'])
  expect(run.exitCode).toBe(0)
  expect(run.answer['warnings']).toMatchObject([
    { message: expect.stringMatching(/^Old rows of the record of runs could not be removed from `app`: .*auditors/) },
  ])
  expect(await idsOf(project)).toEqual(['old'])
  expect(await project.query("SELECT command, outcome FROM wwdb_runs WHERE person <> 'ann'")).toEqual([
    ['migrate', 'done'],
    ['migrate', 'done'],
  ])
})

test('a table that others lock delays the end of a run by a second, not by the lock wait of the run', async () => {
  const project = await openProject()
  for (const text of [...registryTables, shardEventsTable]) await project.query(text)
  const other = await createConnection({ uri: project.url, database: project.schema('app') })
  await other.query('LOCK TABLES wwdb_shard_events WRITE')
  const running = project.run(['migrate', '--no-probe'])
  const waits =
    "SELECT v.VARIABLE_VALUE FROM performance_schema.variables_by_thread v JOIN performance_schema.threads t USING (THREAD_ID) WHERE v.VARIABLE_NAME='lock_wait_timeout' AND " +
    `t.PROCESSLIST_STATE='Waiting for table metadata lock' AND t.PROCESSLIST_INFO LIKE '%${project.schema('app')}%wwdb_shard_events%'`
  await expect.poll(() => project.query(waits), { timeout: 20_000, interval: 10 }).toEqual([['1']])
  const run = await running
  await other.end()
  expect(run.stderr.replace(/\s+/g, ' ')).toContain('Old rows of the record of runs could not be removed from `app`')
  expect(run.exitCode).toBe(0)
})

test('a run without `audit.keep` removes nothing, however old it is', async () => {
  const project = await openProject()
  const file = JSON.parse(readFileSync(`${project.folder}/wwdb.config.json`, 'utf8'))
  project.write('wwdb.config.json', JSON.stringify({ ...file, audit: undefined }))
  await project.query(insertRun('old', 'UTC_TIMESTAMP(6) - INTERVAL 9000 DAY'))
  expect(await project.run(['migrate', '--no-probe'])).toMatchObject({ exitCode: 0 })
  expect(await idsOf(project)).toEqual(['old'])
})
