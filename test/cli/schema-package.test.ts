import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execPath } from 'node:process'
import { beforeAll, describe, expect, test } from 'vitest'
import { installPacked, linkLibraries } from '../helpers/tool/packed.ts'
import { migration, type Stage, withStages } from '../helpers/tool/stage.ts'
import { cleanEnvironment } from '../helpers/tool/tool.ts'

const root = resolve(import.meta.dirname, '../..')
const openStage = withStages()

/** What docs/reference/snapshots.md gives as that file. */
function exampleOf(file: string): string {
  const text = readFileSync(join(root, 'docs/reference/snapshots.md'), 'utf8')
  const found = new RegExp(`\`\`\`js file=${file}\\n([^]*?)\`\`\``).exec(text)
  if (found?.[1] === undefined) throw new Error(`docs/reference/snapshots.md shows no ${file}`)
  return found[1]
}

const typed = `import { compareSnapshots, fingerprint, parseSnapshots, type SchemaDifference, type SchemaSnapshot, takeSnapshot, writeSchema, writeStatements } from 'wwdb/schema'
export async function compare(url: string, text: string): Promise<readonly string[]> {
  const [wanted] = parseSnapshots(text)
  const found: SchemaSnapshot = await takeSnapshot({ url, neighbors: { prod: 'user_db' }, leaveOut: ({ type, name }) => type === 'table' && name === 'x' })
  const differences: readonly SchemaDifference[] = compareSnapshots(wanted ?? found, found)
  const tables = found.objects.flatMap((object) => (object.type === 'table' ? object.columns.map(({ type }) => type) : []))
  return [...differences.map(({ text: words }) => words), ...writeStatements(wanted ?? found, found), writeSchema(found), fingerprint(found), ...tables]
}
`

describe('wwdb/schema of the packed package', () => {
  let stage: Stage
  let url = ''

  beforeAll(async () => {
    stage = await openStage({
      databases: ['shop'],
      files: {
        'package.json': '{"private": true}',
        'shop/0001_orders.sql': migration(
          'CREATE TABLE orders (id INT PRIMARY KEY, note VARCHAR(20));',
          'DROP TABLE orders;',
        ),
        'compare.mjs': exampleOf('compare.mjs'),
      },
    })
    installPacked(stage.folder)
    linkLibraries(stage.folder)
    url = `${stage.url}/${stage.schema('shop')}`
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['schema', 'dump', '--as', 'json', '--out', 'shop.json'])).toMatchObject({ exitCode: 0 })
  })

  const run = (file: string) => {
    const env = cleanEnvironment({ SHOP_URL: url })
    const { status, stdout, stderr } = spawnSync(execPath, [file], { cwd: stage.folder, env, encoding: 'utf8' })
    return { status, stdout, stderr }
  }

  test('does what the example of its page says: names a change by hand, writes the SQL that takes it back', async () => {
    expect(run('compare.mjs')).toEqual({ status: 0, stdout: '', stderr: '' })
    await stage.query('ALTER TABLE orders ADD COLUMN by_hand INT')
    const changed = run('compare.mjs')
    expect(changed).toEqual({
      status: 1,
      stdout: 'table orders column by_hand is not expected\nALTER TABLE `orders`\n  DROP COLUMN `by_hand`;\n',
      stderr: '',
    })
    await stage.query('ALTER TABLE orders DROP COLUMN by_hand')
    expect(run('compare.mjs')).toMatchObject({ status: 0 })
  })

  test('is required as CommonJS, and refuses with a code', () => {
    writeFileSync(
      join(stage.folder, 'program.cjs'),
      `const { takeSnapshot, parseSnapshots, writeSchema } = require('wwdb/schema')
const codes = async () => {
  const codeOf = (error) => error.code
  const own = await takeSnapshot({ url: process.env.SHOP_URL })
  const missing = await takeSnapshot({ url: process.env.SHOP_URL + '_no' }).catch(codeOf)
  const bare = await takeSnapshot({ url: 'mysql://root@127.0.0.1:1/x' }).catch(codeOf)
  let invalid = ''
  try { parseSnapshots('[{"format":2}]') } catch (error) { invalid = error.code }
  console.log(JSON.stringify([writeSchema(own).startsWith('CREATE TABLE'), missing, bare, invalid]))
}
codes()
`,
    )
    expect(JSON.parse(run('program.cjs').stdout)).toEqual([true, 'SCHEMA_MISSING', 'UNREACHABLE', 'DUMP_INVALID'])
  })

  test.each(['mts', 'cts'])('has its types, as %s', (ending) => {
    const file = `typed.${ending}`
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', '']
    const compile = (): string => {
      const compiler = join(root, 'node_modules/typescript/bin/tsc')
      return execFileSync(execPath, [compiler, ...flags, file], { cwd: stage.folder, encoding: 'utf8' })
    }
    writeFileSync(join(stage.folder, file), typed)
    expect(compile).not.toThrow()
    writeFileSync(join(stage.folder, file), typed.replace('{ url,', '{ address: url,'))
    expect(compile).toThrow()
  })
})
