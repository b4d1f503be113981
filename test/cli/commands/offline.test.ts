import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { migration, tableMigration, withStages } from '../../helpers/tool/stage.ts'
import { runTool } from '../../helpers/tool/tool.ts'

const stage = withStages()

describe('wwdb validate', () => {
  test('valid files: 0, with their number', async () => {
    const { run, json } = await stage({ create: false, files: { 'app/0001_a.sql': tableMigration('a') } })
    const good = await run(['validate'])
    expect(good).toMatchObject({ exitCode: 0, stderr: '' })
    expect((await json(['validate'])).answer).toMatchObject({ kind: 'validation', files: 1, statements: 2, faults: [] })
  })

  test('invalid files: 1, every fault with its place', async () => {
    const { run, json } = await stage({
      create: false,
      files: { 'app/0001_a.sql': 'CREATE TABLE a (id INT);', 'app/0003_b.sql': migration("SELECT 'open;") },
    })
    const wrong = await run(['validate'])
    expect(wrong.exitCode).toBe(1)
    const { answer } = await json(['validate'])
    const places = (answer['faults'] as readonly { readonly where?: { readonly file?: string } }[]).map(
      (fault) => fault.where?.file,
    )
    expect(places).toContain('migrations/app/0001_a.sql')
    expect(places).toContain('migrations/app/0003_b.sql')
    for (const place of places) expect(wrong.stdout + wrong.stderr).toContain(place)
  })

  test('--strict and --write-sum', async () => {
    const { run, json } = await stage({ create: false, files: { 'app/0001_a.sql': migration('DROP TABLE old;') } })
    expect((await json(['validate'])).answer).toMatchObject({ exitCode: 0, hazards: [{ code: 'DROP_TABLE' }] })
    const strict = await run(['validate', '--strict'])
    expect(strict.exitCode).toBe(1)
    expect(strict.stdout.replace(/\s+/g, ' ')).toContain(
      '✗ 1 file with 1 statement: no faults, 1 hazard, 1 not accepted',
    )
    expect(strict.stdout).toContain('--since VERSION')
    expect((await json(['validate', '--strict'])).answer).toMatchObject({ exitCode: 1, stopping: 1 })
    const since = await json(['validate', '--strict', '--since', '0002'])
    expect(since.answer).toMatchObject({ exitCode: 0, stopping: 0, hazards: [] })
    expect((await run(['validate', '--strict', '--since', 'today'])).exitCode).toBe(64)
    expect(await run(['validate', '--write-sum'])).toMatchObject({ exitCode: 0 })
  })

  test('--strict fails for a new file, and not for those before `strictSince` of the configuration', async () => {
    const { run, write } = await stage({
      create: false,
      configuration: { strictSince: '0002' },
      files: { 'app/0001_a.sql': migration('DROP TABLE old;') },
    })
    expect(await run(['validate', '--strict'])).toMatchObject({ exitCode: 0 })
    write('app/0002_b.sql', migration('DROP TABLE other;'))
    const strict = await run(['validate', '--strict'])
    expect(strict.exitCode).toBe(1)
    expect(strict.stdout).toContain('app/0002_b.sql')
    expect(strict.stdout).not.toContain('app/0001_a.sql')
  })

  test('validate --strict ends with 0 on the migrations of this repository', async () => {
    expect(
      await runTool(['validate', '--strict'], { cwd: fileURLToPath(new URL('../../..', import.meta.url)) }),
    ).toMatchObject({
      exitCode: 0,
    })
  })

  test('a file that wwdb.sum does not know stops every command that reads files', async () => {
    const { run, write, tables } = await stage({ files: { 'app/0001_a.sql': tableMigration('a') } })
    await run(['validate', '--write-sum'])
    write('app/0002_b.sql', tableMigration('b'))
    const refused = await run(['migrate'])
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('wwdb.sum')
    expect(await tables()).toEqual([])
  })
})

describe('wwdb config', () => {
  test('show: every value, its source, no secret', async () => {
    const { run, json } = await stage({
      create: false,
      configuration: { url: 'mysql://ann:geheim@127.0.0.1:3306', timeouts: { lock: '7m' } },
    })
    const human = await run(['config', 'show'])
    expect(human).toMatchObject({ exitCode: 0, stderr: '' })
    expect(human.stdout).toContain('***')
    const { answer, run: told } = await json(['config', 'show', '--lock-timeout', '9m'])
    expect(answer['entries']).toContainEqual({ path: 'timeouts.lock', value: '9m', source: 'flag' })
    for (const text of [human.stdout, told.stdout]) expect(text).not.toContain('geheim')
  })

  test('validate: 0, or 78 with every fault', async () => {
    const { run, json, write } = await stage({ create: false })
    expect((await json(['config', 'validate'])).answer).toMatchObject({ kind: 'validation', exitCode: 0 })
    write(
      'wwdb.config.json',
      '{"databases": {"app": {"migation": "x"}}, "timeouts": {"lock": 5}, "url": "mysql://root@h"}',
    )
    const { answer } = await json(['config', 'validate'])
    expect(answer.exitCode).toBe(78)
    expect(answer['faults']).toHaveLength(2)
    expect((await run(['config', 'validate'])).stdout).toContain('Did you mean `migrations`?')
  })

  test('schema: a JSON Schema, the published one', async () => {
    const { run } = await stage({ create: false })
    const { stdout, exitCode, stderr } = await run(['config', 'schema'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object', properties: { databases: {} } })
  })
})

describe('wwdb version', () => {
  test('for people and for programs', async () => {
    const { run, json } = await stage({ create: false })
    const human = await run(['version'])
    expect(human).toMatchObject({ exitCode: 0, stderr: '' })
    expect(human.stdout).toContain(process.version)
    expect((await json(['version'])).answer).toMatchObject({ kind: 'version', node: process.version })
  })
})
