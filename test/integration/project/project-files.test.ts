import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Context } from '../../../src/command/context.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import { command as create } from '../../../src/migrations/commands/new.ts'
import { command as validate } from '../../../src/migrations/commands/validate.ts'
import { command as init } from '../../../src/project/commands/init.ts'
import { offlineContext } from '../../helpers/tool/offline-context.ts'

let root = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wwdb-project-'))
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

/** A context of this folder, at a fixed time. */
const contextOf = (targets: readonly string[] = []): Context => ({
  ...offlineContext(root, targets),
  now: () => Date.parse('2026-03-04T05:06:07Z'),
})
const good = '-- migrate:up\nCREATE TABLE a (id INT);\n\n-- migrate:down\nDROP TABLE a;\n'
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const write = (file: string, text: string): void => writeFileSync(join(root, file), text)

async function faultsOf(work: Promise<unknown>) {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ToolError)) throw error ?? new Error('nothing was refused')
  return { code: error.code, exitCode: error.exitCode, faults: error.faults }
}

async function validation(options: { readonly strict?: boolean; readonly writeSum?: boolean } = {}) {
  const { result, exitCode } = await validate.run(options, contextOf())
  if (result.kind !== 'validation') throw new Error(`expected a validation, not ${result.kind}`)
  return { ...result, exitCode }
}

test('init writes a project that the configuration accepts', async () => {
  const { result, exitCode } = await init.run({ databases: ['user_db', 'message_db', 'user_db'] }, contextOf())
  expect(exitCode).toBe(0)
  expect(result).toEqual({
    kind: 'files',
    created: ['wwdb.config.json', 'migrations/user_db/.gitkeep', 'migrations/message_db/.gitkeep'],
    changed: [],
    next: [
      'Set the environment variable WWDB_URL, or `url` in `wwdb.config.json`, to your server.',
      'Without a server: `wwdb sandbox up` starts one, and `eval "$(wwdb sandbox env)"` makes this shell use it.',
      'Write the first migration with `wwdb new create_something --target user_db`.',
      'Create what is missing with `wwdb db create`, then apply it with `wwdb migrate`.',
    ],
  })
  expect(JSON.parse(read('wwdb.config.json'))).toMatchObject({
    $schema: './node_modules/wwdb/schemas/config.schema.json',
  })
  const config = await contextOf().config()
  expect(config.databases.map(({ name, migrations }) => [name, migrations])).toEqual([
    ['user_db', join(root, 'migrations/user_db')],
    ['message_db', join(root, 'migrations/message_db')],
  ])
  expect(await validation()).toMatchObject({ faults: [], files: 0, exitCode: 0 })
})

test('init without names makes one database', async () => {
  await init.run({}, contextOf())
  expect(readdirSync(join(root, 'migrations'))).toEqual(['app'])
})

describe('init with nothing but a person to ask', () => {
  /** Gives these answers, one after the other, and keeps the questions. */
  function answering(...typed: readonly (string | null)[]): { readonly context: Context; readonly asked: string[] } {
    const asked: string[] = []
    const context = contextOf()
    const ask = async (question: string): Promise<string | null> => typed[asked.push(question) - 1] ?? null
    return { context: { ...context, process: { ...context.process, ask } }, asked }
  }

  test('asks for the server first, and for names where there is none', async () => {
    const { context, asked } = answering('', ' shop, blog shop ')
    await init.run({}, context)
    expect(asked).toEqual([
      'URL of the MySQL server without a password, such as mysql://root@127.0.0.1:3306 (empty if there is none yet): ',
      'Names of the databases of this project? [app] ',
    ])
    expect(readdirSync(join(root, 'migrations'))).toEqual(['blog', 'shop'])
  })

  test('takes app where both answers are empty, and where the input ends', async () => {
    await init.run({}, answering('', '').context)
    expect(readdirSync(join(root, 'migrations'))).toEqual(['app'])
  })

  test('asks nothing where flags say it, or where a configuration is there', async () => {
    const { context, asked } = answering('mysql://root@127.0.0.1:1')
    await init.run({ databases: ['app'] }, context)
    expect(await faultsOf(init.run({}, context))).toMatchObject({ code: 'ALREADY_INITIALIZED' })
    expect(asked).toEqual([])
  })
})

test('init writes the server of --server-url without its password and schema, and asks it nothing', async () => {
  const { result } = await init.run(
    { databases: ['app'], serverUrl: 'mysql://dba:p@ss@db.example:3307/app' },
    contextOf(),
  )
  expect(JSON.parse(read('wwdb.config.json'))).toMatchObject({ url: 'mysql://dba@db.example:3307' })
  expect(result).toMatchObject({
    next: [expect.stringContaining('WWDB_PASSWORD'), expect.anything(), expect.anything()],
  })
  expect(JSON.stringify(result)).not.toContain('p@ss')
})

test('init refuses what is no URL of a MySQL, and writes nothing', async () => {
  expect(await faultsOf(init.run({ serverUrl: 'db.example' }, contextOf()))).toMatchObject({ code: 'CONFIG_INVALID' })
  expect(readdirSync(root)).toEqual([])
})

test.each(['wwdb.config.json', 'wwdb.config.mjs'])('init leaves a %s alone', async (file) => {
  write(file, 'mine')
  expect(await faultsOf(init.run({ databases: ['app'] }, contextOf()))).toEqual({
    code: 'ALREADY_INITIALIZED',
    exitCode: 2,
    faults: [
      {
        what: `\`${file}\` already exists and is not overwritten.`,
        where: { file },
        next: 'Add databases to it, or run `wwdb init` in another folder.',
      },
    ],
  })
  expect(read(file)).toBe('mine')
  expect(readdirSync(root)).toEqual([file])
})

test('init names every database that cannot be one, and writes nothing', async () => {
  const { exitCode, faults } = await faultsOf(init.run({ databases: ['1st', 'ok', 'a-b'] }, contextOf()))
  expect(exitCode).toBe(64)
  expect(faults.map(({ what }) => what)).toEqual([
    '`1st` is not a valid database name.',
    '`a-b` is not a valid database name.',
  ])
  expect(readdirSync(root)).toEqual([])
})

test('new writes a migration that validate wants finished, and accepts when it is', async () => {
  await init.run({ databases: ['app'] }, contextOf())
  const { result } = await create.run({ name: 'add_phone' }, contextOf())
  const file = 'migrations/app/20260304050607_add_phone.sql'
  expect(result).toEqual({
    kind: 'files',
    created: [file],
    changed: [],
    next: ['Write its statements, then check it with `wwdb validate`.', 'Apply it with `wwdb migrate --target app`.'],
  })
  expect(await validation()).toMatchObject({
    exitCode: 1,
    faults: [{ what: 'The up part has no statements.', where: { file, line: 1 } }],
  })
  write(file, read(file).replace('-- migrate:up\n', '-- migrate:up\nCREATE TABLE a (id INT PRIMARY KEY);\n'))
  expect(await validation()).toMatchObject({ exitCode: 0, faults: [], hazards: [], files: 1, statements: 1 })
})

test('new never gives two files one version', async () => {
  await init.run({ databases: ['app'] }, contextOf())
  for (const name of ['a', 'b', 'c']) await create.run({ name }, contextOf())
  expect(readdirSync(join(root, 'migrations/app')).filter((name) => name.endsWith('.sql'))).toEqual([
    '20260304050607_a.sql',
    '20260304050608_b.sql',
    '20260304050609_c.sql',
  ])
})

test('new writes repeatable and data migrations, and makes the folder', async () => {
  await init.run({ databases: ['app'] }, contextOf())
  rmSync(join(root, 'migrations'), { recursive: true })
  const context = contextOf()
  const created = [
    await create.run({ name: 'view', repeatable: true }, context),
    await create.run({ name: 'fill', type: 'ts', sequence: true }, context),
  ].flatMap(({ result }) => (result.kind === 'files' ? result.created : []))
  expect(created).toEqual(['migrations/app/R__view.sql', 'migrations/app/0001_fill.ts'])
  expect(created.every((file) => existsSync(join(root, file)))).toBe(true)
})

test('new asks for the database when there are several', async () => {
  await init.run({ databases: ['a', 'b'] }, contextOf())
  expect(await faultsOf(create.run({ name: 'x' }, contextOf()))).toEqual({
    code: 'USAGE',
    exitCode: 64,
    faults: [
      {
        what: 'Specify the database of the new migration.',
        next: 'Add `--target` with one of `a`, `b`.',
      },
    ],
  })
  const { result } = await create.run({ name: 'x' }, contextOf(['b']))
  expect(result).toMatchObject({ created: ['migrations/b/20260304050607_x.sql'] })
})

test('new refuses a repeatable module', async () => {
  await init.run({}, contextOf())
  const { faults } = await faultsOf(create.run({ name: 'x', repeatable: true, type: 'ts' }, contextOf()))
  expect(faults).toEqual([
    { what: 'A repeatable migration must be a `.sql` file.', next: 'Leave out `--type ts` or `--repeatable`.' },
  ])
})

test('new keeps wwdb.sum up to date without vouching for other edits', async () => {
  await init.run({ databases: ['app'] }, contextOf())
  write('migrations/app/0001_a.sql', good)
  expect(await validation({ writeSum: true })).toMatchObject({ exitCode: 0 })
  expect(await validation()).toMatchObject({ exitCode: 0 })
  write('migrations/app/0001_a.sql', good.replaceAll('TABLE a', 'TABLE b'))
  const { result } = await create.run({ name: 'next' }, contextOf())
  expect(result).toMatchObject({
    created: ['migrations/app/0002_next.sql'],
    changed: ['migrations/app/wwdb.sum'],
    next: [expect.stringContaining('wwdb validate --write-sum'), expect.anything()],
  })
  const { faults } = await validation()
  expect(faults.map(({ what }) => what)).toEqual([
    'The up part has no statements.',
    '`0001_a.sql` was edited after `migrations/app/wwdb.sum` was written.',
  ])
})

test('new writes nothing beside a wwdb.sum that it cannot read', async () => {
  await init.run({ databases: ['app'] }, contextOf())
  write('migrations/app/wwdb.sum', '<<<<<<< HEAD\n')
  expect(await faultsOf(create.run({ name: 'x' }, contextOf()))).toMatchObject({ code: 'SUM_INVALID' })
  expect(readdirSync(join(root, 'migrations/app'))).toEqual(['.gitkeep', 'wwdb.sum'])
})

test('validate writes no wwdb.sum for files that are wrong', async () => {
  await init.run({ databases: ['app'] }, contextOf())
  write('migrations/app/0001_a.sql', 'CREATE TABLE a (id INT);')
  expect(await validation({ writeSum: true })).toMatchObject({ exitCode: 1 })
  expect(existsSync(join(root, 'migrations/app/wwdb.sum'))).toBe(false)
})

test('validate writes wwdb.sum for the chosen databases, over any earlier one', async () => {
  await init.run({ databases: ['a', 'b'] }, contextOf())
  write('migrations/a/0001_x.sql', good)
  write('migrations/a/wwdb.sum', '<<<<<<< HEAD\n')
  await validate.run({ writeSum: true }, contextOf(['a']))
  expect(read('migrations/a/wwdb.sum')).toMatch(/^wwdb\.sum sha256:[0-9a-f]{64}\n0001_x\.sql sha256:[0-9a-f]{64}\n$/)
  expect(readdirSync(join(root, 'migrations/a'))).toEqual(['.gitkeep', '0001_x.sql', 'wwdb.sum'])
  expect(existsSync(join(root, 'migrations/b/wwdb.sum'))).toBe(false)
})

test('validate shows hazards, and with --strict counts those that no header accepts', async () => {
  await init.run({ databases: ['app'] }, contextOf())
  const dropping = '-- migrate:up\nALTER TABLE a DROP COLUMN b;\n'
  write('migrations/app/0001_a.sql', dropping)
  expect(await validation()).toMatchObject({
    exitCode: 0,
    hazards: [{ code: 'DROP_COLUMN', file: 'migrations/app/0001_a.sql', line: 2, accepted: null }],
  })
  expect(await validation({ strict: true })).toMatchObject({ exitCode: 1, faults: [] })
  write('migrations/app/0001_a.sql', `-- wwdb:accept DROP_COLUMN nothing reads it\n${dropping}`)
  expect(await validation({ strict: true })).toMatchObject({
    exitCode: 0,
    hazards: [{ code: 'DROP_COLUMN', accepted: 'nothing reads it' }],
  })
})
