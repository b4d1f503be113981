import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execPath } from 'node:process'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { dropSchemas, randomName } from '../helpers/servers/schema.ts'
import { testServer } from '../helpers/servers/servers.ts'
import { installPacked, linkLibraries, pack } from '../helpers/tool/packed.ts'
import { withProjects } from '../helpers/tool/project.ts'
import { cleanEnvironment } from '../helpers/tool/tool.ts'

const root = resolve(import.meta.dirname, '../..')
const project = withProjects()
const page = readFileSync(join(root, 'docs/guides/programs.md'), 'utf8')
const migration = `-- migrate:up
CREATE TABLE orders (id INT NOT NULL PRIMARY KEY);
-- migrate:down
DROP TABLE orders;
`

/** The example of the page that matches. */
function exampleOf(fence: RegExp): string {
  const found = new RegExp(`\`\`\`${fence.source}\\n([^]*?)\`\`\``).exec(page)?.[1]
  if (found === undefined) throw new Error(`docs/guides/programs.md shows no ${fence.source}`)
  return found
}

/** Types of a program's own; its mistakes are found, too. */
const typed = `import { migrate, type Run, WwdbError } from 'wwdb/migrate'
import type { RunAnswer, RunLine } from 'wwdb/answers'
export async function deploy(signal: AbortSignal): Promise<readonly string[]> {
  const run: Run<RunAnswer> = migrate({ cwd: '.', targets: ['shop'], steps: 1, drift: 'warn', signal })
  const lines: RunLine[] = []
  for await (const line of run) lines.push(line)
  try {
    return (await run).outcomes.flatMap(({ done }) => done)
  } catch (error) {
    return error instanceof WwdbError ? [error.code] : []
  }
}
`

/** As https://arethetypeswrong.github.io judges a package: modules of Node 10, of Node 16 and later in both kinds, and of bundlers. */
async function judgeTypes(packed: Uint8Array) {
  const judged = await checkPackage(createPackageFromTarballData(packed))
  if (judged.types === false) throw new Error('the package has no types')
  return judged
}

describe('wwdb/migrate of the packed package', () => {
  const prefix = `${randomName('p')}_`
  let folder = ''

  beforeAll(() => {
    folder = project({
      'package.json': '{"private": true}',
      'wwdb.config.json': JSON.stringify({ databases: { shop: {} } }),
      'migrations/shop/0001_orders.sql': migration,
      'deploy.mjs': exampleOf(/js file=deploy\.mjs/),
      'pending.cjs': `require('wwdb/migrate').status().then(({ pending }) => console.log(pending))\n`,
    })
    installPacked(folder)
    linkLibraries(folder)
    return () => dropSchemas(testServer().url, prefix)
  })

  test('does what its page shows, imported and required', () => {
    const environment = cleanEnvironment({ WWDB_URL: testServer().url, WWDB_PREFIX: prefix })
    const options = { cwd: folder, env: environment, encoding: 'utf8' } as const
    execFileSync(execPath, ['node_modules/wwdb/bin/wwdb.js', 'db', 'create'], options)
    expect(execFileSync(execPath, ['pending.cjs'], options)).toBe('1\n')
    expect(execFileSync(execPath, ['deploy.mjs'], options)).toBe('shop 1\ndone: 0001 orders\n1 true\npending: 0\n')
  })

  test.each(['mts', 'cts'])('has its types, as %s', (ending) => {
    const flags = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--lib',
      'es2023,dom',
      '--types',
      '',
    ]
    const compile = (text: string): string => {
      const file = `typed.${ending}`
      writeFileSync(join(folder, file), text)
      const compiler = join(root, 'node_modules/typescript/bin/tsc')
      return execFileSync(execPath, [compiler, ...flags, file], { cwd: folder, encoding: 'utf8' })
    }
    expect(() => compile(typed + exampleOf(/ts/))).not.toThrow()
    expect(() => compile(typed.replace("'warn'", "'never'"))).toThrow()
    expect(() => compile(typed.replace('steps: 1', 'stepz: 1'))).toThrow()
  })

  test('reaches for every store with what it brings along', () => {
    const stores = {
      elasticsearch: { url: 'http://127.0.0.1:1' },
      influxdb: { url: 'http://127.0.0.1:1', token: 'of-the-test' },
      mongodb: { url: 'mongodb://127.0.0.1:1' },
      redis: { url: 'redis://127.0.0.1:1' },
    }
    const place = project({ 'wwdb.config.json': JSON.stringify({ databases: { app: {} }, stores }) })
    for (const store of Object.keys(stores)) {
      const folderOf = `migrations/${store}`
      cpSync(join(root, folderOf), join(place, folderOf), { recursive: true })
    }
    symlinkSync(join(folder, 'node_modules'), join(place, 'node_modules'))
    const words = ['node_modules/wwdb/bin/wwdb.js', 'setup', 'plan', '--json']
    const ended = spawnSync(execPath, words, { cwd: place, env: cleanEnvironment(), encoding: 'utf8' })
    expect(ended.status, ended.stdout + ended.stderr).toBe(69)
    for (const store of Object.keys(stores)) expect(ended.stdout + ended.stderr).toContain(store)
    expect(ended.stdout + ended.stderr).not.toMatch(/Cannot find module|MODULE_NOT_FOUND/)
  })

  test('has the right types for every way to resolve modules, that of Node 10, too', async () => {
    const packed = readFileSync(join(folder, pack(folder)))
    const { problems, entrypoints } = await judgeTypes(packed)
    expect(problems).toEqual([])
    const resolved = Object.values(entrypoints['./migrate']?.resolutions ?? {})
    expect(resolved.map(({ resolution }) => resolution?.isTypeScript)).toEqual([true, true, true, true])
  })
})
