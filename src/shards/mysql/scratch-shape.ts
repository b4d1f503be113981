import type { DatabaseConfig } from '../../config/config.ts'
import { nameScratch } from '../../core/scratch-name.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { translatingErrors } from '../../migrations/mysql/translate-errors.ts'
import type { Connection } from '../../mysql/connection.ts'
import type { MysqlConnection } from '../../mysql/door.ts'
import { isConnectionLost, isServerError } from '../../mysql/errors.ts'
import { proveSession } from '../../mysql/lock.ts'
import { pinMonitor } from '../../mysql/pinned-session.ts'
import { dropScratch } from '../../probe/mysql/drop-scratch.ts'
import {
  createScratchSchema,
  prepareScratch,
  readDefaults,
  type SchemaDefaults,
} from '../../probe/mysql/scratch-area.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { TableToCreate } from '../ports.ts'

/** Whose tables are tried; `connection` is the one beside which this happens. */
export interface ScratchPlace {
  readonly database: DatabaseConfig
  readonly connection: MysqlConnection
  /** What the scratch schema begins with; absent where that is read of the target's own schema. */
  readonly defaults?: SchemaDefaults | null
}

/**
 * Creates a table, after the siblings that it references, in a scratch schema with the character set of the target's own,
 * lets `look` read it there, and drops the schema again. While the schema exists its name is locked, so that later runs
 * recognize what a killed one left. Foreign keys are not checked: a shared parent need not exist yet. All of this happens
 * on a separate connection, whose session and schema the trial changes. Throws ToolError `SCRATCH_DENIED`,
 * `TEMPLATE_REFUSED`, `LOCK_UNRELIABLE`.
 */
export async function inScratchSchema<T>(
  { database, connection: first, defaults }: ScratchPlace,
  tables: readonly TableToCreate[],
  look: (connection: Connection, schema: string) => Promise<T>,
): Promise<T> {
  const { target, timeouts } = first.place
  const pins = pinMonitor(timeouts.lockWait, database.session, first.facts.morePins)
  const opening = first.beside({ purpose: 'scratch', pin: (connection) => connection.ask(pins) })
  const connection = await translatingErrors(target, () => opening)
  try {
    return await translatingErrors(target, async () => {
      await proveSession(connection, first, target)
      return tryTables(connection, target, { tables, ...(defaults !== undefined && { defaults }) }, look)
    })
  } finally {
    await connection.close()
  }
}

async function tryTables<T>(
  connection: Connection,
  target: Target,
  { tables, defaults }: Pick<ScratchPlace, 'defaults'> & { readonly tables: readonly TableToCreate[] },
  look: (connection: Connection, schema: string) => Promise<T>,
): Promise<T> {
  const schema = nameScratch()
  try {
    await prepareScratch(connection, schema)
    const begin = defaults === undefined ? await readDefaults(connection, target.schema) : defaults
    await createScratchSchema(connection, target, schema, begin)
    await connection.ask(`USE ${quoteName(schema)}`)
    await connection.ask('SET SESSION foreign_key_checks=0')
    for (const table of tables) await createIn(connection, target, table)
    await proveVisible(connection, schema, tables)
    return await look(connection, schema)
  } finally {
    await dropScratch(connection, schema, [schema])
  }
}

/**
 * information_schema shows columns only to an account with a privilege on them: without it every table would look empty, and differ from all shards. A query
 * that requires the privilege is then refused with its GRANT.
 */
async function proveVisible(connection: Connection, schema: string, tables: readonly TableToCreate[]): Promise<void> {
  const { rows } = await connection.ask(
    `SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=${quoteString(schema)} LIMIT 1`,
  )
  const [hidden] = rows.length === 0 ? tables : []
  if (hidden !== undefined) await connection.ask(`SELECT 1 FROM ${quoteQualified(schema, hidden.table)} LIMIT 0`)
}

async function createIn(connection: Connection, target: Target, { table, text }: TableToCreate): Promise<void> {
  try {
    await connection.run(text)
  } catch (error) {
    if (!isServerError(error) || isConnectionLost(error)) throw error
    throw new ToolError(
      'TEMPLATE_REFUSED',
      {
        what: `MySQL refused to create \`${table}\` from its template (error ${error.errno}).`,
        where: { database: target.database, server: target.server },
        why: error.message,
        next: 'Correct the template.',
      },
      { cause: error },
    )
  }
}
