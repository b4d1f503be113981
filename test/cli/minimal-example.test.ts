import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dropSchemas, randomName } from '../helpers/servers/schema.ts'
import { testServer } from '../helpers/servers/servers.ts'
import { runTool } from '../helpers/tool/tool.ts'

const example = resolve(import.meta.dirname, '../../examples/minimal')
const prefix = `${randomName('minimal')}_`
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wwdb-minimal-'))
  cpSync(example, folder, { recursive: true })
})

afterAll(async () => {
  await dropSchemas(testServer().url, prefix)
  rmSync(folder, { recursive: true, force: true })
})

test('the minimal example does what its page shows', async () => {
  const page = readFileSync(join(example, 'README.md'), 'utf8')
  const commands = [...page.matchAll(/^npx wwdb ([a-z ]+?)(?: +#.*)?$/gm)].map(([, words = '']) =>
    words.trim().split(' '),
  )
  expect(commands.map((words) => words.join(' '))).toEqual(['db create', 'plan', 'migrate', 'status', 'rollback'])
  const environment = { WWDB_URL: testServer().url, WWDB_PREFIX: prefix }
  for (const words of commands) {
    const yes = words[0] === 'rollback' ? ['--yes'] : []
    const run = await runTool([...words, ...yes], { cwd: folder, environment })
    expect(run, words.join(' ')).toMatchObject({ exitCode: 0 })
    if (words[0] === 'status') expect(run.stdout).toContain('create_people')
  }
})
