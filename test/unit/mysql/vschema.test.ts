import { expect, it } from 'vitest'
import type { Asker } from '../../../src/mysql/connection.ts'
import { readVschemaTable } from '../../../src/mysql/vschema.ts'

/** A vtgate with one plan for each INSERT. */
const vtgate = (plan: object | string): Asker => ({
  ask: async (text) => {
    if (text.startsWith('VEXPLAIN') && typeof plan === 'string') throw new Error(plan)
    const rows = text.startsWith('VEXPLAIN') ? [[JSON.stringify(plan)]] : [['sender', 'by_sender']]
    return { rows, affected: null, insertId: null, warningCount: 0 }
  },
})
const plan = {
  ...{ OperatorType: 'Insert', Variant: 'Sharded', Keyspace: { Name: 'message_db', Sharded: true } },
  ...{
    Query: 'insert into letters(id) values (:__seq0)',
    AutoIncrement: 'select next :n values from ids:Values::(NULL)',
  },
}

it('what numbers a table is read from its own plan', async () => {
  expect(await readVschemaTable(vtgate(plan), 'message_db', 'letters', true)).toEqual({
    ...{ name: 'letters', isSequence: false, takesRows: true, vindexes: [{ name: 'by_sender', columns: 'sender' }] },
    autoIncrement: { column: 'id', sequence: { keyspace: null, name: 'ids' } },
  })
})

it('a name in quotes is that of the table', async () => {
  const shown = { ...plan, Query: 'insert into `old letters`(id) values (:__seq0)' }
  const read = await readVschemaTable(vtgate(shown), 'message_db', 'old letters', true)
  expect(read.autoIncrement?.column).toBe('id')
})

it.each<[string, object | string]>([
  ['another keyspace', { ...plan, Keyspace: { Name: 'user_db', Sharded: false } }],
  ['a table of another name', { ...plan, Query: 'insert into `old letters`(id) values (:__seq0)' }],
  ['nowhere', 'table letters has been disabled'],
])('the plan of a table that a routing rule leads to %s is not taken for its own', async (_, shown) => {
  expect(await readVschemaTable(vtgate(shown), 'message_db', 'letters', true)).toMatchObject({
    ...{ isRouted: true, autoIncrement: null, vindexes: [{ name: 'by_sender' }] },
  })
})
