import process, { env, stdout } from 'node:process'
import { describe, expect, test, vi } from 'vitest'
import { migrate, plan, rollback, status, validate, WwdbError } from '../../../src/library/migrate.ts'
import { migration, type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'
import { cleanEnvironment } from '../../helpers/tool/tool.ts'

const stage = withStages()
const variables = cleanEnvironment()
const of = ({ folder }: Stage) => ({ cwd: folder, variables })
const two = {
  'app/0001_a.sql': tableMigration('a'),
  'app/0002_b.sql': migration('INSERT INTO a VALUES (1);', 'DELETE FROM a;'),
}

/** What the journal says of statements, without times and ids. */
const journalOf = (project: Stage) =>
  project.query(
    'SELECT pass, statement, state, version, name, kind, direction, checksum, hash, summary FROM wwdb_journal ORDER BY pass, statement',
  )

async function errorOf(run: Promise<unknown>): Promise<WwdbError> {
  const thrown = await run.then(
    () => null,
    (error: unknown) => error,
  )
  if (thrown instanceof WwdbError) return thrown
  throw new Error(`no WwdbError: ${String(thrown)}`)
}

describe('wwdb/migrate', () => {
  test('answers as the commands do, and leaves the journal and the record that they leave', async () => {
    const [called, typed] = [await stage({ files: two }), await stage({ files: two })]
    expect(await plan(of(called))).toMatchObject({ kind: 'plan', exitCode: 0 })
    expect(await called.query('SHOW TABLES')).toEqual([])
    const answer = await migrate(of(called))
    expect(answer.outcomes).toMatchObject([{ state: 'done', done: ['0001_a', '0002_b'], statements: 2 }])
    const line = await typed.json(['migrate'])
    expect(Object.keys(answer).toSorted()).toEqual(Object.keys(line.answer).toSorted())
    expect(await journalOf(called)).toEqual(await journalOf(typed))
    const runs = 'SELECT command, outcome FROM wwdb_runs'
    expect(await called.query(runs)).toEqual(await typed.query(runs))
    expect(await status(of(called))).toMatchObject({ kind: 'status', pending: 0 })
    expect(await validate(of(called))).toMatchObject({ exitCode: 0 })
    const back = await rollback({ ...of(called), steps: 1, yes: true, allow: ['DELETE_ALL_ROWS'] })
    expect(back.outcomes).toMatchObject([{ state: 'done', done: ['0002_b'] }])
    expect(await status(of(called))).toMatchObject({ pending: 1 })
  })

  test('gives what happens as it happens, and changes nothing of the process', async () => {
    const project = await stage({ files: two })
    const write = vi.spyOn(stdout, 'write')
    const listeners = (): readonly number[] =>
      ['SIGINT', 'SIGTERM', 'uncaughtException', 'unhandledRejection', 'exit'].map((event) =>
        process.listenerCount(event),
      )
    const before = { listeners: listeners(), variables: { ...env } }
    const run = migrate(of(project))
    const types: string[] = []
    for await (const line of run) types.push(line.type)
    const { kind } = await run
    expect(write).not.toHaveBeenCalled()
    write.mockRestore()
    expect(kind).toBe('run')
    expect(types.at(0)).toBe('version')
    expect(types).toContain('run-started')
    expect(types.filter((type) => type === 'step-finished')).toHaveLength(2)
    expect(types.at(-1)).toBe('result')
    expect({ listeners: listeners(), variables: { ...env } }).toEqual(before)
  })

  test('gives each migration its own time, also where many share a packet: together no more than the run took', async () => {
    const numbers = Array.from({ length: 40 }, (_, index) => String(index + 1).padStart(4, '0'))
    const files = Object.fromEntries(numbers.map((number) => [`app/${number}_a.sql`, tableMigration(`t_${number}`)]))
    const project = await stage({ files })
    const seen: number[] = []
    let steps = 0
    for await (const line of migrate(of(project))) {
      if (line.type === 'step-started' || line.type === 'step-finished') seen.push(performance.now())
      if (line.type === 'step-finished') steps += line.milliseconds
    }
    expect(steps).toBeGreaterThan(0)
    expect(steps).toBeLessThanOrEqual((seen.at(-1) ?? 0) - (seen[0] ?? 0))
  })

  test('is rejected with what failed, and with what was done beside it', async () => {
    const files = {
      'app/0001_a.sql': tableMigration('a'),
      'shop/0001_b.sql': migration(
        'CREATE TABLE d (id INT PRIMARY KEY);\nINSERT INTO d VALUES (1);\nINSERT INTO d VALUES (1);',
      ),
    }
    const project = await stage({ databases: ['app', 'shop'], files })
    const run = migrate({ ...of(project), noProbe: true })
    const seen: string[] = []
    await expect(
      (async () => {
        for await (const { type } of run) seen.push(type)
      })(),
    ).rejects.toThrow(WwdbError)
    const error = await errorOf(run)
    expect(seen.at(-1), error.message).toBe('result')
    expect(error).toMatchObject({ name: 'WwdbError', code: 'STATEMENT_FAILED', exitCode: 2 })
    expect(error.faults).toMatchObject([{ errno: 1062, where: { database: 'shop', line: 4 } }])
    expect(error.message).toContain('Duplicate entry')
    expect(error.answer).toMatchObject({ kind: 'run', outcomes: [{ state: 'done' }, { state: 'failed' }] })
  })

  test('a question that nobody answers, a project that is not there and an option that does not exist are errors', async () => {
    const project = await stage({ files: two })
    await migrate(of(project))
    expect(await errorOf(rollback({ ...of(project), steps: 1 }))).toMatchObject({ code: 'NOT_CONFIRMED', exitCode: 2 })
    expect(await errorOf(status({ ...of(project), config: 'none.json' }))).toMatchObject({ exitCode: 78, answer: null })
    expect(() => migrate({ ...of(project), ...{ stepz: 1 } })).toThrow(
      new TypeError('wwdb migrate has no option stepz'),
    )
    expect(() => migrate({ ...of(project), ...JSON.parse('{"steps":[1]}') })).toThrow(TypeError)
    expect(await errorOf(migrate({ ...of(project), steps: -1 }))).toMatchObject({ code: 'USAGE', exitCode: 64 })
  })

  test('a signal stops it behind the statement under way, and the next run continues there', async () => {
    const up = 'CREATE TABLE c (id INT PRIMARY KEY);\nDO SLEEP(2);\nINSERT INTO c VALUES (1);'
    const project = await stage({ files: { 'app/0001_c.sql': migration(up, 'DROP TABLE c;') } })
    const controller = new AbortController()
    const run = migrate({ ...of(project), signal: controller.signal })
    const sleeps = `SELECT ID FROM information_schema.PROCESSLIST WHERE DB='${project.schema('app')}' AND INFO LIKE 'DO SLEEP%'`
    await expect.poll(() => project.query(sleeps), { timeout: 20_000 }).toHaveLength(1)
    controller.abort()
    expect(await errorOf(run)).toMatchObject({ code: 'STOPPED', exitCode: 143 })
    expect(await project.query('SELECT COUNT(*) FROM c')).toEqual([[0]])
    expect(await errorOf(migrate({ ...of(project), signal: controller.signal }))).toMatchObject({ code: 'STOPPED' })
    await migrate(of(project))
    expect(await project.query('SELECT id FROM c')).toEqual([[1]])
    expect(await project.query("SELECT COUNT(*) FROM wwdb_journal WHERE version = '0001'")).toEqual([[3]])
  })
})
