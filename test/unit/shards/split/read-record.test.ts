import { expect, test } from 'vitest'
import { ToolError } from '../../../../src/core/tool-error.ts'
import { readSplitRecord } from '../../../../src/shards/split/read-record.ts'

const details = {
  column: 'created_at',
  pieces: [{ table: 'orders_202611', key: '2026-11', from: "'2026-11-01'", to: "'2026-12-01'", compares: 'value' }],
  triggers: ['a', 'b', 'c'],
  hold: '_hold_1',
  hasView: false,
  copiedThrough: ['5'],
  copiedRows: 5,
  protects: [],
  keptUntil: null,
}
const rowOf = (state: unknown, value: unknown) => ['orders', 'orders', state, JSON.stringify(value)]

test('a row of a split is its record', () => {
  const late = { ...details, pieces: [...details.pieces, { ...details.pieces[0], from: null, isLate: true }] }
  expect(readSplitRecord(rowOf('copying', details))).toEqual({
    table: 'orders',
    family: 'orders',
    state: 'copying',
    ...details,
  })
  expect(readSplitRecord(rowOf('undoing', late))).toMatchObject({ pieces: late.pieces })
})

test.each([
  ['a state that is none', rowOf('copyed', details), /`state` is not valid/],
  ['no hold name', rowOf('held', { ...details, hold: undefined }), /`details.hold` is not valid/],
  ['an empty hold name', rowOf('held', { ...details, hold: '' }), /`details.hold` is not valid/],
  ['a piece without a table', rowOf('held', { ...details, pieces: [{ key: '1' }] }), /`details.pieces.0.table`/],
  ['a checkpoint of numbers', rowOf('copying', { ...details, copiedThrough: [5] }), /`details.copiedThrough.0`/],
  ['no JSON', ['orders', 'orders', 'held', '{'], /`details` is not valid/],
])('a row with %s is refused by name', (_, row, why) => {
  try {
    readSplitRecord(row)
    expect.unreachable()
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    expect(error.code).toBe('JOURNAL_DAMAGED')
    expect(error.faults[0]?.what).toContain('The row of `orders` in `wwdb_split`')
    expect(error.faults[0]?.why).toMatch(why)
  }
})
