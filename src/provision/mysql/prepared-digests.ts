import type { Asker } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteString } from '../../sql/quote-name.ts'

const statement = 'wwdb_digests'

/** The digests of all tables of a baseline, which the server parses and resolves once: that is a third of the time that a few hundred rows take. */
export class PreparedDigests {
  #isPrepared = false

  /** Null where a table or a column of the baseline is missing, and where the server prepares no statement: as texts, those of the others can be read, or all of them. */
  async read(connection: Asker, tables: readonly { readonly expression: string }[]): Promise<readonly string[] | null> {
    if (tables.length === 0) return []
    try {
      if (!this.#isPrepared) await prepare(connection, tables)
      this.#isPrepared = true
      const { rows } = await connection.ask(`EXECUTE ${statement}`)
      return tables.map((_, index) => String(rows[0]?.[index]))
    } catch (error) {
      if (!isMissing(error) && !hasNumber(error, tooManyPrepared, changesMeanwhile)) throw error
      return null
    }
  }
}

async function prepare(connection: Asker, tables: readonly { readonly expression: string }[]): Promise<void> {
  const text = `SELECT ${ownHint} ${tables.map(({ expression }) => expression).join(',')}`
  // A variable, as the text of PREPARE can be a literal alone.
  await connection.ask(`SET @${statement}=${quoteString(text)}`)
  await connection.ask(`PREPARE ${statement} FROM @${statement}`)
}

/** The statements that all sessions have prepared are `max_prepared_stmt_count`. */
const tooManyPrepared = 1461
/** The server prepared it again for definitions that were changed, and each time they changed once more. */
const changesMeanwhile = 1615
const unknownColumn = 1054

/** Whether a table or a column does not exist. */
export function isMissing(error: unknown): boolean {
  return hasNumber(error, unknownColumn, serverErrors.unknownTable)
}
