import { expect, test } from 'vitest'
import { readChangedColumns } from '../../../../src/operate/batches/changed-columns.ts'

test.each([
  ['UPDATE a SET n = 1, `ID` = 2 WHERE id = 3', ['n', 'id']],
  ['update low_priority ignore `a` as x set x.id = x.id + 1', ['id']],
  ['UPDATE app.a SET app.a.id = 1', ['id']],
  ['UPDATE other o JOIN a ON a.id = o.id SET a.id = a.id + 1000', ['id']],
  ['UPDATE other o, a SET o.n = 1, id = 7', ['id']],
  ['UPDATE other o JOIN a ON a.id = o.id SET o.id = 1', []],
  ['UPDATE other o LEFT JOIN (a x CROSS JOIN b) ON x.id = o.id SET x.id = 1, o.n = 2', ['id']],
  ['WITH q AS (SELECT 1 AS id) UPDATE q JOIN a ON a.id = q.id SET a.id = 5', ['id']],
  ['UPDATE other SET id = 1', []],
])('%s may set %j of the table', (text, columns) => {
  expect([...readChangedColumns(text, ({ name }) => name === 'a')]).toEqual(columns)
})
