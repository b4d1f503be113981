import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { migration, type Stage, tableMigration, withStages } from '../helpers/tool/stage.ts'
import { type DiskPoint, listDiskPoints, runOnDisk } from './support/dying-disk.ts'
import { longest, randomFrom, sample, seed } from './support/seed.ts'

const openStage = withStages()
console.error(`Chaos of files: seed ${seed}; SOAK_SEED=${seed} repeats the choice of points`)

/** Every file of the migrations with its text: what no kill may lose. */
type Files = Readonly<Record<string, string>>

/** Drafts of `wwdb.sum` that a killed run leaves mean nothing, and have another name each time. */
const draft = /\/\.wwdb\.sum\.[0-9a-f-]{36}$/

function readFiles(stage: Stage): Files {
  const root = join(stage.folder, 'migrations')
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).toSorted()
  const named = paths.map((path) => [path.slice(root.length + 1), readFileSync(path, 'utf8')] as const)
  return Object.fromEntries(named.filter(([name]) => !draft.test(`/${name}`)))
}

function restoreFiles(stage: Stage, files: Files): void {
  const root = join(stage.folder, 'migrations')
  rmSync(root, { recursive: true })
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
}

/** A run that is killed, and one of those that may follow it. */
interface Trial {
  readonly killed: readonly string[]
  /** The files before the killed run. */
  readonly before: Files
  readonly next: readonly string[]
  /** What the next run says where the killed one has left nothing for it to do. */
  readonly nothing: string
  /** The files behind the next run. */
  readonly after: Files
}

/** Kills a run at a point, and says what is not as it should be after the next one. */
async function survive(stage: Stage, trial: Trial, point: DiskPoint): Promise<readonly string[]> {
  restoreFiles(stage, trial.before)
  const { run } = await runOnDisk(stage, trial.killed, point)
  const next = await stage.run(trial.next)
  const isDone = next.exitCode === 0 || next.stderr.includes(trial.nothing)
  const check = await stage.run(['validate'])
  const problems = [
    ...(run.signal === 'SIGKILL' ? [] : [`it was not killed: ${run.exitCode} ${run.stderr}`]),
    ...(isDone ? [] : [`the next run ended with ${next.exitCode}: ${next.stderr}`]),
    ...(check.exitCode === 0 ? [] : [`the files are not valid: ${check.stdout}${check.stderr}`]),
  ]
  const found = readFiles(stage)
  const names = [...new Set([...Object.keys(found), ...Object.keys(trial.after)])]
  const differing = names.filter((name) => found[name] !== trial.after[name])
  const where = `${trial.killed.join(' ')} killed ${point.moment} ${point.what}, then ${trial.next.join(' ')}`
  return [...problems, ...differing.map((name) => `${name} is ${found[name]} instead of ${trial.after[name]}`)].map(
    (problem) => `${where}: ${problem}`,
  )
}

/** Tries a sample of the points, in a soak all: each with every run that may follow. */
async function surviveAll(stage: Stage, trials: readonly Trial[], count: number): Promise<void> {
  const [first] = trials
  if (first === undefined) throw new Error('a trial is needed')
  restoreFiles(stage, first.before)
  const { run, writes } = await runOnDisk(stage, first.killed, null)
  expect(run, run.stderr).toMatchObject({ exitCode: 0 })
  expect(writes.length).toBeGreaterThan(2)
  const all = listDiskPoints(writes).flatMap((point) => trials.map((trial) => ({ trial, point })))
  const chosen = sample(all, count, randomFrom(seed))
  const problems: string[] = []
  for (const { trial, point } of chosen) problems.push(...(await survive(stage, trial, point)))
  console.error(`${first.killed.join(' ')}: killed at ${chosen.length} of ${all.length} points`)
  expect(problems).toEqual([])
}

describe('a squash', () => {
  const squash = ['squash', '--to', '0002', '--yes']
  const undo = ['squash', '--undo', '--yes']
  const squashed = 'There is no squash to undo'
  const twice = 'still has the files of an earlier squash'
  let stage: Stage
  let old: Files
  let single: Files

  beforeAll(async () => {
    stage = await openStage({
      databases: ['user_db', 'app'],
      files: {
        'user_db/0001_users.sql': migration(
          "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(20)); INSERT INTO users VALUES (1, 'one');",
        ),
        'user_db/0002_view.sql': migration('CREATE VIEW names AS SELECT name FROM users;'),
        'user_db/0003_more.sql': tableMigration('more'),
        'app/0001_orders.sql': tableMigration('orders'),
        'app/0002_lines.sql': tableMigration('order_lines'),
      },
    })
    expect(await stage.run(['validate', '--write-sum', '-t', 'user_db'])).toMatchObject({ exitCode: 0 })
    old = readFiles(stage)
    expect(Object.keys(old)).toHaveLength(6)
    expect(await stage.run(squash)).toMatchObject({ exitCode: 0 })
    single = readFiles(stage)
  })

  test(
    'that is killed at a write is finished by the next run, or taken back',
    async () => {
      const trial = { killed: squash, before: old }
      await surviveAll(
        stage,
        [
          { ...trial, next: squash, nothing: twice, after: single },
          { ...trial, next: undo, nothing: squashed, after: old },
        ],
        4,
      )
    },
    longest,
  )

  test(
    'that is killed while it is taken back is taken back by the next run, or made again',
    async () => {
      const trial = { killed: undo, before: single }
      await surviveAll(
        stage,
        [
          { ...trial, next: undo, nothing: squashed, after: old },
          { ...trial, next: squash, nothing: twice, after: single },
        ],
        4,
      )
    },
    longest,
  )
})

describe('a rebase', () => {
  const rebase = ['rebase']
  let stage: Stage

  test(
    'that is killed at a write is finished by the next run',
    async () => {
      stage = await openStage({
        databases: ['user_db', 'app'],
        files: { 'user_db/0001_a.sql': tableMigration('a'), 'app/0001_b.sql': tableMigration('b') },
      })
      stage.write('user_db/0002_main.sql', tableMigration('main'))
      expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
      expect(await stage.run(['validate', '--write-sum'])).toMatchObject({ exitCode: 0 })
      stage.write('user_db/0002_same.sql', tableMigration('branch'))
      stage.write('user_db/0003_same.sql', tableMigration('more', '-- wwdb:requires app/0002'))
      stage.write('app/0002_needs.sql', tableMigration('needs', '-- wwdb:requires user_db/0002'))
      stage.write('app/0003_needs.sql', tableMigration('needs_too', '-- wwdb:requires user_db/0003'))
      const before = readFiles(stage)
      expect(await stage.run(rebase)).toMatchObject({ exitCode: 0 })
      const after = readFiles(stage)
      expect(Object.keys(after)).toContain('user_db/0004_same.sql')
      expect(after['app/0003_needs.sql']).toContain('requires user_db/0004')
      expect(after['user_db/wwdb.sum']).toContain('0003_same.sql')
      expect(await stage.run(['validate'])).toMatchObject({ exitCode: 0 })
      await surviveAll(stage, [{ killed: rebase, before, next: rebase, nothing: 'No pending file', after }], 6)

      // Until then no run takes the files for whole.
      restoreFiles(stage, before)
      const { run } = await runOnDisk(stage, rebase, { write: 3, moment: 'before', what: 'the second rename' })
      expect(run).toMatchObject({ signal: 'SIGKILL' })
      const stopped = 'A rebase was interrupted'
      expect((await stage.run(['migrate'])).stderr).toContain(stopped)
      expect((await stage.run(['rebase', '--dry-run'])).stdout).toContain(stopped)
      const finished = await stage.run(rebase)
      expect(finished, finished.stderr).toMatchObject({ exitCode: 0 })
      expect(readFiles(stage)).toEqual(after)
    },
    longest,
  )
})
