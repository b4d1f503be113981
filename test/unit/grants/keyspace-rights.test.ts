import { expect, it } from 'vitest'
import { checkKeyspace } from '../../../src/grants/keyspace-rights.ts'
import type { RightAnswer } from '../../../src/grants/ports.ts'
import type { TableAcl } from '../../../src/grants/table-acl.ts'

const group = (names: readonly string[], lists: readonly string[]) => ({
  name: names.join(),
  table_names_or_prefixes: names,
  readers: lists.includes('r') ? ['wwdb'] : [],
  writers: lists.includes('w') ? ['wwdb'] : [],
  admins: lists.includes('a') ? ['wwdb'] : [],
})
const acl: TableAcl = {
  keyspace: 'message_db',
  config: {
    table_groups: [group(['letters', 'later'], ['r', 'w']), group(['wwdb_%'], ['a']), group(['COLUMNS'], ['r'])],
  },
  notes: [],
}

const check = async (answers: Readonly<Record<string, RightAnswer>>) => {
  const asked: string[] = []
  const found = await checkKeyspace(acl, {
    listTables: async () => ['letters', 'wwdb_lease', 'wwdb_runs_a', 'others'],
    ask: async (keyspace, table, role) => {
      asked.push(`${keyspace}.${table} ${role}`)
      return answers[`${table} ${role}`] ?? { type: 'allowed' }
    },
    close: async () => {},
  })
  return { asked, found }
}

it('each table that is there is tried for each list that its entry fills, and what does not exist yet is named', async () => {
  const { asked, found } = await check({})
  expect(asked).toEqual([
    'message_db.letters readers',
    'message_db.letters writers',
    'message_db.wwdb_lease admins',
    'message_db.wwdb_runs_a admins',
    'message_db.COLUMNS readers',
  ])
  expect(found).toEqual({ keyspace: 'message_db', asked: 5, missing: [], unasked: ['`later` does not exist yet'] })
})

it('what a tablet refuses is missing, and what it does not answer is not counted as tried', async () => {
  const { found } = await check({
    'letters writers': { type: 'denied', why: 'the user may not' },
    'COLUMNS readers': { type: 'unknown', why: 'no tablet' },
  })
  expect(found).toEqual({
    keyspace: 'message_db',
    asked: 4,
    missing: ['the user may not'],
    unasked: ['`later` does not exist yet', '`COLUMNS` for `readers`: no tablet'],
  })
})
