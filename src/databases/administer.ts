import type { Context } from '../command/context.ts'
import type { DatabaseConfig } from '../config/config.ts'
import { selectDatabases } from '../config/config.ts'
import type { Target, UnreachedTarget } from '../core/target.ts'
import { inOneSentence } from '../core/tool-error.ts'
import { type Administration, targetServers } from '../migrations/ports.ts'
import { describeUnreached, isUnreachable } from '../migrations/unreached.ts'

export function targetOf(database: DatabaseConfig): Target {
  return { database: database.name, schema: database.schema, server: database.server.label }
}

type AdministrationWork<T> = (administration: Administration, database: DatabaseConfig) => Promise<T>

/** Does something on the server of each chosen database, one after the other, with no schema selected. */
export async function administerEach<T>(context: Context, work: AdministrationWork<T>): Promise<readonly T[]> {
  const config = await context.config()
  const servers = await context.port(targetServers)
  const results: T[] = []
  for (const database of selectDatabases(config, context.targets)) {
    const administration = await servers.administrate(database, config.timeouts)
    try {
      results.push(await work(administration, database))
    } finally {
      await administration.close()
    }
  }
  return results
}

/**
 * The same on the servers that can be used; `instead` makes the answer for a database whose server cannot.
 * Throws ToolError `UNREACHABLE` or `ACCESS_DENIED` (69) where none can.
 */
export async function administerReached<T>(
  context: Context,
  work: AdministrationWork<T>,
  instead: (unreached: UnreachedTarget) => T,
): Promise<{ readonly answers: readonly T[]; readonly isIncomplete: boolean }> {
  const config = await context.config()
  const errors: unknown[] = []
  const answers: T[] = []
  const databases = selectDatabases(config, context.targets)
  for (const database of databases) {
    try {
      answers.push(...(await administerEach({ ...context, targets: [database.name] }, work)))
    } catch (error) {
      if (!isUnreachable(error)) throw error
      errors.push(error)
      answers.push(instead(describeUnreached({ database, error })))
    }
  }
  if (errors.length > 0 && errors.length === databases.length) throw errors[0]
  return { answers, isIncomplete: errors.length > 0 }
}

/** A database that was not reached, among those that `db create|ping` answer for. */
export function toUnreachableDatabase({ target, fault }: UnreachedTarget) {
  return { target, state: 'unreachable' as const, detail: inOneSentence(fault) }
}
