import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { translatingErrors } from '../../migrations/mysql/translate-errors.ts'
import type { Connection } from '../../mysql/connection.ts'
import { type Door, driverOf, type MysqlConnection } from '../../mysql/door.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { placeOf } from '../../mysql/place.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import { type CloneRequest, provisionServers, type Recipe, type SchemaStage } from '../ports.ts'
import { cloneSchemas } from './clone-schemas.ts'
import { readRecipe } from './read-recipe.ts'
import { openRegistry } from './registry.ts'
import { openResetter } from './resetter.ts'

/** The MySQL servers that test environments are made on. */
export const driver = driverOf(provisionServers, (door) => ({
  openRegistry: (database, timeouts) => openRegistry(door, database, timeouts),
  openStage: (database, timeouts) => openStage(door, database, timeouts),
  openResetter: (database, timeouts, request) => openResetter(door, database, timeouts, request),
}))

/** A drop that met another one in a lock is tried again. */
const attempts = 5

/** Opens a server's schemas to be made and dropped. */
async function openStage(door: Door, database: DatabaseConfig, timeouts: Timeouts): Promise<SchemaStage> {
  const place = placeOf(database, timeouts, null)
  const { target } = place
  const connection = await door.open(place, { writable: true, purpose: 'environments', transaction: true })
  return {
    findExisting: (schemas) => translatingErrors(target, () => findExisting(connection, schemas)),
    findSelected: (schemas) => translatingErrors(target, () => findSelected(connection, schemas)),
    readRecipe: (schemas) => translatingErrors(target, () => takeRecipe(connection, schemas)),
    clone: (request) => translatingErrors(target, () => cloneSchemas(connection, request)),
    copy: (schemas, request) => translatingErrors(target, () => copySchemas(connection, schemas, request)),
    drop: (schemas) => translatingErrors(target, () => dropSchemas(connection, schemas, target)),
    close: () => connection.close(),
  }
}

async function findExisting(connection: Connection, schemas: readonly string[]): Promise<readonly string[]> {
  const names = schemas.map(quoteString).join(',')
  const { rows } = await connection.ask(
    `SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN (${names})`,
  )
  return rows.map(([name]) => String(name))
}

async function findSelected(connection: Connection, schemas: readonly string[]): Promise<readonly string[]> {
  const names = schemas.map(quoteString).join(',')
  const { rows } = await connection.ask(`SELECT DISTINCT DB FROM information_schema.PROCESSLIST WHERE DB IN (${names})`)
  return rows.map(([name]) => String(name))
}

/** An event would continue to change what clones are made from. */
async function takeRecipe(connection: Connection, schemas: readonly string[]): Promise<Recipe> {
  const recipe = await readRecipe(connection, schemas)
  for (const { kind, schema, name } of recipe.watchers)
    if (kind === 'event') await connection.ask(`DROP EVENT ${quoteQualified(schema, name)}`)
  return recipe
}

async function copySchemas(
  connection: MysqlConnection,
  schemas: readonly string[],
  request: Omit<CloneRequest, 'recipe'>,
): Promise<void> {
  const recipe = await readRecipe(connection, schemas)
  const watchers = recipe.watchers.filter(({ kind }) => kind !== 'event')
  await cloneSchemas(connection, { ...request, recipe: { ...recipe, watchers } })
}

/** Without checks, foreign keys among the schemas do not order their drops. */
async function dropSchemas(connection: Connection, schemas: readonly string[], target: Target): Promise<void> {
  await connection.ask('SET SESSION foreign_key_checks=0')
  for (const schema of schemas) await dropSchema(connection, schema, target)
}

async function dropSchema(connection: Connection, schema: string, target: Target): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await connection.ask(`DROP DATABASE IF EXISTS ${quoteName(schema)}`)
      return
    } catch (error) {
      if (!hasNumber(error, serverErrors.deadlock, serverErrors.lockWaitTimeout)) throw error
      if (attempt >= attempts) throw isInUse(schema, target, error)
    }
  }
}

function isInUse(schema: string, target: Target, cause: unknown): ToolError {
  const fault = {
    what: `The schema \`${schema}\` could not be dropped: a transaction still uses it.`,
    where: { server: target.server },
    next: 'End the program that uses it, and run the command again; `wwdb provision gc` also retries.',
  }
  return new ToolError('SCHEMA_IN_USE', fault, { cause })
}
