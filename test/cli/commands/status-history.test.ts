import { describe, expect, test } from 'vitest'
import type { HistoryResult } from '../../../src/migrations/commands/history-view.ts'
import { migration, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

interface Row {
  readonly version: string
  readonly state: string
  readonly closed: number | null
  readonly total: number | null
}

/** State by version of the only database. */
function statesOf(answer: Record<string, unknown>): Record<string, string> {
  const targets = answer['targets'] as readonly { readonly migrations: readonly Row[] }[]
  return Object.fromEntries((targets[0]?.migrations ?? []).map((row) => [row.version, row.state]))
}

describe('wwdb status --all-environments', () => {
  const files = { 'app/0001_a.sql': tableMigration('a'), 'app/0002_b.sql': tableMigration('b') }

  test('shows every environment side by side; flags and variables that choose a server are for the present one', async () => {
    const { run, json, prefix, url, write } = await stage({ files })
    const environments = { one: {}, two: { prefix: `${prefix}two_` } }
    write('wwdb.config.json', JSON.stringify({ url, prefix, databases: { app: {} }, environments }))
    await run(['db', 'create', '--env', 'two'])
    await run(['migrate', '--env', 'two', '--to', '0001'])
    await run(['migrate', '--env', 'one'])
    const environment = { WWDB_PREFIX: 'nowhere_', WWDB_URL: 'mysql://root@127.0.0.1:1' }
    const { answer } = await json(['status', '--all-environments', '--exit-code'], { environment })
    expect(answer).toMatchObject({
      kind: 'environments',
      exitCode: 1,
      environments: [
        { name: 'one', databases: [{ applied: 2, last: '0002', pending: 0 }], unreached: [], fault: null },
        { name: 'two', databases: [{ applied: 1, last: '0001', pending: 1, target: { schema: `${prefix}two_app` } }] },
      ],
    })
    const shown = await run(['status', '--all-environments'])
    expect(shown.exitCode).toBe(0)
    expect(shown.stdout).toMatch(/^ +one +two\n {2}app {2}✓ current {2}· 1 pending\n/)
    await run(['migrate', '--env', 'two'])
    expect(await run(['status', '--all-environments', '--exit-code'])).toMatchObject({ exitCode: 0 })
  })

  test('69: names an environment that cannot be reached, and shows the others', async () => {
    const { run } = await stage({
      files,
      configuration: { environments: { far: { url: 'mysql://root@127.0.0.1:1' }, here: {} } },
    })
    const shown = await run(['status', '--all-environments', '--exit-code'])
    expect(shown.exitCode).toBe(69)
    expect(shown.stdout).toMatch(/^ +far +here\n {2}app {2}✗ not reached {2}· 2 pending\n/)
    expect(shown.stdout).toContain('✗ far: not reached.\n')
  })

  test('78: an environment whose configuration is wrong is named, too, without a secret', async () => {
    const far = { url: `mysql://root:hunter2@127.0.0.1:1/\${NO_SUCH_VARIABLE}` }
    const { run } = await stage({ files, configuration: { environments: { far, here: {} } } })
    const shown = await run(['status', '--all-environments'])
    expect(shown.exitCode).toBe(78)
    expect(shown.stdout).toContain('NO_SUCH_VARIABLE')
    expect(shown.stdout).toContain('· 2 pending')
    expect(shown.stdout + shown.stderr).not.toContain('hunter2')
  })

  test('64: a configuration without environments: a sentence', async () => {
    const { run } = await stage({ files })
    const refused = await run(['status', '--all-environments'])
    expect(refused).toMatchObject({ exitCode: 64, stdout: '' })
    expect(refused.stderr).toContain('has no environments')
  })
})

describe('wwdb status', () => {
  test('before, between and after: pending, applied; --exit-code and --pending', async () => {
    const { run, json } = await stage({
      files: { 'app/0001_a.sql': tableMigration('a'), 'app/0002_b.sql': tableMigration('b') },
    })
    const before = await run(['status'])
    expect(before).toMatchObject({ exitCode: 0, stderr: '' })
    expect(before.stdout).toMatch(/pending +0001 +a\n.*pending +0002 +b\n/)
    expect((await json(['status', '--exit-code'])).answer).toMatchObject({ exitCode: 1, pending: 2 })
    await run(['migrate', '--to', '0001'])
    expect(statesOf((await json(['status'])).answer)).toEqual({ '0001': 'applied', '0002': 'pending' })
    expect(statesOf((await json(['status', '--pending'])).answer)).toEqual({ '0002': 'pending' })
    await run(['migrate'])
    expect(await run(['status', '--exit-code'])).toMatchObject({ exitCode: 0 })
  })

  test('partial: how far it came', async () => {
    const { run, json } = await stage({
      files: { 'app/0001_a.sql': migration('CREATE TABLE a (id INT);\nCREATE TABLE b (id NOPE);') },
    })
    await run(['migrate'])
    const { answer } = await json(['status', '--exit-code'])
    expect(answer).toMatchObject({
      exitCode: 1,
      targets: [{ migrations: [{ state: 'partial', closed: 1, total: 2 }] }],
    })
    expect((await run(['status'])).stdout).toMatch(/partial.*1.*2/s)
  })

  test('changed, missing, out of order, outdated, not applicable', async () => {
    const { run, json, write, remove } = await stage({
      files: {
        'app/20260101000000_a.sql': tableMigration('a'),
        'app/20260102000000_b.sql': tableMigration('b'),
        'app/20260104000000_d.sql': tableMigration('d'),
        'app/20260105000000_e.sql': tableMigration('e', '-- wwdb:when environment=elsewhere'),
        'app/R__v.sql': migration('CREATE OR REPLACE VIEW v AS SELECT 1 AS x;'),
      },
    })
    await run(['migrate'])
    write('app/20260101000000_a.sql', `${tableMigration('a')}-- edited\n`)
    remove('app/20260102000000_b.sql')
    write('app/20260103000000_c.sql', tableMigration('c'))
    write('app/R__v.sql', migration('CREATE OR REPLACE VIEW v AS SELECT 2 AS x;'))
    const { answer } = await json(['status', '--exit-code'])
    expect(answer.exitCode).toBe(1)
    expect(statesOf(answer)).toEqual({
      '20260101000000': 'changed',
      '20260102000000': 'missing',
      '20260103000000': 'out-of-order',
      '20260104000000': 'applied',
      '20260105000000': 'not-applicable',
      R__v: 'outdated',
    })
    const { stdout } = await run(['status'])
    for (const word of ['changed', 'missing', 'out of order', 'outdated', 'not applicable']) {
      expect(stdout.replaceAll('-', ' ')).toContain(word)
    }
  })

  test('what migrate refuses is a finding, not pending, and doing what the findings say works', async () => {
    const files = {
      'app/20260101000000_a.sql': tableMigration('a'),
      'app/20260102000000_b.sql': tableMigration('b'),
      'app/20260105000000_e.sql': tableMigration('e'),
    }
    const { run, json, write, remove, tables } = await stage({ files })
    await run(['migrate'])
    write('app/20260101000000_a.sql', `${tableMigration('a')}-- edited\n`)
    remove('app/20260102000000_b.sql')
    write('app/20260103000000_c.sql', tableMigration('c'))
    write('app/20260106000000_f.sql', tableMigration('f'))
    const { answer } = await json(['status', '--exit-code'])
    expect(answer).toMatchObject({ exitCode: 1, pending: 1, running: 0 })
    expect(answer).toMatchObject({
      targets: [
        {
          findings: [
            { what: expect.stringContaining('its file is gone'), next: expect.stringContaining('--forget-missing') },
            { what: expect.stringContaining('was changed'), next: expect.stringContaining('--accept-checksums') },
            {
              what: expect.stringContaining('sorts before 20260105000000'),
              next: expect.stringContaining('rename the file'),
            },
          ],
        },
      ],
    })
    const told = (await run(['status'])).stdout
    expect(told).toContain('1 pending migration, 3 findings in 1 database.')
    expect(told).not.toMatch(/applies (?:it|them)/)
    expect((await run(['migrate'])).exitCode).toBe(2)

    await run(['repair', '--forget-missing'])
    await run(['repair', '--accept-checksums'])
    remove('app/20260103000000_c.sql')
    write('app/20260107000000_c.sql', tableMigration('c'))
    expect((await json(['status', '--exit-code'])).answer).toMatchObject({ exitCode: 1, pending: 2 })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await run(['status', '--exit-code'])).toMatchObject({ exitCode: 0 })
    expect(await tables()).toEqual(['a', 'b', 'c', 'e', 'f'])
  })

  test('a migration whose statement runs at this moment is running, for as long as it is', async () => {
    const { run, json, start, query } = await stage({
      files: {
        'app/0001_a.sql': tableMigration('a'),
        'app/0002_b.sql': migration('ALTER TABLE a ADD COLUMN n INT;'),
        'app/0003_c.sql': tableMigration('c'),
      },
      configuration: { guard: { transaction: 'none' } },
    })
    await run(['migrate', '--to', '0001'])
    await query('LOCK TABLES a READ')
    const migrating = start(['migrate', '--no-probe', '--verbose'])
    await migrating.says('stderr', 'blocked')
    const { answer } = await json(['status', '--exit-code'])
    expect(answer).toMatchObject({ exitCode: 1, pending: 1, running: 1, targets: [{ findings: [] }] })
    expect(statesOf(answer)).toMatchObject({ '0002': 'running', '0003': 'pending' })
    const told = (await run(['status'])).stdout
    expect(told).toMatch(/running +0002 +b +0 of 1 statement/)
    expect(answer).toMatchObject({ targets: [{ run: { pass: 2, seconds: expect.any(Number), percent: null } }] })
    expect(told).toMatch(/ Run by .+@.+ \(connection \d+, root@localhost(:\d+)?, for \d+ s\)\.\n/)
    const history = await run(['history'])
    expect(history.stdout).toMatch(/ · .+ up +0002 +b +running, 0 of 1/)
    expect(history.stdout).toContain(' Run by ')
    expect(told).not.toMatch(/\b0 ms/)
    expect(told).toContain('1 pending migration, 1 running in 1 database.')
    expect(told).toContain('wwdb lock status')
    await query('UNLOCK TABLES')
    expect(await migrating.ended).toMatchObject({ exitCode: 0 })
  })

  test('a statement that did not run is never shown as run, also without its file', async () => {
    const { run, json, remove } = await stage({ files: { 'app/0001_a.sql': migration('CREATE TABLE a (id NOPE);') } })
    await run(['migrate'])
    expect((await run(['status'])).stdout).not.toMatch(/\b0 ms/)
    remove('app/0001_a.sql')
    const { answer } = await json(['status'])
    expect(statesOf(answer)).toEqual({ '0001': 'missing' })
    const what = 'Migration `0001_a` began on `app`, and none of its statements ran, but its file is gone.'
    expect(answer).toMatchObject({ pending: 0, targets: [{ findings: [{ what }] }] })
    expect(await run(['repair', '--forget-missing'])).toMatchObject({ exitCode: 0 })
    expect(await run(['status', '--exit-code'])).toMatchObject({ exitCode: 0 })
  })

  test('after a rollback that failed: what to do, and doing it works', async () => {
    const down = (last: string): string =>
      migration('CREATE TABLE a (id INT);\nCREATE TABLE b (id INT);', `DROP TABLE b;\n${last};`)
    const { run, json, write, tables } = await stage({
      files: { 'app/0001_a.sql': down("INSERT INTO a VALUES ('x')") },
    })
    await run(['migrate'])
    expect((await run(['rollback', '--yes'])).exitCode).toBe(2)
    const { answer } = await json(['status', '--exit-code'])
    expect(statesOf(answer)).toEqual({ '0001': 'reverting' })
    expect(answer).toMatchObject({ exitCode: 1, pending: 0, targets: [{ findings: [{}] }] })
    const told = (await run(['status'])).stdout
    expect(told).toMatch(/reverting +0001 +a +1 of 2 statements/)
    expect(told).not.toMatch(/applies (?:it|them)\./)
    const command = /`wwdb (rollback [^`]+)`/.exec(told.replace(/\s+/g, ' '))?.[1]
    expect(command).toBe('rollback --steps 1 --target app')
    write('app/0001_a.sql', down('DROP TABLE a'))
    expect(await run([...(command?.split(' ') ?? []), '--yes'])).toMatchObject({ exitCode: 0 })
    expect(await tables()).toEqual([])
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await run(['status', '--exit-code'])).toMatchObject({ exitCode: 0 })
  })

  test('rows of the journal that are gone are findings', async () => {
    const two = migration('CREATE TABLE b (id INT);\nCREATE TABLE b2 (id INT);')
    const files = {
      'app/0001_a.sql': tableMigration('a'),
      'app/0002_b.sql': two,
      'app/0003_c.sql': tableMigration('c'),
    }
    const { run, json, query } = await stage({ files })
    await run(['migrate'])
    expect((await json(['status', '--exit-code'])).answer).toMatchObject({ exitCode: 0, targets: [{ findings: [] }] })
    const found = async () => {
      const { answer } = await json(['status', '--exit-code'])
      expect(answer.exitCode).toBe(1)
      return (answer['targets'] as readonly { readonly findings: readonly { readonly what: string }[] }[])[0]?.findings
    }
    await query('CREATE TABLE kept SELECT * FROM wwdb_journal')
    await query('DELETE FROM wwdb_journal WHERE pass = 1')
    expect(await found()).toContainEqual(expect.objectContaining({ what: 'The journal of `app` lacks pass 1 of 3' }))
    await query('REPLACE INTO wwdb_journal SELECT * FROM kept')
    await query('DELETE FROM wwdb_journal WHERE pass = 2 AND statement = 0')
    expect(await found()).toMatchObject([{ what: 'The journal of `app` lacks 1 statement of 0002' }])
    await query('REPLACE INTO wwdb_journal SELECT * FROM kept')
    await query('DELETE FROM wwdb_journal WHERE pass = 2 AND statement = 1')
    expect(await found()).toMatchObject([
      { what: 'The journal of `app` does not have what ran: its record of the schema has pass 2: `0002`.' },
      { what: 'The journal of `app` has 1 of the 2 statements of 0002, and 0003 ran after it' },
    ])
    // A run would execute the statement a second time.
    const refused = await run(['migrate'])
    expect(refused).toMatchObject({ exitCode: 2 })
    expect(refused.stderr).toContain('`wwdb repair --rebuild-journal --target app`')
    expect(await run(['mark', '0002', '--applied', '--target', 'app'])).toMatchObject({ exitCode: 0 })
    expect((await json(['status', '--exit-code'])).answer).toMatchObject({ exitCode: 0 })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
  })

  test('baseline', async () => {
    const { run, json } = await stage({
      files: { 'app/0001_a.sql': tableMigration('a'), 'app/0002_b.sql': tableMigration('b') },
    })
    await run(['baseline', '0001', '--accept-drift'])
    expect(statesOf((await json(['status'])).answer)).toEqual({ '0001': 'baseline', '0002': 'pending' })
  })

  test('a schema that does not exist: everything is pending there, and it is said', async () => {
    const { run, json, query } = await stage({ create: false, files: { 'app/0001_a.sql': tableMigration('a') } })
    const { answer } = await json(['status', '--exit-code'])
    expect(answer).toMatchObject({ exitCode: 1, targets: [{ schemaExists: false, serverVersion: null }] })
    expect(statesOf(answer)).toEqual({ '0001': 'pending' })
    expect((await run(['status'])).stdout).toMatch(/does not exist/)
    expect(await query("SHOW TABLES FROM information_schema LIKE 'wwdb_journal'")).toEqual([])
  })

  test('asks for no journal that is not there, and makes none', async () => {
    const { run, query, schema } = await stage({ files: { 'app/0001_a.sql': tableMigration('a') } })
    await run(['status'])
    expect(await query(`SHOW TABLES FROM \`${schema('app')}\``)).toEqual([])
  })
})

describe('wwdb history', () => {
  test('newest first, with what was reverted and marked; --limit', async () => {
    const { run, json } = await stage({
      files: { 'app/0001_a.sql': tableMigration('a'), 'app/0002_b.sql': tableMigration('b') },
    })
    await run(['migrate'])
    await run(['rollback', '--yes'])
    await run(['mark', '0002', '--applied'])
    const { answer } = await json(['history'])
    const passes = [
      { version: '0002', kind: 'mark', direction: 'up' },
      { version: '0002', direction: 'down' },
      { version: '0002', direction: 'up' },
      { version: '0001', direction: 'up' },
    ]
    expect(answer).toMatchObject({ kind: 'history', exitCode: 0, targets: [{ passes }] })
    expect((await json(['history', '--limit', '1'])).answer).toMatchObject({
      targets: [{ passes: passes.slice(0, 1) }],
    })
    const human = await run(['history', '--limit', '2'])
    expect(human).toMatchObject({ exitCode: 0, stderr: '' })
    expect(human.stdout).toContain('0002')
    expect(human.stdout).not.toContain('0001')
  })

  test('a run on several databases is shown once, and one that does not exist is refused', async () => {
    const { run, json } = await stage({ databases: ['app', 'other'], create: false })
    await run(['db', 'create'])
    const shown = (await run(['history'])).stdout
    expect(shown.match(/The schema was created/g)).toHaveLength(1)
    expect(shown).toContain('on app, other')
    const { targets } = (await json(['history'])).answer as unknown as HistoryResult
    const id = targets[0]?.runs[0]?.id ?? ''
    expect((await json(['history', '--run', id])).answer).toMatchObject({
      targets: [{ runs: [{ id }] }, { runs: [{ id }] }],
    })
    const unknown = await run(['history', '--run', 'x'])
    expect(unknown).toMatchObject({ exitCode: 2, stdout: '' })
    expect(unknown.stderr).toContain('No run `x` is recorded in 2 databases.')
  })

  test('history of an empty journal, and of a schema that does not exist', async () => {
    const { json } = await stage({ create: false })
    expect((await json(['history'])).answer).toMatchObject({ targets: [], exitCode: 0 })
  })

  test('--limit 0: 64', async () => {
    const { run } = await stage()
    expect(await run(['history', '--limit', '0'])).toMatchObject({ exitCode: 64, stdout: '' })
  })
})
