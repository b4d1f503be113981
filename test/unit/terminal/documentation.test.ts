import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { exitCodes } from '../../../src/core/exit-code.ts'
import { eventTypes, exactSchema, typesOf } from '../../helpers/documents/schema-document.ts'

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
  expect([...firstCells('event')].sort()).toEqual(eventTypes())
})

test('the page has an example of every kind, which its schema takes', () => {
  const examples = [...text.matchAll(/^#### ([a-z-]+)\n\n(.+)\n\n```json\n([\s\S]*?)^```$/gm)]
  const kinds = typesOf('answer.schema.json', 'kind', 'result')
  expect(examples.map(([, kind]) => kind).sort()).toEqual([...kinds].sort())
  const shared = {
    type: 'result',
    schema: '1.0',
    run: 'a',
    time: '2026-11-26T01:38:20.517Z',
    exitCode: 0,
    warnings: [],
  }
  for (const [, kind = '', meaning, example = ''] of examples) {
    expect(meaning, kind).toMatch(/^[A-Z].*\. \[Its schema\]\(.*\)\.$/)
    const answer = { ...JSON.parse(example), ...shared }
    expect(exactSchema(`${kind}-result.schema.json`).safeParse(answer).error, kind).toBeUndefined()
  }
})

test('the page lists every schema', async () => {
  const named = firstCells('file')
  const ofKinds = typesOf('answer.schema.json', 'kind', 'result').map((kind) => `${kind}-result.schema.json`)
  const present = (await readdir(path.join(root, 'schemas'))).filter((file) => !/^config\.|-declaration/.test(file))
  expect([...named.filter((file) => !/^KIND|^config\.|-declaration/.test(file)), ...ofKinds].sort()).toEqual(
    present.sort(),
  )
})
