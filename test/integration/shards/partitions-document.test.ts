import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSchema } from '../../helpers/servers/schema.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { runTool } from '../../helpers/tool/tool.ts'

const document = readFileSync(fileURLToPath(new URL('../../../docs/guides/partitions.md', import.meta.url)), 'utf8')
const blocks = [...document.matchAll(/^```(\w+)(?: ([^\n]+))?\n(.*?)^```$/gms)].map(([, language, label, text]) => ({
  language: language ?? '',
  label: label ?? '',
  text: text ?? '',
}))
const files = blocks.filter(({ label }) => label.startsWith('file='))
const consoles = blocks.filter(({ language }) => language === 'console')
const template = files[0]?.text ?? ''
const versions = versionsInTurn(import.meta.url)

const drops: (() => Promise<void>)[] = []
const root = mkdtempSync(join(tmpdir(), 'wwdb-partitions-document-'))
const write = (file: string, text: string): void => {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}
const run = (...args: readonly string[]) => runTool(args, { cwd: root })

describe('docs/guides/partitions.md', () => {
  beforeAll(() => {
    for (const { label, text } of files.slice(0, 1)) write(label.slice('file='.length), text)
    mkdirSync(join(root, 'migrations/message_db'), { recursive: true })
  })
  afterAll(async () => {
    rmSync(root, { recursive: true, force: true })
    for (const drop of drops) await drop()
  })

  it('has no example that is not tested', () => {
    expect(document.match(/^```(?!`)/gm)).toHaveLength(2 * blocks.length)
    expect(files.map(({ label }) => label)).toEqual([
      'file=shard-templates/message_db/clicks.sql',
      'file=migrations/message_db/20261201090000_add_source.sql',
    ])
    expect(files.length + consoles.length).toBe(blocks.length)
  })

  it.each(versions)('prints what it shows, and a server %s takes the table and its change', async (version) => {
    const { url, drop } = await createSchema('doc', await testServerOf(version))
    drops.push(drop)
    write('wwdb.config.json', JSON.stringify({ databases: { message_db: { url } } }))
    write('shard-templates/message_db/clicks.sql', template)
    rmSync(join(root, 'migrations/message_db'), { recursive: true, force: true })
    mkdirSync(join(root, 'migrations/message_db'), { recursive: true })
    for (const { text } of consoles) {
      const [, command = '', output = ''] = /^\$ wwdb ([^\n]+)\n(.*)$/s.exec(text) ?? []
      expect((await run(...command.split(' '))).stdout).toBe(output)
    }
    expect(await run('template', 'check')).toMatchObject({ exitCode: 0 })
    expect(await run('rotate', 'run')).toMatchObject({ exitCode: 0 })
    write(
      'shard-templates/message_db/clicks.sql',
      template.replace('NOT NULL,\n  PRIMARY', 'NOT NULL,\n  `source` VARCHAR(20),\n  PRIMARY'),
    )
    const [, migration] = files
    // A column that is added by ALTER TABLE is the last one: the template has it there.
    write(migration?.label.slice('file='.length) ?? '', migration?.text ?? '')
    expect(await run('migrate')).toMatchObject({ exitCode: 0 })
  })
})
