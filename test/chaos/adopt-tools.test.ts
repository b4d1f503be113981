import { existsSync } from 'node:fs'
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { env } from 'node:process'
import { describe, expect, test } from 'vitest'
import { adoptTools } from '../../src/schema/adopt/tools.ts'
import { layouts } from '../helpers/adopt/layouts.ts'
import { fixturePath, writeOldFiles } from '../helpers/adopt/old-project.ts'
import { realTools, toolFolder } from '../helpers/adopt/real-tools.ts'
import { appliedCount, sample } from '../helpers/adopt/sample.ts'
import { migration, type Stage, withStages } from '../helpers/tool/stage.ts'

const openStage = withStages()
/** The tools are fetched from their registries, which not every machine reaches: only where it is asked for. */
const chosen = env['WWDB_ADOPT_TOOLS'] === '1' ? Object.entries(realTools) : []
const records = env['WWDB_ADOPT_RECORD'] === '1'

const ofCode = adoptTools.filter(({ kind }) => kind === 'code').map(({ name }) => name)

test('every tool that adopt knows has a layout of the sample and a recorded history', () => {
  const names = adoptTools.map(({ name }) => name)
  expect([...Object.keys(layouts), ...ofCode].toSorted()).toEqual(names.toSorted())
  expect(names.filter((name) => !existsSync(fixturePath(name, 'history.sql')))).toEqual([])
})

const adopt = (tool: string, ...more: readonly string[]): readonly string[] => [
  'adopt',
  '--from',
  tool,
  '--files',
  'old',
  ...more,
]

describe.each(chosen)('the real %s', (tool, real) => {
  test('comes to the same end as wwdb after it', async () => {
    const folder = await toolFolder(tool, real.version)
    await real.install(folder)
    const stage = await openStage({ databases: ['app', 'own'] })
    const old = await writeOldFiles(stage, tool, 'old')
    const request = { server: stage.url, folder: old }
    await real.apply(folder, { ...request, schema: stage.schema('app'), count: appliedCount })
    if (records) await record(stage, tool, 'history.sql')
    await real.apply(folder, { ...request, schema: stage.schema('own'), count: sample.length })
    const adopted = await stage.json(adopt(tool, '--target', 'app'))
    expect(adopted).toMatchObject({ exitCode: 0, answer: { state: 'adopted', diff: null, edited: [] } })
    if (ofCode.includes(tool)) await writePending(stage)
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

/** Tools of SQL files whose history knows of a failure, and what they offer then; the others leave no row of it. */
const offers: Readonly<Record<string, string>> = { flyway: 'flyway repair', 'golang-migrate': 'migrate force 16' }
const withFailures = chosen.filter(([tool]) => tool in offers)

describe.each(withFailures)('the real %s whose migration failed half way', (tool, real) => {
  test('stops adopt, which writes nothing and names what that tool offers', async () => {
    const folder = await toolFolder(tool, real.version)
    await real.install(folder)
    const stage = await openStage({ databases: ['app'] })
    const old = await writeOldFiles(stage, tool, 'old')
    const request = { server: stage.url, folder: old, schema: stage.schema('app') }
    await real.apply(folder, { ...request, count: appliedCount })
    await breakFile(old, appliedCount)
    await expect(real.apply(folder, { ...request, count: appliedCount + 1 })).rejects.toThrow(/no_such_table/)
    const adopted = await stage.run(adopt(tool, '--target', 'app'))
    expect(adopted).toMatchObject({ exitCode: 2 })
    expect(adopted.stderr.replaceAll(/\s+/g, ' ')).toContain(offers[tool])
    expect(await readdir(join(stage.folder, 'migrations', 'app'))).toEqual([])
  }, 600_000)
})

/** Gives the file of a migration of the sample a last statement that fails, behind those that run. */
async function breakFile(folder: string, index: number): Promise<void> {
  const [first = ''] = sample[index]?.up ?? []
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith('.sql')) continue
    const path = join(folder, name)
    if ((await readFile(path, 'utf8')).includes(first))
      await appendFile(path, '\nINSERT INTO no_such_table VALUES (1);\n')
  }
}

/** What the programs of a tool had pending, written for wwdb. */
async function writePending(stage: Stage): Promise<void> {
  const folder = join(stage.folder, 'migrations', 'app')
  const isSequence = (await readdir(folder)).some((name) => name.startsWith('0001_'))
  for (const [index, { name, up }] of sample.slice(appliedCount).entries()) {
    const version = isSequence ? `000${index + 2}` : `202402${String(index + 1).padStart(2, '0')}000000`
    stage.write(`app/${version}_${name}.sql`, migration(up.map((text) => `${text};`).join('\n')))
  }
}

function withoutHistory(dump: string, tables: readonly string[]): string {
  return tables
    .flatMap((table) => [table, `${table}_lock`, `${table}LOCK`])
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
