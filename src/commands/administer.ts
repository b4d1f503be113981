import type { DatabaseConfig } from '../config/config.ts'
import type { Target } from '../domain/target.ts'
import type { Administration } from '../engine/ports.ts'
import type { Context } from './context.ts'
import { selectDatabases } from './selected-databases.ts'

export function targetOf(database: DatabaseConfig): Target {
  return { database: database.name, schema: database.schema, server: database.server.label }
}

/** Does something on the server of each chosen database, one after another, without a schema selected. */
export async function administerEach<T>(
  context: Context,
  work: (administration: Administration, database: DatabaseConfig) => Promise<T>,
): Promise<readonly T[]> {
  const config = await context.config()
  const servers = await context.servers()
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
