import type { Config, DatabaseConfig } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'
import type { ProvisionServers, SchemaStage, SetSchema } from './ports.ts'

/** Does something with the schemas of each server, one server after another. */
export async function onEachServer<T>(
  servers: ProvisionServers,
  config: Pick<Config, 'databases' | 'timeouts'>,
  schemas: readonly SetSchema[],
  work: (stage: SchemaStage, schemas: readonly string[]) => Promise<T>,
): Promise<readonly T[]> {
  const results: T[] = []
  for (const server of new Set(schemas.map((one) => one.server))) {
    const stage = await servers.openStage(databaseOn(config.databases, server), config.timeouts)
    const own = schemas.filter((one) => one.server === server).map(({ schema }) => schema)
    try {
      results.push(await work(stage, own))
    } finally {
      await stage.close()
    }
  }
  return results
}

/** A database by which the server is reached; the registry's own is that of the first one. */
export function databaseOn(databases: readonly DatabaseConfig[], server: string): DatabaseConfig {
  const found = server === '' ? databases[0] : databases.find((database) => database.server.label === server)
  if (found !== undefined) return found
  throw new ToolError('SERVER_UNKNOWN', {
    what: `The set has schemas at ${server}, which is in no URL of this configuration`,
    next: 'Run it with the configuration that the set was made with.',
  })
}
