import { expect, test } from 'vitest'
import { FollowedTable } from '../../../src/ddl/followed-table.ts'
import { listTables, nameOfTable, nothingKnown, type Schema, withState } from '../../../src/ddl/schema.ts'

test('a table that is not wanted is not read, and has its name also after a rename', () => {
  const unread = FollowedTable.make('Orders', '1.sql', 'CREATE TABLE Orders (id INT)', () => {
    throw new Error('it was read')
  })
  const renamed = FollowedTable.change(unread, (table) => table, { name: 'Customers' })
  const schema = [unread, renamed].reduce<Schema>(
    (before, table) => withState(before, { schema: null, name: table.name }, table),
    nothingKnown,
  )
  const asked: string[] = []
  const isWanted: Parameters<typeof listTables>[1] = (object) => {
    if (object.type === 'table') asked.push(nameOfTable(object))
    return false
  }
  expect(listTables(schema, isWanted)).toEqual([])
  expect(asked).toEqual(['Orders', 'Customers'])
})
