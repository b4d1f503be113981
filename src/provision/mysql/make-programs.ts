import type { Connection } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { RecipeProgram } from '../ports.ts'

/** A view that reads a table, a column or a view which does not exist. */
const invalidView = 1356

/** Settings in which a program's session differs from one that loads rows. */
const backToLoading =
  "SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00', NAMES utf8mb4 COLLATE utf8mb4_0900_ai_ci"

/** A view may read another one: a view that is refused because a table does not exist yet is tried again after the others. */
export async function makePrograms(
  connection: Connection,
  programs: readonly RecipeProgram[],
  rename: (text: string) => string,
): Promise<void> {
  let left = programs
  while (left.length > 0) {
    const refused: RecipeProgram[] = []
    let error: unknown
    for (const program of left) {
      try {
        await makeProgram(connection, program, rename)
      } catch (thrown) {
        if (!hasNumber(thrown, serverErrors.unknownTable, invalidView)) throw thrown
        refused.push(program)
        error = thrown
      }
    }
    if (refused.length === left.length) throw error
    left = refused
  }
}

/** Creates a program in the session settings that it was created with, and restores the session. */
export async function makeProgram(
  connection: Connection,
  { schema, text, sqlMode, charset, collation, timeZone }: RecipeProgram,
  rename: (text: string) => string,
): Promise<void> {
  const session = [
    `character_set_client=${charset}`,
    `collation_connection=${collation}`,
    ...(sqlMode === null ? [] : [`sql_mode='${sqlMode}'`]),
    ...(timeZone === null ? [] : [`time_zone='${timeZone}'`]),
  ]
  await connection.ask(`USE ${quoteName(rename(schema))}`)
  await connection.ask(`SET SESSION ${session.join(', ')}`)
  try {
    await connection.ask(rename(text))
  } finally {
    await connection.ask(backToLoading)
  }
}
