import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asRoot } from '../../helpers/grants/grant-trial.ts'
import { runOnTerminal } from '../../helpers/terminal/pseudo-terminal.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-init-'))
  folders.push(folder)
  return folder
}

describe('init with the URL of a server', () => {
  let stage: Stage
  const user = `init_${process.pid}`

  beforeAll(async () => {
    stage = await openStage({ databases: ['shop', 'blog', 'new'] })
    await stage.query('CREATE TABLE orders (id INT PRIMARY KEY)', 'shop')
    await stage.query('CREATE TABLE schema_migrations (version VARCHAR(128) PRIMARY KEY)', 'blog')
    await stage.query('CREATE TABLE posts (id INT PRIMARY KEY)', 'blog')
    const grants = ['shop', 'blog', 'new'].map((name) => `GRANT ALL ON \`${stage.schema(name)}\`.* TO '${user}'@'%'`)
    await asRoot(stage.url, `CREATE USER '${user}'@'%' IDENTIFIED BY 'p@ss'`, ...grants)
  })
  afterAll(() => asRoot(stage.url, `DROP USER '${user}'@'%'`))

  const url = () => `mysql://${user}:p%40ss@127.0.0.1:${new URL(stage.url).port}`
  const environment = { WWDB_ALLOW_PUBLIC_KEY_RETRIEVAL: 'true' }

  test('writes a database for each schema that the account sees, without the password, and says what to do about each', async () => {
    const folder = emptyFolder()
    const run = await stage.run(['init', '--from-url', url(), '--agents'], { cwd: folder, environment })
    expect(run).toMatchObject({ exitCode: 0 })
    const text = readFileSync(join(folder, 'wwdb.config.json'), 'utf8')
    const names = ['blog', 'new', 'shop'].map((name) => stage.schema(name))
    expect(JSON.parse(text)).toEqual({
      $schema: './node_modules/wwdb/schemas/config.schema.json',
      url: `mysql://${user}@127.0.0.1:${new URL(stage.url).port}`,
      databases: Object.fromEntries(names.map((name) => [name, { migrations: `migrations/${name}` }])),
    })
    expect(run.stdout).not.toContain('p@ss')
    expect(run.stdout).not.toContain('p%40ss')
    const said = run.stdout.replaceAll(/\s+/g, ' ')
    expect(said).toContain('Set the environment variable WWDB_PASSWORD')
    expect(said).toContain(`wwdb adopt --from dbmate --files FOLDER --target ${stage.schema('blog')}`)
    expect(said).toContain(`wwdb baseline 0001 --from-live --target ${stage.schema('shop')}`)
    expect(said).not.toContain(`--target ${stage.schema('new')}`)
    expect(readFileSync(join(folder, 'AGENTS.md'), 'utf8')).toContain('npx wwdb mcp')

    const advised = { cwd: folder, environment: { ...environment, WWDB_PASSWORD: 'p@ss' } }
    expect(await stage.run(['status'], advised)).toMatchObject({ exitCode: 0 })
    const baseline = ['baseline', '0001', '--from-live', '--target', stage.schema('shop')]
    const recorded = await stage.run(baseline, advised)
    expect(recorded).toMatchObject({ exitCode: 0 })
    expect(recorded.stderr).toContain(`Wrote \`migrations/${stage.schema('shop')}/0001_`)
  })

  test('--dry-run prints the configuration of the schemas that are named, and writes nothing', async () => {
    const folder = emptyFolder()
    const words = ['init', stage.schema('shop'), '--from-url', url(), '--dry-run']
    const run = await stage.run(words, { cwd: folder, environment })
    expect(run).toMatchObject({ exitCode: 0 })
    expect(Object.keys(JSON.parse(run.stdout).databases)).toEqual([stage.schema('shop')])
    expect(() => readFileSync(join(folder, 'wwdb.config.json'))).toThrow('ENOENT')
  })

  test('asks on a terminal for the server and for its schemas', async () => {
    const folder = emptyFolder()
    const run = await runOnTerminal(
      ['init'],
      folder,
      { question: 'URL of the MySQL server', typed: `${stage.url}\n` },
      { question: 'Which are this project', typed: `${stage.schema('blog')}\n` },
    )
    expect(run).toMatchObject({ exitCode: 0 })
    expect(run.screen.replaceAll(/\s+/g, ' ')).toContain('wwdb adopt --from dbmate --files FOLDER')
    const text = readFileSync(join(folder, 'wwdb.config.json'), 'utf8')
    expect(Object.keys(JSON.parse(text).databases)).toEqual([stage.schema('blog')])
  })

  test.each([
    ['a schema that is not there', () => ['nowhere', '--from-url', url()], 64, 'has no schema `nowhere`'],
    ['a wrong password', () => ['--from-url', url().replace('p%40ss', 'wrong')], 69, 'ACCESS_DENIED'],
    ['a server that is down', () => ['--from-url', 'mysql://root:secret@127.0.0.1:1'], 69, 'UNREACHABLE'],
    ['what is no URL', () => ['--from-url', 'localhost'], 78, 'CONFIG_INVALID'],
  ])('refuses %s, and writes nothing', async (_, words, exitCode, expected) => {
    const folder = emptyFolder()
    const run = await stage.run(['init', ...words()], { cwd: folder, environment })
    expect(run.exitCode, run.stderr).toBe(exitCode)
    expect(run.stderr).toContain(expected)
    expect(run.stderr).not.toContain('secret')
    expect(() => readFileSync(join(folder, 'wwdb.config.json'))).toThrow('ENOENT')
  })
})
