import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { readShardHeader } from '../../../src/shards/templates/header.ts'
import { inspectFamilies } from '../../../src/shards/templates/read-families.ts'
import { createSchema, dropSchemas, randomName } from '../../helpers/servers/schema.ts'
import { isAvailable, type ServerVersion, testServerOf } from '../../helpers/servers/servers.ts'
import { runTool } from '../../helpers/tool/tool.ts'

const document = readFileSync(
  fileURLToPath(new URL('../../../docs/guides/shard-templates.md', import.meta.url)),
  'utf8',
)

/** A fenced block: what stands behind its fence, and its text. */
const blocks = [...document.matchAll(/^```(\w+)(?: ([^\n]+))?\n(.*?)^```$/gms)].map(([, language, label, text]) => ({
  language: language ?? '',
  label: label ?? '',
  text: text ?? '',
}))
const files = blocks.filter(({ label }) => label.startsWith('file='))
const wrong = blocks.filter(({ label }) => label === 'wrong')
const says = blocks.filter(({ label }) => label === 'says')
const consoles = blocks
  .filter(({ language }) => language === 'console')
  .map(({ label, text }) => ({ server: label === 'server', ...parseConsole(text) }))

function parseConsole(text: string): { readonly args: readonly string[]; readonly output: string } {
  const [, command = '', output = ''] = /^\$ wwdb ([^\n]+)\n(.*)$/s.exec(text) ?? []
  return { args: command.split(' '), output }
}

const root = mkdtempSync(join(tmpdir(), 'wwdb-templates-document-'))

beforeEach(() => {
  rmSync(root, { recursive: true, force: true })
  // As in any project that `wwdb init` made; the page is not about them.
  for (const name of ['user_db', 'message_db', 'contact_db'])
    mkdirSync(join(root, 'migrations', name), { recursive: true })
  for (const { label, text } of files) {
    const path = join(root, label.slice('file='.length))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
})

afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

function readConfig() {
  return loadConfig({ cwd: root, file: null, environmentName: null, flags: {}, environment: {} })
}

describe('docs/guides/shard-templates.md', () => {
  it('has no example that is not tested', () => {
    expect(document.match(/^```(?!`)/gm)).toHaveLength(2 * blocks.length)
    expect(files.length + wrong.length + says.length + consoles.length).toBe(blocks.length)
    expect(files).toHaveLength(4)
    expect(consoles).toHaveLength(4)
    expect(wrong).toHaveLength(says.length)
  })

  it('shows files that form a valid project', async () => {
    const { families, faults } = await inspectFamilies(await readConfig())
    expect(faults).toEqual([])
    expect(families.map(({ name }) => name)).toEqual(['messages', 'groups', 'group_members'])
    expect((await runTool(['config', 'validate'], { cwd: root })).exitCode).toBe(0)
  })

  it('lists every header', () => {
    const rows = [...document.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1] ?? '')
    const unknown = readShardHeader('?', '')
    const known =
      'next' in unknown
        ? unknown.next
            .replace(/^The headers are (.*)\.$/, '$1')
            .replaceAll('`', '')
            .split(', ')
        : []
    expect(rows).toEqual(known)
  })

  it.each(consoles.filter(({ server }) => !server))('shows what `wwdb $args` prints', async ({ args, output }) => {
    expect(await runTool(args, { cwd: root })).toMatchObject({ exitCode: 0, stdout: output, stderr: '' })
  })

  it.each(wrong.map(({ text }, index) => ({ text, sentence: says[index]?.text ?? '' })))(
    'says why a template is refused: $sentence',
    async ({ text, sentence }) => {
      writeFileSync(join(root, 'shard-templates/message_db/logs.sql'), text)
      const { faults } = await inspectFamilies(await readConfig())
      expect(faults.map(({ what, next }) => `${what}\n${next}\n`)).toEqual([sentence])
    },
  )
})

describe.runIf(isAvailable('mysql'))('on MySQL 9.7', () => proveOnServer('9.7'))
describe.runIf(isAvailable('mysql80'))('on MySQL 8.0', () => proveOnServer('8.0'))

function proveOnServer(version: ServerVersion): void {
  it.each(consoles.filter(({ server }) => !server))(
    'the mysql protocol takes what `wwdb $args` prints',
    async ({ args }) => {
      const schema = await createSchema('t', await testServerOf(version))
      const connection = await createConnection({ uri: schema.url, multipleStatements: true })
      const { stdout } = await runTool(args, { cwd: root })
      await connection.query(stdout)
      const [rows] = await connection.query<RowDataPacket[]>('SHOW TABLES')
      const made = [...stdout.matchAll(/^CREATE TABLE IF NOT EXISTS `(\w+)`/gm)].map((match) => match[1])
      await connection.end()
      await schema.drop()
      expect(rows.map((row) => Object.values(row)[0]).sort()).toEqual(made.sort())
    },
  )

  it.each(consoles.filter(({ server }) => server))('shows what `wwdb $args` prints', async ({ args, output }) => {
    const server = await testServerOf(version)
    const prefix = `${randomName()}_`
    const connection = await createConnection({ uri: server.url })
    for (const name of ['user_db', 'message_db', 'contact_db']) await connection.query(`CREATE SCHEMA ${prefix}${name}`)
    await connection.end()
    const run = await runTool(args, { cwd: root, environment: { WWDB_URL: server.url, WWDB_PREFIX: prefix } })
    await dropSchemas(server.url, prefix)
    const { host } = new URL(server.url)
    expect({ ...run, stdout: run.stdout.replaceAll(host, '127.0.0.1:13306') }).toMatchObject({
      exitCode: 0,
      stdout: output,
    })
  })
}
