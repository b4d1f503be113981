import type { Connection, Row } from '../../mysql/connection.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { RetireStore } from '../retire/ports.ts'
import { selectPresence, selectReferences, toPresence } from '../retire/presence.ts'
import {
  createRegistry,
  existsRegistry,
  replaceRecord,
  selectRecords,
  toRecord,
  updateRecord,
} from '../retire/record.ts'

const ofTable = (table: string): string => `TABLE_SCHEMA=DATABASE() AND TABLE_NAME=${quoteString(table)}`

/** What retirement asks, on the connection that holds the lock of its database where something is written. */
export function retireStoreOf(connection: Pick<Connection, 'ask' | 'askAll'>): RetireStore {
  const rows = async (text: string): Promise<readonly Row[]> => (await connection.ask(text)).rows
  const exists = async (): Promise<boolean> => Number((await rows(existsRegistry))[0]?.[0]) > 0
  return {
    read: async () => {
      if (!(await exists())) return []
      return (await rows(selectRecords)).map((row) =>
        toRecord(row.map((cell) => (cell === null ? null : String(cell)))),
      )
    },
    write: async (record) => {
      // A CREATE TABLE commits; it is sent only where there is none yet.
      if (!(await exists())) await connection.ask(createRegistry)
      await connection.askAll(`${replaceRecord(record)};COMMIT`)
    },
    update: async (record, from) => {
      await connection.askAll(`${updateRecord(record, from)};COMMIT`)
    },
    look: async (thing) => toPresence(await rows(selectPresence(thing))),
    isOnlyVisible: async (table, column) => {
      const found = await rows(
        `SELECT COUNT(*) FROM information_schema.COLUMNS WHERE ${ofTable(table)} AND EXTRA NOT LIKE '%INVISIBLE%' AND COLUMN_NAME<>${quoteString(column)}`,
      )
      return Number(found[0]?.[0]) === 0
    },
    isLeftOut: async (table, column) => {
      const found = await rows(
        `SELECT IS_NULLABLE='YES' OR COLUMN_DEFAULT IS NOT NULL OR EXTRA LIKE '%GENERATED%' OR EXTRA LIKE '%auto_increment%' FROM information_schema.COLUMNS WHERE ${ofTable(table)} AND COLUMN_NAME=${quoteString(column)}`,
      )
      return Number(found[0]?.[0] ?? 1) === 1
    },
    isUnique: async (table, index) => {
      const found = await rows(
        `SELECT MAX(NON_UNIQUE)=0 FROM information_schema.STATISTICS WHERE ${ofTable(table)} AND INDEX_NAME=${quoteString(index)}`,
      )
      return Number(found[0]?.[0] ?? 0) === 1
    },
    listReferences: async (table) => {
      const found = await rows(selectReferences(table))
      return found.map(([name]) => String(name))
    },
  }
}
