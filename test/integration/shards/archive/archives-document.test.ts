import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { createArchivePort } from '../../../../src/shards/archive/archive-port.ts'
import { serverArguments } from '../../../helpers/mysql/mysql-client.ts'
import { testDoor } from '../../../helpers/mysql/test-door.ts'
import {
  type ArchiveStage,
  archiveTimeouts,
  nature,
  shardOf,
  withArchiveStages,
} from '../../../helpers/shards/archive-stage.ts'

const open = withArchiveStages()
const root = fileURLToPath(new URL('../../../..', import.meta.url))
const document = readFileSync(join(root, 'docs/guides/archives.md'), 'utf8')

/** The fenced blocks of a language, in order. */
function examples(language: string): readonly string[] {
  return [...document.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map((match) => match[1] ?? '')
}

/** Archives the page's shard at the page's time. */
async function writeExample(): Promise<{ readonly stage: ArchiveStage; readonly folder: string }> {
  const stage = await open()
  const statements = (examples('sql')[0] ?? '').split(/;\n/).filter((statement) => statement !== '')
  await stage.query(...statements, 'RENAME TABLE messages_202601 TO _hold_20280301_0badcafe_messages_202601')
  const archive = createArchivePort({
    door: testDoor(),
    directory: stage.directory,
    toolVersion: '0.1.0',
    now: () => Date.UTC(2028, 2, 1, 12),
  })
  const database = { ...stage.database, name: 'message_db' }
  const table = '_hold_20280301_0badcafe_messages_202601'
  const written = await archive.write(
    { database, timeouts: archiveTimeouts, table, shard: shardOf('messages_202601') },
    () => {},
  )
  return { stage, folder: join(stage.directory, dirname(written.address)) }
}

describe('docs/guides/archives.md', () => {
  test('every fenced block is an example that is run here', () => {
    const known = ['sql', 'text', 'json', 'sh'].map((language) => examples(language).length)
    expect(known).toEqual([1, 2, 1, 2])
    expect(document.match(/^```/gm)).toHaveLength(2 * 6)
  })

  test('the folder, the file and the manifest look as the page says', async () => {
    const { stage, folder } = await writeExample()
    const [paths, file] = examples('text')
    const found = await readdir(folder)
    const names = found.sort().map((name) => `archives/${join(folder, name).slice(stage.directory.length + 1)}\n`)
    expect(names.join('').replaceAll(stage.schema.name, 'message_db')).toBe(paths)
    expect(gunzipSync(await readFile(join(folder, 'messages_202601.sql.gz'))).toString('utf8')).toBe(file)
    const said = JSON.parse(examples('json')[0] ?? '')
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
    expect(Object.keys(manifest)).toEqual(Object.keys(said))
    // What compressing comes to may differ with zlib's version.
    const packed = { name: 'messages_202601.sql.gz', sha256: expect.any(String), bytes: expect.any(Number) }
    const server = { version: expect.any(String), uuid: expect.any(String) }
    expect(manifest).toEqual({ ...said, schema: stage.schema.name, server, file: packed })
  })

  test('the commands check the archive and load it', async () => {
    const { stage, folder } = await writeExample()
    const before = await nature(stage, '_hold_20280301_0badcafe_messages_202601')
    const [check, load] = examples('sh')
    const program = [
      join(stage.schema.server.bin ?? '', 'mysql'),
      '--no-defaults',
      ...serverArguments(stage.schema.server.url),
    ]
    const client = `mysql() { ${program.map((word) => `'${word}'`).join(' ')} "$@"; }\n`
    const run = (text = ''): string =>
      execFileSync('bash', ['-c', `set -o pipefail\n${client}${text.replace('message_db', stage.schema.name)}`], {
        cwd: folder,
        encoding: 'utf8',
      })
    expect(run(check)).toContain('"sha256"')
    expect(run(load)).toBe('')
    expect(await nature(stage, 'messages_202601')).toEqual(before)
  })

  test('every code of an error in the driver is in its table, and no other', async () => {
    const folders = ['src/shards/archive', 'src/shards/mysql']
    const named = new Set<string>()
    for (const file of [
      ...(await readdir(join(root, folders[0] ?? ''))).map((name) => join(folders[0] ?? '', name)),
      `${folders[1]}/row-text.ts`,
      'src/cli/context.ts',
    ]) {
      const text = await readFile(join(root, file), 'utf8')
      for (const match of text.matchAll(/'((?:ARCHIVE_|NO_ARCHIVE|ROW_TOO|TABLE_|RESTORE_)[A-Z_]*)'/g))
        named.add(match[1] ?? '')
    }
    const rows = [...document.matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => match[1])
    expect(rows.sort()).toEqual([...named].filter((code) => code !== 'TABLE_SCHEMA' && code !== 'TABLE_NAME').sort())
  })
})
