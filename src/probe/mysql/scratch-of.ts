import type { DatabaseConfig } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'

/** Why nothing can be tried for a keyspace. */
function noScratch({ name, server }: DatabaseConfig): ToolError {
  return new ToolError('SCRATCH_DENIED', {
    what: `\`${name}\` is a keyspace of Vitess, and vtgate has no scratch schemas.`,
    where: { database: name, server: server.label },
    why: 'Migrations are replayed in schemas that are made for it and dropped again, which only MySQL itself has.',
    next: `Name a MySQL server for them in \`databases.${name}.vitess.scratchUrl\`: one without data, with the version of the shards' servers.`,
  })
}

/** Why it is not seen which indexes MySQL created for foreign keys: a copy shows it on the server that has the table, and no other server knows. */
export function noCopies({ name, server }: DatabaseConfig): ToolError {
  return new ToolError('SCRATCH_DENIED', {
    what: `\`${name}\` is a keyspace of Vitess, and vtgate has no scratch schemas.`,
    where: { database: name, server: server.label },
    why: 'Only a copy on the server of a shard would show it.',
    next: 'Remove the indexes that MySQL creates by itself from what is written.',
  })
}

/** The database as its scratch schema is made: that of a keyspace is on the MySQL server that the configuration names for it. Throws ToolError `SCRATCH_DENIED`. */
export function scratchOf(database: DatabaseConfig): DatabaseConfig {
  const { vitess, scratchServer, ...plain } = database
  if (vitess === undefined) return database
  if (scratchServer === undefined) throw noScratch(database)
  return { ...plain, server: scratchServer, standsFor: 'vitess' }
}
