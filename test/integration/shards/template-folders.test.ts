import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { type FamilyRequest, inspectFamilies, readFamilies } from '../../../src/shards/templates/read-families.ts'

const root = mkdtempSync(join(tmpdir(), 'wwdb-templates-'))
const template = (name: string) =>
  `-- wwdb:period month\n-- wwdb:name ${name}_{YYYYMM}\nCREATE TABLE {{table}} (id INT PRIMARY KEY);\n`

beforeEach(() => {
  rmSync(root, { recursive: true, force: true })
  mkdirSync(root)
})

afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

function write(path: string, content: string | Buffer): void {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}

function request(templatesNamed = false): FamilyRequest {
  const server = { label: 'here' }
  const databases = ['user_db', 'message_db'].map((name) => {
    return { name, server, templates: join(root, 'shard-templates', name), templatesNamed }
  })
  return { root, databases, rotation: { archive: null, overrides: [] } }
}

test('a project without templates has no families', async () => {
  expect(await inspectFamilies(request())).toEqual({ families: [], faults: [], files: 0 })
  expect(await readFamilies(request())).toEqual([])
})

test('a folder that the configuration names must be there', async () => {
  mkdirSync(join(root, 'shard-templates/user_db'), { recursive: true })
  expect((await inspectFamilies(request(true))).faults).toEqual([
    {
      what: 'The folder `shard-templates/message_db` with the templates of `message_db` does not exist.',
      where: { file: 'shard-templates/message_db', database: 'message_db' },
      next: 'Correct "templates" in the configuration, or create the folder.',
    },
  ])
})

test('templates of all databases are read, with any line ends', async () => {
  write('shard-templates/user_db/logins.sql', `\ufeff${template('logins').replaceAll('\n', '\r\n')}`)
  write('shard-templates/message_db/messages.sql', template('messages'))
  write('shard-templates/message_db/README.md', '# ours')
  write('shard-templates/message_db/.gitkeep', '')
  const families = await readFamilies(request())
  expect(families.map(({ name, database, template: { line } }) => [name, database, line])).toEqual([
    ['logins', 'user_db', 3],
    ['messages', 'message_db', 3],
  ])
  expect(families[0]?.template.checksum).toBe(families[1]?.template.checksum)
})

test('what is no template is named, and hides no other fault', async () => {
  write('shard-templates/message_db/mess-ages.sql', template('a'))
  write('shard-templates/message_db/notes.txt', 'x')
  write('shard-templates/message_db/old/b.sql', template('b'))
  write('shard-templates/message_db/c.sql', Buffer.from([0x2d, 0x2d, 0xff, 0xfe]))
  write('shard-templates/message_db/d.sql', `-- ${'x'.repeat(1024 * 1024)}`)
  write('shard-templates/message_db/e.sql', template('e').replace('month', 'moth'))
  symlinkSync('nowhere.sql', join(root, 'shard-templates/message_db/f.sql'))
  const error = await readFamilies(request()).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(ToolError)
  if (!(error instanceof ToolError)) return
  expect(error.code).toBe('TEMPLATES_INVALID')
  expect(error.faults.map(({ what, where }) => [where?.file?.replace(/^.*\//, ''), what])).toEqual([
    ['f.sql', 'The file is a symbolic link to something that does not exist.'],
    ['mess-ages.sql', 'This file name is not the name of a template.'],
    ['notes.txt', 'This file name is not the name of a template.'],
    ['old', 'This is not a file: templates are files directly in the folder of their database.'],
    ['c.sql', expect.stringContaining('UTF-8')],
    ['d.sql', 'The file is larger than 1 MiB, the limit for templates.'],
    ['e.sql', 'The header `wwdb:period` is "moth", which is not a period.'],
  ])
})
