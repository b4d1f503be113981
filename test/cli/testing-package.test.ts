import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execPath } from 'node:process'
import { beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../helpers/servers/ports.ts'
import { testServer } from '../helpers/servers/servers.ts'
import { installPacked, linkLibraries } from '../helpers/tool/packed.ts'
import { withProjects } from '../helpers/tool/project.ts'
import { cleanEnvironment } from '../helpers/tool/tool.ts'

const root = resolve(import.meta.dirname, '../..')
const project = withProjects()
const migration = `-- migrate:up
CREATE TABLE orders (id INT NOT NULL PRIMARY KEY);
-- migrate:down
DROP TABLE orders;
`

/** What docs/guides/provision.md gives as that file. */
function exampleOf(file: string): string {
  const text = readFileSync(join(root, 'docs/guides/provision.md'), 'utf8')
  const found = new RegExp(`\`\`\`js file=${file}\\n([^]*?)\`\`\``).exec(text)
  if (found?.[1] === undefined) throw new Error(`docs/guides/provision.md shows no ${file}`)
  return found[1]
}

/** Calls the two files as jest does: each is required, and called, in one process. */
const runner = `
const { createConnection } = require('mysql2/promise')
const countIn = async (url, query) => {
  const connection = await createConnection({ uri: url })
  const [rows] = await connection.query(query)
  await connection.end()
  return rows
}
async function run() {
  await require('./global-setup.cjs')()
  const { attach } = require('wwdb/testing')
  const set = await attach()
  await countIn(process.env.SHOP_URL, 'INSERT INTO orders VALUES (1), (2)')
  const { restored } = await set.reset()
  const left = await countIn(set.urls.shop, 'SELECT * FROM orders')
  await set.close()
  await require('./global-teardown.cjs')()
  const gone = await countIn(process.env.WWDB_URL, "SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE '" + set.prefix + "%'")
  console.log(JSON.stringify({ restored: restored.length, left: left.length, gone: gone.length === 0 }))
}
run()
`

/** Types of everything that a suite uses; its mistakes are found, too. */
const typed = `import { attach, type Failure, provision, type ProvisionedEnvironment, type ResetReport, WwdbError } from 'wwdb/testing'
export async function setUp(): Promise<() => Promise<void>> {
  const set: ProvisionedEnvironment = await provision({ stores: ['redis'], server: 'given', expires: '2h' })
  const { restored }: ResetReport = await set.reset()
  const url: string | undefined = set.urls['shop'] ?? restored[0]
  await (await attach(url)).close()
  return set.dispose
}
export function describe(error: unknown): string {
  const failure: Failure<unknown> | null = error instanceof WwdbError ? error : null
  return failure?.faults[0]?.next ?? ''
}
`

describe('wwdb/testing of the packed package', () => {
  let folder = ''

  beforeAll(() => {
    folder = project({
      'package.json': '{"private": true}',
      'wwdb.config.json': JSON.stringify({ databases: { shop: {} } }),
      'migrations/shop/0001_orders.sql': migration,
      'global-setup.cjs': exampleOf('global-setup.cjs'),
      'global-teardown.cjs': exampleOf('global-teardown.cjs'),
      'runner.cjs': runner,
    })
    installPacked(folder)
    linkLibraries(folder, ['mysql2'])
  })

  test('serves the global set-up and tear-down of jest, required as CommonJS', () => {
    const environment = cleanEnvironment({ WWDB_URL: testServer().url })
    const text = execFileSync(execPath, ['runner.cjs'], { cwd: folder, env: environment, encoding: 'utf8' })
    expect(JSON.parse(text)).toEqual({ restored: 1, left: 0, gone: true })
  })

  test('rejects with the error of wwdb/migrate, by a name that can be read', () => {
    const environment = cleanEnvironment({ WWDB_URL: testServer().url })
    const text = `import { inspect } from 'node:util'
import { WwdbError } from 'wwdb/migrate'
import { attach } from 'wwdb/testing'
const error = await attach('nowhere').catch((one) => one)
console.log(error instanceof WwdbError, error.code, error.constructor.name, inspect(error).split(':')[0])
`
    writeFileSync(join(folder, 'errors.mjs'), text)
    const said = execFileSync(execPath, ['errors.mjs'], { cwd: folder, env: environment, encoding: 'utf8' })
    expect(said).toBe('true TEST_ENVIRONMENT_UNKNOWN WwdbError WwdbError\n')
  })

  test('brings the sandbox up where no server is named, and leaves it to the next run', async () => {
    const environment = cleanEnvironment({ WWDB_SANDBOX_PORT: String(await freePort()) })
    const options = { cwd: folder, env: environment, encoding: 'utf8' } as const
    const sandbox = (...words: readonly string[]): string =>
      execFileSync(execPath, ['node_modules/wwdb/bin/wwdb.js', 'sandbox', ...words], options)
    const text = `import { provision } from 'wwdb/testing'
const set = await provision({ server: 'sandbox' })
console.log(set.urls.shop)
await set.dispose()
`
    writeFileSync(join(folder, 'sandbox.mjs'), text)
    try {
      const url = execFileSync(execPath, ['sandbox.mjs'], options)
      expect(url).toMatch(
        new RegExp(`^mysql://root:\\w[\\w-]+@127.0.0.1:${environment['WWDB_SANDBOX_PORT']}/wwdb_\\w+_shop\n$`),
      )
      expect(sandbox('status')).toContain('running')
    } finally {
      sandbox('down', '--remove', '--yes')
    }
  })

  test.each(['mts', 'cts'])('has its types, as %s', (ending) => {
    const file = `typed.${ending}`
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', '']
    const compile = (text: string): string => {
      writeFileSync(join(folder, file), text)
      const compiler = join(root, 'node_modules/typescript/bin/tsc')
      return execFileSync(execPath, [compiler, ...flags, file], { cwd: folder, encoding: 'utf8' })
    }
    expect(() => compile(typed)).not.toThrow()
    expect(() => compile(typed.replace("'redis'", "'oracle'"))).toThrow()
  })
})
