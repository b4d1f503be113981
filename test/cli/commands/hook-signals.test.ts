import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

/** Signals while a program of a hook runs. The tool is a process here, as only a process gets signals. */

const stage = withStages()
const two = { 'app/0001_a.sql': tableMigration('a'), 'app/0002_b.sql': tableMigration('b') }

/** A hook that says that it runs, and does not end by itself; neither does what it started. */
const hang = 'sleep 300 & echo "$! $$" > started; wait'
/** The same, which SIGTERM alone does not end. */
const stubborn = `trap "" TERM; ${hang}; wait`
const hangAt = (version: string): string => `grep -q '"version":"${version}"' || exit 0; ${hang}`

interface Case {
  readonly hooks: object
  readonly command?: readonly string[]
  readonly signals: readonly NodeJS.Signals[]
}

/** Runs a command until its hook runs, sends it signals, and waits for its end. */
async function interrupt({ hooks, command = ['migrate', '--no-probe'], signals }: Case, files: object = two) {
  const project = await stage({ files: { ...files }, configuration: { hooks } })
  const tool = project.start([...command])
  const file = join(project.folder, 'started')
  await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n')).toBe(true)
  for (const [index, signal] of signals.entries()) {
    // A second one counts once the first was taken.
    if (index > 0) await tool.says('stderr', 'Stopping')
    tool.child.kill(signal)
  }
  const run = await tool.ended
  for (const id of readFileSync(file, 'utf8').trim().split(' ').map(Number))
    await expect.poll(() => isAlive(id), { message: `process ${id} of the hook` }).toBe(false)
  return { project, run }
}

function isAlive(process_: number): boolean {
  try {
    process.kill(process_, 0)
    // A process that ended and that nobody waited for is no longer one.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${process_}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** What a later run without hooks makes of it: all is done once. */
async function continues(project: Stage): Promise<void> {
  const text = readFileSync(join(project.folder, 'wwdb.config.json'), 'utf8')
  project.write('wwdb.config.json', JSON.stringify({ ...JSON.parse(text), hooks: undefined }))
  expect(await project.run(['migrate', '--no-probe', '--lock-timeout', '0'])).toMatchObject({ exitCode: 0 })
  expect(await project.tables()).toEqual(['a', 'b'])
}

const passes = (project: Stage) => project.query('SELECT version, state FROM wwdb_journal WHERE pass > 0 ORDER BY pass')
const runs = (project: Stage) => project.query('SELECT outcome, exit_code, error FROM wwdb_runs ORDER BY started_at')

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s while the hook before a run is asked ends the hook and the command, and nothing was written',
  async (signal, exitCode) => {
    const { project, run } = await interrupt({ hooks: { before: { run: hang } }, signals: [signal] })
    expect(run).toMatchObject({ exitCode, signal: null })
    expect(run.stderr).toContain('Stopped while the hook `hooks.before.run` was running.')
    expect(await project.query('SHOW TABLES')).toEqual([])
    await continues(project)
  },
)

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s while the hook before a migration is asked leaves those before it applied, and the run is recorded as stopped',
  async (signal, exitCode) => {
    const { project, run } = await interrupt({ hooks: { before: { migration: hangAt('0002') } }, signals: [signal] })
    expect(run).toMatchObject({ exitCode, signal: null })
    expect(await passes(project)).toEqual([['0001', 'closed']])
    expect(await project.tables()).toEqual(['a'])
    expect(await runs(project)).toEqual([['stopped', exitCode, expect.stringContaining('hooks.before.migration')]])
    await continues(project)
  },
)

test('a second signal ends the hook after a migration, and no migration begins behind it', async () => {
  const hooks = { after: { migration: hangAt('0001') } }
  const { project, run } = await interrupt({ hooks, signals: ['SIGINT', 'SIGINT'] })
  expect(run).toMatchObject({ exitCode: 130, signal: null })
  expect(run.stderr).toContain('The hook `hooks.after.migration` was ended because wwdb was asked to stop.')
  expect(await passes(project)).toEqual([['0001', 'closed']])
  expect(await runs(project)).toEqual([['stopped', 130, null]])
  await continues(project)
})

test('a second signal ends the hook after a run, whose own end stays what it was', async () => {
  const { project, run } = await interrupt({ hooks: { after: { run: stubborn } }, signals: ['SIGTERM', 'SIGTERM'] })
  expect(run.stderr).toContain('The hook `hooks.after.run` was ended because wwdb was asked to stop.')
  expect(await passes(project)).toEqual([
    ['0001', 'closed'],
    ['0002', 'closed'],
  ])
  expect(await runs(project)).toEqual([['done', 0, null]])
  expect(run).toMatchObject({ exitCode: 0, signal: null })
})

test('a signal while the hook before a rotation is asked makes no shard, and the run is recorded as stopped', async () => {
  const template =
    '-- wwdb:period month\n-- wwdb:name notes_{YYYYMM}\n-- wwdb:late 0 days\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY) ENGINE=InnoDB;\n'
  const rotation = { hooks: { before: { rotation: hang } }, command: ['rotate', 'run'], signals: ['SIGTERM'] as const }
  const { project, run } = await interrupt(rotation, { 'shard-templates/app/notes.sql': template })
  expect(run).toMatchObject({ exitCode: 143, signal: null })
  expect((await project.tables()).filter((table) => table.startsWith('notes_'))).toEqual([])
  expect(await project.query('SELECT state FROM wwdb_shards')).toEqual([])
  expect(await runs(project)).toEqual([['stopped', 143, expect.stringContaining('hooks.before.rotation')]])
})
