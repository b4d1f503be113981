import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { largestHeldFile, readLargeFile } from '../../../../src/migrations/files/large-file.ts'
import { hashStatement } from '../../../../src/sql/classify.ts'

let folder = ''
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const rows = `INSERT INTO a VALUES ${Array.from({ length: largestHeldFile / 64 }, (_, index) => `(${index}, '${'x'.repeat(64)}')`).join(', ')}`
const definition = `CREATE TABLE a (id INT PRIMARY KEY, note TEXT COMMENT '${'y'.repeat(30_000)}')`

test('the sample of a large file holds the beginning of a long INSERT, and definitions and what runs whole', async () => {
  folder = mkdtempSync(join(tmpdir(), 'wwdb-large-'))
  const path = join(folder, '0001_a.sql')
  writeFileSync(path, `-- migrate:up\n${definition};\n${rows};\nINSERT INTO a VALUES (-1, 'short');\n`)
  const request = { file: '0001_a.sql', repeatable: false, database: 'app', databases: ['app'] }
  const { content, faults } = await readLargeFile({ path, request })
  expect(faults).toEqual([])
  const { up } = content
  if (up.type !== 'stream') throw new Error('a large file passes through')
  const [first, second, third] = up.sample
  expect(first).toMatchObject({ text: definition })
  expect(first?.whole).toBeUndefined()
  expect(second).toMatchObject({ text: rows.slice(0, 20_000), whole: rows.length, hash: hashStatement(rows) })
  expect(third).toMatchObject({ text: "INSERT INTO a VALUES (-1, 'short')" })
  const read: number[] = []
  for await (const { text } of up.open()) read.push(text.length)
  expect(read).toEqual([definition.length, rows.length, 34])
})
