import { randomUUID } from 'node:crypto'
import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import { type Door, driverOf } from '../../mysql/door.ts'
import { isConnectionLost, isServerError } from '../../mysql/errors.ts'
import { placeOf } from '../../mysql/place.ts'
import { translateRunError } from '../../mysql/refusals.ts'
import { explainDenied, readDenied } from '../../mysql/table-acl.ts'
import { plainMessage } from '../../mysql/vtgate.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName, quoteQualified } from '../../sql/quote-name.ts'
import { keyspaceRights, type RightAnswer, type RightsAtKeyspace } from '../ports.ts'
import { metadataTables, type TableRole } from '../table-acl.ts'

export const driver = driverOf(keyspaceRights, (door) => (database, timeouts) => openRights(door, database, timeouts))

/** No table has it: MySQL refuses to drop it before it changes anything, and the tablet judges the user before that. */
const missingColumn = `wwdb_${randomUUID().replaceAll('-', '')}`

/** A statement that needs to be in a list, and changes nothing. */
const statements: Readonly<Record<TableRole, (table: string) => string>> = {
  readers: (table) => `SELECT ${ownHint} 1 FROM ${table} LIMIT 1`,
  writers: (table) => `DELETE ${ownHint} FROM ${table} WHERE 1=0`,
  admins: (table) => `ALTER TABLE ${table} DROP COLUMN ${quoteName(missingColumn)}`,
}

/** There is no such column, or it is a view. */
const harmless = [1091, 1347]

const isHarmless = (error: unknown): boolean =>
  isServerError(error) &&
  (harmless.includes(error.errno) || harmless.some((number) => error.message.includes(`(errno ${number})`)))

async function openRights(door: Door, database: DatabaseConfig, timeouts: Timeouts): Promise<RightsAtKeyspace> {
  const place = placeOf(database, timeouts)
  const connection = await door.open(place, { writable: false, purpose: 'accounts', engine: 'vtgate' })
  const metadata = new Set(metadataTables)
  const answer = (error: unknown, role: TableRole): RightAnswer => {
    if (isConnectionLost(error) || !isServerError(error)) throw translateRunError(error, place.target)
    const denied = readDenied(error)
    if (denied !== null) return { type: 'denied', why: explainDenied(denied) }
    return role === 'admins' && isHarmless(error)
      ? { type: 'allowed' }
      : { type: 'unknown', why: plainMessage(error.message) }
  }
  return {
    listTables: async (keyspace) => {
      try {
        const { rows } = await connection.ask(`SHOW TABLES FROM ${quoteName(keyspace)}`)
        return rows.map(([name]) => String(name))
      } catch (error) {
        throw translateRunError(error, place.target)
      }
    },
    ask: async (keyspace, table, role) => {
      const name = quoteQualified(metadata.has(table) ? 'information_schema' : keyspace, table)
      return connection.ask(statements[role](name)).then(
        (): RightAnswer => ({ type: 'allowed' }),
        (error: unknown) => answer(error, role),
      )
    },
    close: () => connection.close(),
  }
}
