import { quoteName, quoteString } from '../sql/quote-name.ts'
import type { Asker } from './connection.ts'
import { hasNumber, serverErrors } from './errors.ts'

export async function schemaExists(connection: Asker, schema: string): Promise<boolean> {
  const { rows } = await connection.ask(
    `SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME=${quoteString(schema)}`,
  )
  return rows.length > 0
}

/** A server shows only the schemas on which the user has a privilege, and does not say whether another one exists. */
export async function findSchema(connection: Asker, schema: string): Promise<'exists' | 'absent' | 'hidden'> {
  if (await schemaExists(connection, schema)) return 'exists'
  try {
    await connection.ask(`USE ${quoteName(schema)}`)
    return 'exists'
  } catch (error) {
    if (hasNumber(error, serverErrors.unknownDatabase)) return 'absent'
    if (hasNumber(error, serverErrors.databaseAccessDenied)) return 'hidden'
    throw error
  }
}
