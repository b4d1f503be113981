import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { migration, type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

type Line = Readonly<Record<string, unknown>>

/** The lines of all days. */
function linesOf(project: Stage, folder = project.folder): readonly Line[] {
  return readdirSync(folder)
    .filter((name) => /^wwdb-\d{4}-\d{2}-\d{2}\.log$/.test(name))
    .toSorted()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as Line)
}

test('a log has who ran what, the events with their time and run, and the error of MySQL by its numbers', async () => {
  const project = await stage({
    files: { 'app/0001_a.sql': tableMigration('a'), 'app/0002_b.sql': migration('ALTER TABLE a ADD INDEX (nme);') },
  })
  const run = await project.run(['migrate', '--no-probe', '--log-file', 'wwdb.log', '--url', project.url])
  expect(run.exitCode).toBe(2)
  const lines = linesOf(project)
  expect(lines[0]).toMatchObject({ type: 'run-begun', command: 'migrate', flags: expect.stringContaining('--url ***') })
  const [id] = new Set(lines.map((line) => line['run']))
  const [recorded] = await project.query('SELECT run_id FROM wwdb_runs')
  expect(recorded).toEqual([id])
  expect(lines.every(({ time }) => /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(String(time)))).toBe(true)
  expect(lines.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['run-started', 'plan-ready', 'lock-acquired', 'statement-started', 'statement-finished']),
  )
  expect(lines.at(-1)).toMatchObject({
    type: 'result',
    kind: 'run',
    exitCode: 2,
    outcomes: [{ state: 'failed', code: 'STATEMENT_FAILED', fault: { errno: 1072, sqlState: '42000' } }],
  })
  const [name = ''] = readdirSync(project.folder).filter((file) => file.endsWith('.log'))
  expect(statSync(join(project.folder, name)).mode & 0o137).toBe(0)
})

test('the file may be named by a variable or the configuration, of every command, and its lines are added', async () => {
  const project = await stage({
    files: { 'app/0001_a.sql': tableMigration('a') },
    configuration: { logFile: 'logs/wwdb.log' },
  })
  const logs = join(project.folder, 'logs')
  mkdirSync(logs)
  await project.run(['status'])
  await project.run(['validate'], { environment: { WWDB_LOG_FILE: join(logs, 'wwdb.log') } })
  await project.run(['mark', '9999', '--applied'])
  const lines = linesOf(project, logs)
  expect(lines.filter(({ type }) => type === 'run-begun').map(({ command }) => command)).toEqual([
    'status',
    'validate',
    'mark',
  ])
  expect(lines.at(-1)).toMatchObject({ type: 'error', exitCode: 2, faults: [{ what: expect.any(String) }] })
})

test('a file that cannot be written stops a command before it begins, with a sentence', async () => {
  const project = await stage({ files: { 'app/0001_a.sql': tableMigration('a') } })
  const run = await project.json(['migrate', '--log-file', 'nowhere/wwdb.log'])
  expect(run).toMatchObject({ exitCode: 2, answer: { code: 'LOG_FILE' } })
  expect(JSON.stringify(run.answer)).toContain('in a writable folder')
  expect(await project.tables()).toEqual([])
  expect(existsSync(join(project.folder, 'nowhere'))).toBe(false)
})

test('secrets are masked in a log', async () => {
  const project = await stage({
    files: { 'app/0001_a.sql': migration("CREATE TABLE a (id NOPE COMMENT 'hunter2-secret');") },
    configuration: { sandbox: { url: 'mysql://root:hunter2-secret@127.0.0.1:1' } },
  })
  expect(await project.run(['migrate', '--no-probe', '--log-file', 'wwdb.log'])).toMatchObject({ exitCode: 2 })
  const text = JSON.stringify(linesOf(project))
  expect(text).toContain('***')
  expect(text).not.toContain('hunter2-secret')
})
