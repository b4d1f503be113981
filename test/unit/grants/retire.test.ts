import { expect, test } from 'vitest'
import { needsOfStatement } from '../../../src/grants/statement-needs.ts'
import { toStatement } from '../../../src/sql/classify.ts'

const read = (text: string) =>
  toStatement({ type: 'statement', text, source: text, file: 'a.sql', line: 1, column: 1 }, 0)

test('what is retired is renamed, or changed, before it is dropped', () => {
  const marked = { ...read('DROP TABLE a'), retire: { grace: null } }
  expect(needsOfStatement(marked).own).toEqual(['DROP', 'ALTER', 'CREATE', 'INSERT'])
  expect(needsOfStatement(read('DROP TABLE a')).own).toEqual(['DROP'])
})

test('a protected environment retires without a line, unless the file says never', () => {
  expect(needsOfStatement(read('DROP INDEX k ON a'), true).own).toEqual(['INDEX', 'ALTER', 'CREATE', 'INSERT'])
  expect(needsOfStatement({ ...read('DROP TABLE a'), dropsAtOnce: true }, true).own).toEqual(['DROP'])
})
