import { existsSync, readdirSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { env } from 'node:process'
import { beforeAll, describe, expect, test } from 'vitest'
import { extraStatements, filesOf } from '../../helpers/adopt/layouts.ts'
import { fixturePath, readFixture, realTools, toolFolder } from '../../helpers/adopt/real-tools.ts'
import { appliedCount, sample } from '../../helpers/adopt/sample.ts'
import { type Stage, withStages } from '../../helpers/stage.ts'

const openStage = withStages()
const withRealTools = env['WWDB_ADOPT_TOOLS'] === '1'
const records = env['WWDB_ADOPT_RECORD'] === '1'

/** The files of a tool below `old/`. */
async function writeOldFiles(
  stage: Stage,
  tool: string,
  edit: (files: Record<string, string>) => void = () => {},
): Promise<string> {
  const files: Record<string, string> = { ...filesOf(tool) }
  edit(files)
  for (const [name, text] of Object.entries(files)) {
    const path = join(stage.folder, 'old', name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
  return join(stage.folder, 'old')
}

/** What the tool has left: the tables of fifteen migrations, and its history as it was recorded. */
async function restore(stage: Stage, tool: string, history = 'history.sql'): Promise<void> {
  const statements = sample.slice(0, appliedCount).flatMap(({ up }) => up)
  // The driver of this test adds IGNORE_SPACE, which routines would keep.
  await stage.query('SET SESSION sql_mode = DEFAULT')
  for (const statement of [...statements, ...(extraStatements[tool] ?? []), ...(await readFixture(tool, history))])
    await stage.query(statement)
}

const adopt = (tool: string, ...more: readonly string[]): readonly string[] => [
  'adopt',
  '--from',
  tool,
  '--files',
  'old',
  ...more,
]
const listMigrations = (stage: Stage): readonly string[] => readdirSync(join(stage.folder, 'migrations', 'app'))

describe.each(Object.keys(realTools))('adopt --from %s', (tool) => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
    await writeOldFiles(stage, tool)
    await restore(stage, tool)
  })

  test('takes over files and history, continues where the other tool was, and is taken back only before', async () => {
    const planned = await stage.json(adopt(tool, '--dry-run'))
    expect(planned).toMatchObject({ exitCode: 0, answer: { state: 'planned', diff: null, edited: [] } })
    expect(listMigrations(stage)).toEqual([])
    expect(await stage.query("SHOW TABLES LIKE 'wwdb%'")).toEqual([])

    expect(await stage.json(adopt(tool))).toMatchObject({ exitCode: 0, answer: { state: 'adopted', diff: null } })
    const status = await stage.run(['status'])
    expect(status.stderr).toBe('')
    expect(status.stdout).toMatch(/3 pending/)
    expect(await stage.json(adopt(tool))).toMatchObject({ exitCode: 0, answer: { state: 'present' } })

    expect(await stage.run(['adopt', '--undo', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(listMigrations(stage)).toEqual([])
    expect(await stage.query('SELECT COUNT(*) FROM wwdb_journal WHERE pass > 0')).toEqual([[0]])

    expect(await stage.run(adopt(tool))).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
    expect(await stage.query('SELECT COUNT(*) FROM settings')).toEqual([[1]])
    expect(await stage.run(['adopt', '--undo', '--yes'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('since the adoption'),
    })
  })
})

describe.runIf(withRealTools).each(Object.entries(realTools))('the real %s', (tool, real) => {
  test('comes to the same end as wwdb after it', async () => {
    const folder = await toolFolder(tool, real.version)
    await real.install(folder)
    const stage = await openStage({ databases: ['app', 'own'] })
    const old = await writeOldFiles(stage, tool)
    const request = { server: stage.url, folder: old }
    await real.apply(folder, { ...request, schema: stage.schema('app'), count: appliedCount })
    if (records) await record(stage, tool, 'history.sql')
    await real.apply(folder, { ...request, schema: stage.schema('own'), count: sample.length })
    const adopted = await stage.json(adopt(tool, '--target', 'app'))
    expect(adopted).toMatchObject({ exitCode: 0, answer: { state: 'adopted', diff: null, edited: [] } })
    expect(await stage.run(['migrate', '--target', 'app'])).toMatchObject({ exitCode: 0 })
    const dump = async (database: string) => {
      const { stdout } = await stage.run(['schema', 'dump', '--target', database])
      return stdout.replace(/^-- .*$/gm, '').replaceAll(stage.schema(database), 'x')
    }
    expect(withoutHistory(await dump('app'), real.tables)).toBe(withoutHistory(await dump('own'), real.tables))
    for (const table of ['users', 'tags', 'settings', 'orders'])
      expect(await stage.query(`SELECT * FROM ${table} ORDER BY 1`, 'app')).toEqual(
        await stage.query(`SELECT * FROM ${table} ORDER BY 1`, 'own'),
      )
  }, 600_000)
})

function withoutHistory(dump: string, tables: readonly string[]): string {
  return tables
    .reduce((text, table) => text.replace(new RegExp(`CREATE TABLE \`${table}\` [\\s\\S]*?;\\n\\n?`), ''), dump)
    .trim()
}

/** Writes the history tables as SQL, with the version of the tool. */
async function record(stage: Stage, tool: string, name: string): Promise<void> {
  const real = realTools[tool]
  const parts = [`-- Recorded with ${tool} ${real?.version ?? ''} (WWDB_ADOPT_TOOLS=1 WWDB_ADOPT_RECORD=1).`]
  for (const table of real?.tables ?? []) {
    const [[, create] = []] = await stage.query(`SHOW CREATE TABLE ${table}`)
    parts.push(`${String(create)};`)
    for (const row of await stage.query(`SELECT * FROM ${table}`)) {
      const values = row.map((value) =>
        value === null ? 'NULL' : `'${String(Buffer.isBuffer(value) ? value[0] : value).replaceAll("'", "''")}'`,
      )
      parts.push(`INSERT INTO \`${table}\` VALUES (${values.join(', ')});`)
    }
  }
  const path = fixturePath(tool, name)
  if (!existsSync(dirname(path))) await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `${parts.join('\n')}\n`)
}
