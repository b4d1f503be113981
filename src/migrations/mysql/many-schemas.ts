import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import type { Door, MysqlConnection } from '../../mysql/door.ts'
import { placeOf } from '../../mysql/place.ts'
import type { ManySchemas } from '../many/ports.ts'
import { listAllSchemas, lookAtMany } from './many-journals.ts'
import { translatingErrors } from './translate-errors.ts'

/** Opens a connection that looks at many schemas, without one of its own unless a query needs it. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED` (69). */
export async function openManySchemas(
  door: Door,
  database: DatabaseConfig,
  timeouts: Timeouts,
  schema: string | null = null,
): Promise<ManySchemas> {
  const place = placeOf(database, timeouts, schema)
  const connection = await door.open(place, { writable: false, purpose: 'work', transaction: true })
  const reported = <T>(work: () => Promise<T>): Promise<T> => translatingErrors(place.target, work)
  try {
    const all = await reported(() => listAllSchemas(connection))
    const present = new Set(all)
    return {
      facts: connection.facts,
      all,
      look: (targets, take) => reported(() => lookAtMany(connection, present, targets, take)),
      query: (text, milliseconds) => reported(() => ask(connection, text, milliseconds)),
      close: () => connection.close(),
    }
  } catch (error) {
    connection.destroy()
    throw error
  }
}

/** One statement, in a transaction that cannot write: what a function in the query would write is refused by the server. */
async function ask(
  connection: MysqlConnection,
  text: string,
  milliseconds: number,
): Promise<readonly (readonly (string | null)[])[]> {
  await connection.askAll(
    `ROLLBACK;SET SESSION max_execution_time=${Math.ceil(milliseconds)};START TRANSACTION READ ONLY`,
  )
  const [answer] = await connection.run(text)
  await connection.ask('ROLLBACK')
  return (answer?.rows ?? []).map((row) => row.map((cell) => (cell === null ? null : String(cell))))
}
