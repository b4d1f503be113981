import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { publishedSchema } from '../../helpers/documents/published.ts'
import { selectLeftScratch } from '../../helpers/servers/schema.ts'
import { migration, type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const files = {
  'app/0001_users.sql': migration(
    "CREATE TABLE users (id INT PRIMARY KEY, note TEXT);\nINSERT INTO users VALUES (1, 'secret');",
    'DROP TABLE users;',
  ),
  'app/0002_posts.sql': tableMigration('posts'),
}

describe('wwdb plan', () => {
  test('shows what would run, statement by statement, and runs nothing', async () => {
    const { run, tables } = await stage({ files })
    const plan = await run(['plan'])
    expect(plan.exitCode).toBe(0)
    for (const part of ['0001_users', 'CREATE TABLE users', 'INSERT INTO users VALUES', '0002_posts']) {
      expect(plan.stdout).toContain(part)
    }
    expect(await tables()).toEqual([])
  })

  test('shows the text of each statement, folded, with its algorithm and the size of its table; -v all of it', async () => {
    const wide = 'ALTER TABLE present\n  ADD COLUMN a INT,\n  ADD COLUMN b INT,\n  ADD COLUMN c INT'
    const { json, query, run, schema } = await stage({
      files: {
        'app/0001_wide.sql': migration(
          `${wide};\nUPDATE {{schema:app}}.present SET id = id + 1 WHERE id = 7;`,
          'DO 1;',
        ),
      },
    })
    await query('CREATE TABLE present (id INT PRIMARY KEY)')
    await query('INSERT INTO present VALUES (1), (2), (3)')
    await query('ANALYZE TABLE present')
    const { stdout } = await run(['plan'])
    expect(stdout).toMatch(
      / 1 {2}ALTER TABLE present {2}INSTANT, about 3 rows, 16 KiB\n +ALTER TABLE present\n +ADD COLUMN a INT,\n +ADD COLUMN b INT,\n +\(1 more line\)\n/,
    )
    expect(stdout).toContain(`UPDATE \`${schema('app')}\`.present SET id = id + 1 WHERE id = 7  about 3 rows, 16 KiB\n`)
    expect((await run(['plan', '-v'])).stdout).toContain('ADD COLUMN c INT\n')
    expect((await run(['migrate', '--dry-run'])).stdout).toContain('ADD COLUMN b INT,\n')
    const { answer } = await json(['plan', '--out', 'plan.json'])
    const size = { table: 'present', rows: 3, bytes: 16_384 }
    const statements = [{ sql: wide, algorithm: 'INSTANT', size }, { size }]
    expect(answer).toMatchObject({ plan: { targets: [{ steps: [{ statements }] }] } })
  })

  test('refuses a time for live statements without looking at them', async () => {
    const { run } = await stage({ files })
    expect(await run(['plan', '--within', '14 days'])).toMatchObject({
      exitCode: 64,
      stderr: expect.stringContaining('`--within` is for `--live`, which is not given.'),
    })
  })

  test('masks passwords in the texts of statements, on the screen, in --json and in the file', async () => {
    const { folder, run } = await stage({
      files: { 'app/0001_user.sql': migration("CREATE USER wwdb_never@localhost IDENTIFIED BY 'hunter2';") },
    })
    const shown = [await run(['plan']), await run(['plan', '-v']), await run(['plan', '--json', '--out', 'plan.json'])]
    const texts = [
      ...shown.map(({ stdout, stderr }) => stdout + stderr),
      readFileSync(join(folder, 'plan.json'), 'utf8'),
    ]
    for (const text of texts) {
      expect(text).toContain("IDENTIFIED BY '***'")
      expect(text).not.toContain('hunter2')
    }
  })

  test('--json is one document that its schema allows, with the whole texts of statements', async () => {
    const { json, schema } = await stage({ files })
    const { answer, events, run } = await json(['plan'])
    expect(events).toEqual([])
    expect(answer).toMatchObject({
      kind: 'plan',
      file: null,
      plan: {
        direction: 'up',
        targets: [{ target: { schema: schema('app') }, steps: [{ version: '0001' }, { version: '0002' }] }],
      },
    })
    expect(run.stdout).toContain("INSERT INTO users VALUES (1, 'secret')")
  })

  test('a plan shows how the server would carry out an ALTER, unless --no-probe', async () => {
    const { json, query } = await stage({
      files: { 'app/0001_wide.sql': migration('ALTER TABLE present ADD COLUMN x INT;') },
    })
    await query('CREATE TABLE present (id INT PRIMARY KEY)')
    const algorithm = async (args: readonly string[]) => JSON.stringify((await json(args)).answer['plan'])
    expect(await algorithm(['plan'])).toMatch(/instant/i)
    expect(await algorithm(['plan', '--no-probe'])).not.toMatch(/instant/i)
    expect(await query(selectLeftScratch)).toEqual([])
  })

  test('--direction down shows what rollback would do', async () => {
    const { run } = await stage({ files })
    await run(['migrate'])
    const plan = await run(['plan', '--direction', 'down', '--steps', '2'])
    expect(plan.exitCode).toBe(0)
    expect(plan.stdout.indexOf('DROP TABLE posts')).toBeGreaterThan(-1)
    expect(plan.stdout.indexOf('DROP TABLE users')).toBeGreaterThan(plan.stdout.indexOf('DROP TABLE posts'))
  })

  test('--exit-code: 1 where something would run, 0 where nothing would; without it 0', async () => {
    const { run, json } = await stage({ files })
    expect(await run(['plan'])).toMatchObject({ exitCode: 0 })
    expect(await run(['plan', '--exit-code'])).toMatchObject({ exitCode: 1 })
    expect((await json(['plan', '--exit-code'])).answer).toMatchObject({ exitCode: 1 })
    await run(['migrate'])
    expect(await run(['plan', '--exit-code'])).toMatchObject({ exitCode: 0 })
    expect(await run(['plan', '--exit-code', '--direction', 'down'])).toMatchObject({ exitCode: 1 })
  })

  test('an empty plan is reported as empty', async () => {
    const { run } = await stage()
    const plan = await run(['plan'])
    expect(plan.exitCode).toBe(0)
    expect(plan.stdout).toMatch(/nothing to do/i)
  })
})

/** A stage with a plan in plan.json. */
async function withPlan(args: readonly string[] = [], prepare: (opened: Stage) => Promise<void> = async () => {}) {
  const opened = await stage({ files })
  await prepare(opened)
  const made = await opened.run(['plan', '--out', 'plan.json', ...args])
  expect(made.exitCode).toBe(0)
  return opened
}

/** What `migrate --plan` says when it refuses. */
async function refusal({ run, tables }: Stage, more: readonly string[] = []): Promise<string> {
  const before = await tables()
  const refused = await run(['migrate', '--plan', 'plan.json', ...more])
  expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
  expect(await tables()).toEqual(before)
  return refused.stderr
}

describe('plan --out, then migrate --plan', () => {
  test('writes a document that plan.schema.json allows, and runs exactly that', async () => {
    const { folder, json, tables } = await withPlan(['--to', '0001'])
    const file: unknown = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'))
    expect(publishedSchema('plan.schema.json').safeParse(file).error).toBeUndefined()
    const { answer } = await json(['migrate', '--plan', 'plan.json'])
    expect(answer).toMatchObject({ exitCode: 0, outcomes: [{ done: ['0001_users'] }] })
    expect(await tables()).toEqual(['users'])
  })

  test('runs a rollback that was planned, after the question of every rollback', async () => {
    const { run, tables } = await withPlan(['--direction', 'down'], async ({ run }) => void (await run(['migrate'])))
    expect((await run(['migrate', '--plan', 'plan.json'])).stderr).toContain('--yes')
    expect(await run(['migrate', '--plan', 'plan.json', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(await tables()).toEqual(['users'])
  })

  test('is refused when a file changed', async () => {
    const opened = await withPlan()
    opened.write('app/0002_posts.sql', tableMigration('articles'))
    expect(await refusal(opened)).toContain('is out of date for app')
  })

  test('is refused when a file came', async () => {
    const opened = await withPlan()
    opened.write('app/0003_more.sql', tableMigration('more'))
    expect(await refusal(opened)).toContain('is out of date')
  })

  test('is refused when the journal moved', async () => {
    const opened = await withPlan()
    await opened.run(['migrate', '--to', '0001'])
    expect(await refusal(opened)).toContain('is out of date')
  })

  test('is refused for another prefix', async () => {
    const opened = await withPlan()
    const { prefix, query } = opened
    await query(`CREATE DATABASE \`${prefix}x_app\``)
    expect(await refusal(opened, ['--prefix', `${prefix}x_`])).toContain('is out of date')
  })

  test.each([
    ['that is not there', null, 'Cannot read the plan'],
    ['that is not JSON', 'hello', 'It is not JSON'],
    ['that is another document', '{"kind":"other"}', 'is not a plan of wwdb'],
  ])('a file %s: a sentence', async (_, text, sentence) => {
    const opened = await stage({ files })
    if (text !== null) writeFileSync(join(opened.folder, 'plan.json'), text)
    expect(await refusal(opened)).toContain(sentence)
  })

  test('a plan that cannot be written: a sentence', async () => {
    const { run } = await stage({ files })
    const refused = await run(['plan', '--out', 'nowhere/plan.json'])
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('Cannot write the plan')
  })
})
