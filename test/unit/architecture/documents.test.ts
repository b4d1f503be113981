import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'

const root = path.join(import.meta.dirname, '../../..')
test('every guarantee names a test', () => {
  const text = readFileSync(path.join(root, 'docs/operations/guarantees.md'), 'utf8')
  const parts = text.split(/^## /m).slice(1)
  expect(parts.length).toBeGreaterThan(5)
  const bare = parts.filter((part) => !/^Tests: `test\/[\w./-]+\.ts`/m.test(part)).map((part) => part.split('\n')[0])
  expect(bare).toEqual([])
})

describe('the records of decisions', () => {
  const folder = path.join(root, 'docs/internals/decisions')
  const records = readdirSync(folder).filter((name) => /^\d{4}-/.test(name))
  const index = readFileSync(path.join(folder, 'README.md'), 'utf8')

  test.each(records)('%s has a date and a status, and the index lists it', (name) => {
    const text = readFileSync(path.join(folder, name), 'utf8')
    expect(text).toMatch(/^# \d{4}: .+\n\n- Date: (?:until )?\d{4}-\d{2}-\d{2}\n- Status: \S/)
    expect(index).toContain(`(${name})`)
    if (name.startsWith('0001')) return
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)
    expect(headings).toEqual(['Context', 'Decision', 'Consequences'])
  })
})
