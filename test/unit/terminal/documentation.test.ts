import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { exitCodes } from '../../../src/core/exit-code.ts'
import { resultDocument } from '../../../src/terminal/json/schemas/answers.ts'
import { eventLine } from '../../../src/terminal/json/schemas/lines.ts'
import { generateSchemas } from '../../../src/terminal/json/schemas/published.ts'

const root = path.join(import.meta.dirname, '../../..')
const text = await readFile(path.join(root, 'docs/reference/output.md'), 'utf8')

/** The first cells of the table's rows that have a code or a number in them. */
function firstCells(heading: string): readonly string[] {
  const table = text.slice(text.indexOf(`| ${heading} |`)).split('\n\n')[0] ?? ''
  const rows = table.split('\n').slice(2)
  return rows.flatMap((row) => (row.split('|')[1] ?? '').match(/[\w.-]+/gu) ?? [])
}

test('the page lists every exit code', () => {
  expect(firstCells('code')).toEqual(Object.values(exitCodes).map(String))
})

test('the page lists every event', () => {
  const types = eventLine.options.map((option) => [...option.shape.type.values].join(''))
  expect([...firstCells('event')].sort()).toEqual([...types].sort())
})

test('the page lists every schema, and every kind of answer', async () => {
  const named = firstCells('file')
  const ofKinds = resultDocument.options.map((option) => `${[...option.shape.kind.values].join('')}-result.schema.json`)
  expect([...named.filter((file) => !file.startsWith('KIND')), ...ofKinds].sort()).toEqual(
    [...generateSchemas().keys()].sort(),
  )
  for (const kind of ofKinds) expect(text).toContain(`\`${kind.replace('-result.schema.json', '')}\``)
  expect(await readdir(path.join(root, 'schemas'))).toEqual(expect.arrayContaining([...generateSchemas().keys()]))
})
