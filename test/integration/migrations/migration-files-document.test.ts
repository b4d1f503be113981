import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { inspectMigrations } from '../../../src/migrations/files/read-migrations.ts'
import { refusedReaders } from '../../../src/sql/statements/refusals.ts'

const document = readFileSync(
  fileURLToPath(new URL('../../../docs/guides/migration-files.md', import.meta.url)),
  'utf8',
)

/** A fenced block: what stands behind its fence, and its text. */
const blocks = [...document.matchAll(/^```(\w+) ([^\n]+)\n(.*?)^```$/gms)].map(([, language, label, text]) => ({
  language: language ?? '',
  label: label ?? '',
  text: text ?? '',
}))
const files = blocks.filter(({ label }) => label.startsWith('file='))
const wrong = blocks.filter(({ label }) => label === 'wrong')
const says = blocks.filter(({ label }) => label === 'says')

const root = mkdtempSync(join(tmpdir(), 'wwdb-document-'))
const databases = ['user_db', 'message_db'].map((name) => ({ name, directory: join(root, 'migrations', name) }))

beforeEach(() => {
  rmSync(root, { recursive: true, force: true })
  for (const { label, text } of files) {
    const path = join(root, label.slice('file='.length))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
})

afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

test('every fenced block of the document is an example that is tested', () => {
  expect(document.match(/^```/gm)).toHaveLength(2 * blocks.length)
  expect(files.length + wrong.length + says.length).toBe(blocks.length)
  expect(files.length).toBeGreaterThan(5)
  expect(wrong).toHaveLength(says.length)
})

test('every statement that is refused by its first word is on the list', () => {
  const list = document.slice(document.indexOf('Also refused are'))
  expect(Object.keys(refusedReaders).filter((word) => !new RegExp(`\`${word}\\b`).test(list))).toEqual([])
})

test('the examples with a file name form a valid project', async () => {
  const { faults, migrations } = await inspectMigrations({ root, databases, check: 'all' })
  expect(faults).toEqual([])
  expect(migrations.get('user_db')?.map(({ version }) => version)).toEqual(['0001', '0002', '0003', 'R__user_names'])
  expect(migrations.get('message_db')?.map(({ requires }) => requires)).toEqual([
    ...Array.from({ length: 3 }, () => [{ database: 'user_db', version: '0001' }]),
    [],
  ])
})

test.each(wrong.map(({ text }, index) => ({ text, sentence: says[index]?.text ?? '' })))(
  'a refused example fails with the sentence below it: $sentence',
  async ({ text, sentence }) => {
    const file = join(root, 'migrations/message_db/0005_wrong.sql')
    writeFileSync(file, text)
    const { faults } = await inspectMigrations({ root, databases })
    expect(faults.map(({ what, next }) => `${what}\n${next}\n`)).toEqual([sentence])
  },
)
