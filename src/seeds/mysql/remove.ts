import type { Connection } from '../../mysql/connection.ts'
import { hasNumber } from '../../mysql/server-errors.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { DoomedRows } from '../ports.ts'
import { isRow } from './values.ts'

/** Error 1451: a foreign key of another row stands against it. A statement that fails leaves the transaction as it was. */
const referredTo = 1451

/**
 * Removes rows one by one; one that another of them still refers to is tried again behind the others. Throws the server's
 * error when a whole round brings nothing.
 */
export async function removeRows(connection: Connection, doomed: readonly DoomedRows[]): Promise<void> {
  let waiting = doomed.flatMap(({ table, shape, identities }) =>
    identities.map((identity) => `DELETE FROM ${quoteName(table)} WHERE ${isRow('', shape, identity)} LIMIT 1`),
  )
  for (let before = waiting.length + 1; waiting.length > 0; ) {
    const refused: string[] = []
    const stuck = waiting.length === before
    before = waiting.length
    for (const text of waiting) {
      try {
        await connection.ask(text)
      } catch (error) {
        if (stuck || !hasNumber(error, referredTo)) throw error
        refused.push(text)
      }
    }
    waiting = refused
  }
}
