import { expect, it } from 'vitest'
import { digestState } from '../../../../../src/migrations/mysql/vitess/last-change.ts'
import { withVschema } from '../../../../../src/migrations/mysql/vitess/settled-vschema.ts'
import type { Asker } from '../../../../../src/mysql/connection.ts'

const reading = {
  ...{ hidden: [], leftOut: [], shards: [] },
  snapshot: { format: 1, database: 'app', charset: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci', objects: [] },
} as const
const place = { database: 'app', schema: 'app', databases: new Map(), isLeftOut: () => false, journal: 'keeper' }

/** A vtgate that shows a vindex when it was asked for it a few times. */
function openVtgate(keyspaceOfLast: string, fault = '') {
  const seen = { vindexes: 0 }
  const digests = [digestState('[null]'), digestState('something else')].join(':')
  const answers: Readonly<Record<string, () => readonly (readonly unknown[])[]>> = {
    SELECT: () => [[digests, keyspaceOfLast, '[["vindex","by_id"]]', '1000']],
    'SHOW VSCHEMA KEYSPACES': () => [
      ['app', 'true', 'unmanaged', fault],
      ['other', 'true', 'unmanaged', ''],
    ],
    'SHOW VSCHEMA TABLES': () => [],
    'SHOW VSCHEMA VINDEXES': () => {
      seen.vindexes += 1
      return seen.vindexes < 4 ? [] : ['app', 'other'].map((keyspace) => [keyspace, 'by_id', 'xxhash', '', ''])
    },
  }
  const connection: Asker = {
    ask: async (text) => {
      const [, answer] = Object.entries(answers).find(([start]) => text.startsWith(start)) ?? []
      if (answer === undefined) throw new Error(`${text} was not expected`)
      const rows = answer().map((row) => row.map(String))
      return { rows, affected: null, insertId: null, warningCount: 0 }
    },
  }
  return { connection, seen }
}

it('a VSchema in which vtgate finds an error is not read, and the error is kept', async () => {
  const { connection } = openVtgate('app', 'VT09019: keyspace app\nhas cyclic foreign keys')
  const { snapshot, vschemaFault } = await withVschema(connection, reading, place)
  expect([snapshot.vschema, vschemaFault]).toEqual([undefined, 'VT09019: keyspace app has cyclic foreign keys'])
})

it.each([1049, 1142, 1045, 1146])(
  'a reading waits for nothing where the last change cannot be seen: %i',
  async (errno) => {
    const { connection } = openVtgate('app')
    const hidden: Asker = {
      ask: (text) =>
        text.startsWith('SELECT')
          ? Promise.reject(Object.assign(new Error('refused'), { code: 'ER_REFUSED', errno, fatal: false }))
          : connection.ask(text),
    }
    const { snapshot, vschemaUnseen } = await withVschema(hidden, reading, place)
    expect(snapshot.vschema?.map(({ type }) => type)).toEqual(['keyspace'])
    // Who has no such keyspace or table has no run; who may not read them is told.
    expect(vschemaUnseen).toBe([1142, 1045].includes(errno) ? 'keeper' : undefined)
  },
)

it.each([
  ['app', 'of its own'],
  ['other', 'of another keyspace, which hides an earlier one of its own'],
])('a VSchema is read when this vtgate shows the last change: %s', async (keyspace) => {
  const { connection, seen } = openVtgate(keyspace)
  const { snapshot } = await withVschema(connection, reading, place)
  expect(snapshot.vschema?.map(({ type, name }) => `${type} ${name}`)).toEqual(['keyspace app', 'vindex by_id'])
  expect(seen.vindexes).toBe(5)
})
