import { expect, test } from 'vitest'
import { listUndone } from '../../../src/migrations/undo/list-undone.ts'
import type { KeptBatch } from '../../../src/migrations/undo/undo-batches.ts'

test('a row that became ready while the undo ran is not called refused by the server', async () => {
  const session = {
    target: { database: 'app', server: 's', schema: 'app' },
    readRows: async () => [
      ['ready', '3'],
      ['ready', '7'],
    ],
    rollback: async () => {},
  }
  const key = { index: 'PRIMARY', columns: [{ name: 'id', kind: 'number', charset: null }] }
  const kept = { verb: 'UPDATE', schema: 's', table: 'a', key, keyDefinitions: ['int'], columns: [] }
  const record = { name: 'u', version: '1', direction: 'up', statement: 0, state: 'undone', keptUntil: 0, kept }
  const counts = { undone: 0, ready: 2, changed: 0, gone: 0, taken: 0 }
  const batch = { target: { session }, record, counts, refusedKeys: [['7']] } as unknown as KeptBatch
  const [table] = await listUndone([batch], true)
  expect(table).toMatchObject({
    left: 2,
    rows: [
      { key: '`id` = 3', why: 'late' },
      { key: '`id` = 7', why: 'refused' },
    ],
  })
})
