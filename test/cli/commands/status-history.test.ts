import { describe, expect, test } from 'vitest'
import { migration, tableMigration, withStages } from '../../helpers/stage.ts'

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

  test('baseline', async () => {
    const { run, json } = await stage({
      files: { 'app/0001_a.sql': tableMigration('a'), 'app/0002_b.sql': tableMigration('b') },
    })
    await run(['baseline', '0001'])
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

  test('of nothing, and of a schema that does not exist', async () => {
    const { json } = await stage({ create: false })
    expect((await json(['history'])).answer).toMatchObject({ targets: [], exitCode: 0 })
  })

  test('--limit 0: 64', async () => {
    const { run } = await stage()
    expect(await run(['history', '--limit', '0'])).toMatchObject({ exitCode: 64, stdout: '' })
  })
})
