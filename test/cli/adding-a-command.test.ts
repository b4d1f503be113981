import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execPath } from 'node:process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cleanEnvironment } from '../helpers/tool/tool.ts'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/internals/architecture.md'), 'utf8')
let copy = ''

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'wwdb-command-'))
  for (const name of ['src', 'scripts', 'bin', 'package.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
})

afterAll(() => {
  rmSync(copy, { recursive: true, force: true })
})

function run(...words: readonly string[]): string {
  return execFileSync(execPath, words, { cwd: copy, env: cleanEnvironment(), encoding: 'utf8' })
}

test('the command of docs/internals/architecture.md runs after its steps', () => {
  const files = [...page.matchAll(/```ts file=(src\/\S+\/commands\/\S+)\n([\s\S]*?)```/g)]
  expect(files).toHaveLength(2)
  for (const [, file = '', text = ''] of files) writeFileSync(join(copy, file), text)
  run('scripts/generate.mjs', 'commands', 'views')
  run('scripts/build.mjs')
  writeFileSync(join(copy, 'wwdb.config.json'), JSON.stringify({ databases: { user_db: {}, message_db: {} } }))
  expect(run('bin/wwdb.js', 'db', 'names')).toBe('user_db message_db\n')
  expect(run('bin/wwdb.js', 'db', 'names', '--limit', '1')).toBe('user_db\n')
  expect(run('bin/wwdb.js', 'db', 'names', '--separator', ':')).toBe('user_db:message_db\n')
  expect(JSON.parse(run('bin/wwdb.js', 'db', 'names', '--json'))).toMatchObject({
    kind: 'database-names',
    names: ['user_db', 'message_db'],
  })
  expect(run('bin/wwdb.js', 'db', '--help')).toContain('db names')
  expect(run('bin/wwdb.js', 'db', 'names', '--help')).toContain('at most this many')
  expect(run('bin/wwdb.js', 'completion', 'bash')).toContain('"db names"')
}, 60_000)
