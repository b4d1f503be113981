import { expect, test } from 'vitest'
import { nothingKnown } from '../../../src/ddl/schema.ts'
import { WrittenRows } from '../../../src/migrations/plan/written-rows.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

const t = { type: 'table' as const, schema: null, name: 't' }

function isAsBefore(column: string, ...texts: readonly string[]): boolean {
  const written = new WrittenRows(nothingKnown)
  for (const [index, text] of texts.entries()) written.follow(statementOf(text, index), nothingKnown, [])
  return written.isAsBefore([t], new Set([column]))
}

test('rows are as before where nothing wrote the columns that decide', () => {
  expect(isAsBefore('a')).toBe(true)
  expect(isAsBefore('a', 'UPDATE t SET b = 1 WHERE id = 1')).toBe(true)
  expect(isAsBefore('a', 'UPDATE t SET a = 1 WHERE id = 1')).toBe(false)
  expect(isAsBefore('a', 'INSERT INTO t (id, a) VALUES (1, 2)')).toBe(true)
  expect(isAsBefore('a', 'REPLACE INTO t (id, a) VALUES (1, 2)')).toBe(false)
  expect(isAsBefore('a', 'DELETE FROM t WHERE id = 1')).toBe(true)
})

test('nothing is known of rows behind a call whose procedure is not known, or a statement that is prepared', () => {
  expect(isAsBefore('a', 'CALL p()')).toBe(false)
  expect(isAsBefore('a', "PREPARE x FROM 'DELETE FROM t'", 'EXECUTE x')).toBe(false)
  expect(isAsBefore('a', 'SELECT 1')).toBe(true)
})
