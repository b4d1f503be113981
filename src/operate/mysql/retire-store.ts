import type { Connection, Row } from '../../mysql/connection.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { Presence, RetireStore } from '../retire/ports.ts'
import {
  createRegistry,
  existsRegistry,
  type RetiredRecord,
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
    look: (thing) => look(rows, thing),
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
      const found = await rows(
        `SELECT DISTINCT CONCAT(TABLE_NAME,'.',CONSTRAINT_NAME) FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_SCHEMA=DATABASE() AND REFERENCED_TABLE_NAME=${quoteString(table)} AND NOT (TABLE_SCHEMA=DATABASE() AND TABLE_NAME=${quoteString(table)}) ORDER BY 1`,
      )
      return found.map(([name]) => String(name))
    },
  }
}

async function look(
  rows: (text: string) => Promise<readonly Row[]>,
  { type, table, part, hold }: Pick<RetiredRecord, 'type' | 'table' | 'part' | 'hold'>,
): Promise<Presence> {
  const name = quoteString(part ?? '')
  const question =
    type === 'table'
      ? `SELECT TABLE_NAME=${quoteString(hold)} FROM information_schema.TABLES WHERE TABLE_SCHEMA=DATABASE() AND TABLE_TYPE='BASE TABLE' AND TABLE_NAME IN (${quoteString(table)},${quoteString(hold)}) ORDER BY 1 DESC`
      : type === 'index'
        ? `SELECT IS_VISIBLE='NO' FROM information_schema.STATISTICS WHERE ${ofTable(table)} AND INDEX_NAME=${name}`
        : `SELECT EXTRA LIKE '%INVISIBLE%' FROM information_schema.COLUMNS WHERE ${ofTable(table)} AND COLUMN_NAME=${name}`
  const [first] = await rows(question)
  if (first === undefined) return 'gone'
  return Number(first[0]) === 1 ? 'hidden' : 'visible'
}
