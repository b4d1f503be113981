import { expect, test } from 'vitest'
import type { BatchTable, BatchTrigger } from '../../../../src/operate/batches/batch-table.ts'
import { readWalk } from '../../../../src/operate/batches/read-walk.ts'
import { refuseWritten } from '../../../../src/operate/batches/written-tables.ts'

const table = (name: string, ...triggers: readonly BatchTrigger[]): BatchTable => ({
  schema: 'app',
  name,
  isView: false,
  engine: 'InnoDB',
  rows: 0,
  columns: [],
  indexes: [],
  ownCascade: null,
  triggers,
  cascades: [],
})

const trigger = (event: BatchTrigger['event']): BatchTrigger => ({
  name: 'back',
  timing: 'AFTER',
  event,
  body: 'UPDATE a SET n = 1 WHERE id = NEW.id',
})

function judge(text: string, event: BatchTrigger['event'], isKnown = true): string | null {
  const reading = readWalk(text)
  if (reading.type === 'refused') throw new Error(reading.why)
  const { walk } = reading
  const filled = walk.into === undefined ? null : table('log', trigger(event))
  return refuseWritten(walk.into === undefined ? table('a', trigger(event)) : table('a'), walk, isKnown ? filled : null)
}

test.each([
  ['UPDATE a SET n = 2', ['UPDATE']],
  ['DELETE FROM a WHERE n = 2', ['DELETE']],
  ['INSERT INTO log SELECT * FROM a', ['INSERT']],
  ['INSERT INTO log SELECT * FROM a ON DUPLICATE KEY UPDATE n = 1', ['INSERT', 'UPDATE']],
  ['REPLACE INTO log SELECT * FROM a', ['INSERT', 'DELETE']],
] as const)('%s is refused for the triggers that it fires, and for no others', (text, fired) => {
  for (const event of ['INSERT', 'UPDATE', 'DELETE'] as const)
    expect([event, judge(text, event) !== null]).toEqual([event, (fired as readonly string[]).includes(event)])
})

test('an INSERT into a table that is not there yet is not judged by the triggers of the one that it reads', () => {
  const reading = readWalk('INSERT INTO log SELECT * FROM a')
  if (reading.type === 'refused') throw new Error(reading.why)
  expect(refuseWritten(table('a', trigger('INSERT')), reading.walk, null)).toBeNull()
})
