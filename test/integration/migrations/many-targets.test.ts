// A database that many schemas have: lists, waves, summaries, and what is left after failures.
import { describe, expect, it } from 'vitest'
import { names, tenants, withTenants } from '../../helpers/migrations/tenants.ts'
import { migration, type Stage } from '../../helpers/tool/stage.ts'

const openTenants = withTenants()

const second = migration('ALTER TABLE notes ADD COLUMN title VARCHAR(50);', 'ALTER TABLE notes DROP COLUMN title;')

describe('a list in the configuration', () => {
  it('migrates each schema once, in waves, and then has nothing to do', async () => {
    const list = names(12)
    const stage = await openTenants(list, { targets: { list, canary: 2, wave: 4 } })
    const { answer: result } = await stage.json(['migrate', ...tenants])
    expect(result).toMatchObject({
      kind: 'targets-run',
      listed: 12,
      counts: { done: 12, nothingToDo: 0, failed: 0 },
      migrations: 12,
      waves: 4,
      end: 'done',
      outcomes: [],
      left: [],
    })
    for (const name of list) expect(await stage.tables(name)).toEqual(['notes'])
    const again = await stage.json(['migrate', ...tenants])
    expect(again.answer).toMatchObject({ counts: { done: 0, nothingToDo: 12 }, waves: 0, end: 'done' })
    const runs = await stage.query('SELECT outcome, exit_code, plan_digest IS NOT NULL FROM wwdb_runs', 't7')
    expect(runs).toEqual([['done', 0, 1]])
  })
})

/** A schema in which the second migration fails: it has a table that the first one does not know. */
const broken = (stage: Stage, schema: string) =>
  stage.query('CREATE TABLE notes (id INT PRIMARY KEY, title VARCHAR(50))', schema)

describe('a target that fails', () => {
  it('ends the run in the canary, and what is printed next does what is left once it is mended', async () => {
    const list = names(5)
    const stage = await openTenants(list, { targets: { list, canary: 1, wave: 2 } })
    await broken(stage, 't1')
    const { answer, run } = await stage.json(['migrate', ...tenants])
    expect(answer).toMatchObject({ exitCode: 2, end: 'canary-failed', notStarted: 4, counts: { failed: 1, done: 0 } })
    expect(answer['outcomes']).toHaveLength(1)
    expect(run.stdout).toContain(stage.schema('t1'))
    for (const name of ['t2', 't3', 't4', 't5']) expect(await stage.tables(name)).toEqual([])
    await stage.query('DROP TABLE notes', 't1')
    const shown = await stage.run(['migrate', ...tenants])
    expect(shown.exitCode).toBe(0)
    expect(shown.stdout).toContain('5 targets of tenant_db: 5 migrated (5 migrations, 5 statements')
  })

  it('lets as many fail as the budget has, and names each', async () => {
    const list = names(8)
    const stage = await openTenants(list, { targets: { list, canary: 1, wave: 3, atOnce: 1 } })
    for (const name of ['t3', 't4', 't6']) await broken(stage, name)
    const one = await stage.run(['migrate', ...tenants, '--error-budget', '1'])
    expect(one.exitCode).toBe(2)
    expect(one.stdout).toContain(`tenant_db/${stage.schema('t3')}`)
    expect(one.stdout).toContain('8 targets of tenant_db: 2 migrated, 2 failed, 4 not started')
    expect(one.stdout).toContain('more failed than `--error-budget` allows')
    const all = await stage.run(['migrate', ...tenants, '--error-budget', '3'])
    expect(all.stdout).toContain('8 targets of tenant_db: 2 up to date before, 3 migrated, 3 failed')
  })

  it('is taken alone with --failed-only', async () => {
    const list = names(4)
    const stage = await openTenants(list, { targets: { list, canary: 0 } })
    expect((await stage.run(['migrate', ...tenants])).exitCode).toBe(0)
    // Fails while it runs: no trial can foresee the rows of one tenant.
    stage.write(
      'tenant_db/0002_key.sql',
      migration('ALTER TABLE notes ADD COLUMN k INT NOT NULL;\nALTER TABLE notes ADD UNIQUE KEY u (k);'),
    )
    await stage.query('INSERT INTO notes VALUES (1), (2)', 't2')
    const unforeseen = ['--no-probe', '--trial', 'off', '--error-budget', '4']
    const failed = await stage.json(['migrate', ...tenants, ...unforeseen])
    expect(failed.answer).toMatchObject({ exitCode: 2, counts: { done: 3, failed: 1 }, statements: 7 })
    const status = await stage.run(['status', ...tenants])
    expect(status.stdout).toContain(`1 with a migration that failed, or is under way: ${stage.schema('t2')}`)
    expect(status.stdout).toContain(`wwdb status --target tenant_db/${stage.schema('t2')}`)
    await stage.query('DELETE FROM notes WHERE id=2', 't2')
    stage.write('tenant_db/0003_title.sql', second)
    const mended = await stage.json(['migrate', ...tenants, '--failed-only'])
    expect(mended.answer).toMatchObject({ exitCode: 0, counts: { done: 1 }, leftOut: 3, migrations: 2 })
    expect(await stage.query("SHOW COLUMNS FROM notes LIKE 'title'", 't1')).toEqual([])
  })
})

describe('status and plan', () => {
  it('group targets that are alike', async () => {
    const list = [...names(4), 'fresh', 'gone']
    const stage = await openTenants([...names(4), 'fresh', 'left'], { targets: { list: [...names(4), 'left'] } })
    await stage.run(['migrate', ...tenants])
    stage.write('tenant_db/0002_title.sql', second)
    await stage.run(['migrate', '--target', `tenant_db/${stage.schema('t1')}`])
    stage.write(
      'wwdb.config.json',
      JSON.stringify({
        url: stage.url,
        prefix: stage.prefix,
        databases: { control_db: {}, tenant_db: { targets: { list } } },
      }),
    )
    const run = await stage.run(['status', ...tenants])
    expect(run.stdout).toContain('1 up to date')
    expect(run.stdout).toContain('3 behind')
    expect(run.stdout).toContain(`1 without any migration yet: ${stage.schema('fresh')}`)
    expect(run.stdout).toContain(`whose schema does not exist, or is hidden from this account: ${stage.schema('gone')}`)
    expect(run.stdout).toContain(`Not in the list, and not touched: \`${stage.schema('left')}\``)
    const { answer } = await stage.json(['plan', ...tenants, '--exit-code'])
    expect(answer).toMatchObject({ kind: 'targets-status', command: 'plan', exitCode: 1, listed: 6 })
    const dry = await stage.json(['migrate', ...tenants, '--dry-run'])
    expect(dry.answer).toMatchObject({ kind: 'targets-status', command: 'migrate --dry-run', exitCode: 0 })
    const migrated = await stage.json(['migrate', ...tenants])
    expect(migrated.answer).toMatchObject({ exitCode: 2, counts: { done: 4, nothingToDo: 1, failed: 1 }, end: 'done' })
    expect(await stage.query('SHOW TABLES', 'left')).toHaveLength(4)
  })

  it('plan one target of each group, with its statements and hazards', async () => {
    const list = names(3)
    const stage = await openTenants([...list, 'fresh'], { targets: { list: [...list, 'fresh'], canary: 0 } })
    for (const name of list) await stage.run(['migrate', '--target', `tenant_db/${stage.schema(name)}`])
    await stage.query('INSERT INTO notes VALUES (1)', 't1')
    stage.write('tenant_db/0002_drop.sql', migration('ALTER TABLE notes DROP COLUMN id, ADD COLUMN n INT;', ''))
    const { answer } = await stage.json(['plan', ...tenants])
    expect(answer).toMatchObject({
      exitCode: 0,
      groups: [
        {
          state: 'behind',
          count: 3,
          planned: { plan: { targets: [{ target: { schema: stage.schema('t1') }, steps: [{ type: 'apply' }] }] } },
        },
        { state: 'new', planned: { plan: { targets: [{ target: { schema: stage.schema('fresh') } }] } } },
      ],
    })
    const shown = await stage.run(['plan', ...tenants])
    expect(shown.stdout).toContain(`tenant_db/${stage.schema('t1')}, which stands for 3`)
    expect(shown.stdout).toContain('DROP_COLUMN')
    const dry = await stage.run(['migrate', ...tenants, '--dry-run'])
    expect(dry.stdout).toContain('DROP_COLUMN')
    // A status says what is pending and opens no target.
    expect((await stage.run(['status', ...tenants])).stdout).not.toContain('DROP_COLUMN')
    // What is foreseen to fail in the one that stands for others fails the plan.
    await stage.query('ALTER TABLE notes ADD COLUMN n INT', 't1')
    const failing = await stage.json(['plan', ...tenants])
    expect(failing.answer).toMatchObject({ exitCode: 2 })
  })

  it('say how many groups were not planned', async () => {
    const list = names(4)
    const add = (column: string) => migration(`ALTER TABLE notes ADD COLUMN ${column} INT;`, '')
    const files = Object.fromEntries(
      ['a', 'b', 'c', 'd'].map((column, at) => [`tenant_db/000${at + 2}_${column}.sql`, add(column)]),
    )
    const stage = await openTenants(list, { targets: { list } })
    for (const [file, text] of Object.entries(files)) stage.write(file, text)
    for (const [at, name] of list.entries())
      await stage.run(['migrate', '--target', `tenant_db/${stage.schema(name)}`, '--to', `000${at + 1}`])
    const { stdout } = await stage.run(['plan', ...tenants])
    expect(stdout).toContain('1 group of 1 target was not planned: nothing is said of their statements and hazards.')
    expect(stdout).toContain('By the journals alone, but for what was planned')
    expect((await stage.run(['status', ...tenants])).stdout).not.toContain('not planned')
  })
})
