import { expect, test } from 'vitest'
import { SchemaLog } from '../../../src/ddl/schema-log.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

const follow = (log: SchemaLog, text: string, index: number): void => log.follow(statementOf(text, index))
const nameOf = (index: number): string => `t${index}`

test('a table that thousands of others have been read since is the same as before, and is not held meanwhile', () => {
  const log = new SchemaLog('app')
  for (let index = 0; index < 3000; index += 1)
    follow(log, `CREATE TABLE ${nameOf(index)} (id INT PRIMARY KEY, n${index} INT)`, index)
  follow(log, 'CREATE TABLE like0 LIKE t0', 3000)
  follow(log, 'ALTER TABLE t0 ADD COLUMN later INT', 3001)
  const { now } = log
  const first = now.find({ schema: null, name: 't1' })
  const [altered, copy] = ['t0', 'like0'].map((name) => now.find({ schema: null, name }))
  expect(now.find({ schema: null, name: 't1' })).toBe(first)
  for (let index = 2; index < 3000; index += 1)
    expect(now.find({ schema: null, name: nameOf(index) }).type).toBe('table')
  expect(now.find({ schema: null, name: 't1' })).not.toBe(first)
  expect(now.find({ schema: null, name: 't1' })).toEqual(first)
  expect(now.find({ schema: null, name: 't0' })).toBe(altered)
  expect(now.find({ schema: null, name: 'like0' })).toBe(copy)
  expect(altered).toMatchObject({ table: { columns: [{ name: 'id' }, { name: 'n0' }, { name: 'later' }] } })
})
