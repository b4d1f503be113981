import { type Config, type DatabaseConfig, selectDatabases } from '../../config/config.ts'
import type { UnreachedTarget } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { SchemaScope, SchemaSnapshot, UnevenObject } from '../../ddl/snapshot.ts'
import { snapshotOptions } from '../../migrations/record-schema.ts'
import { describeUnreached, isMissing, isUnreachable, joinErrors } from '../../migrations/unreached.ts'
import { findScope } from '../../shards/schema-scope.ts'
import type { SchemaServers } from '../ports.ts'

/** A schema that was read, and what could not be read. */
export interface SourcedSchema {
  readonly database: DatabaseConfig
  readonly snapshot: SchemaSnapshot
  /** Existing objects that this user may not read. */
  readonly hidden: readonly string[]
  /** Names of existing tables and views that are not part of the snapshot; null for a schema that is not that of a database. */
  readonly leftOut: readonly string[] | null
  /** For a keyspace: objects that are not the same on all of its shards; absent where there are none. */
  readonly uneven?: readonly UnevenObject[]
  /** For a keyspace: what vtgate finds wrong in its VSchema, which was not read then; absent where nothing is. */
  readonly vschemaFault?: string
  /** For a keyspace: that of the journal, where this user may not see there when a VSchema was changed last; absent where that was seen. */
  readonly vschemaUnseen?: string
}

/** The chosen databases in the order of the configuration, and those of them that were not reached. */
export interface SourceReading {
  readonly schemas: readonly SourcedSchema[]
  readonly unreached: readonly UnreachedTarget[]
}

/**
 * Reads the chosen databases as they are. Rejects where none can be read, and with errors that are not about reaching a server. @param shards `write` includes shards among the tables; else they are left out, and named @param isWanted whether a table is read that is not left out for another reason
 */
export async function readLive(
  servers: SchemaServers,
  config: Config,
  targets: readonly string[],
  shards: 'fold' | 'write',
  isWanted: (database: string, table: string) => boolean = () => true,
): Promise<SourceReading> {
  const databases = selectDatabases(config, targets)
  const all = await findScope({ ...config, chosen: new Set(databases.map(({ name }) => name)) }, shards)
  const scope: SchemaScope = (database, object) =>
    all(database, object) || (object.type === 'table' && !isWanted(database, object.name))
  const settled = await Promise.allSettled(
    databases.map((database) => readOne(servers, config, config.databases, database, scope)),
  )
  const schemas = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const errors = settled.map((one): unknown => (one.status === 'rejected' ? one.reason : null))
  const failed = errors.filter((error) => error !== null && !isOutOfReach(error))
  if (failed.length > 0) throw joinErrors(failed)
  const lacking = databases.flatMap((database, index) => {
    const error = errors[index]
    return isOutOfReach(error) ? [{ database, error }] : []
  })
  refuseNone(
    schemas.length,
    lacking.map(({ error }) => error),
  )
  return { schemas, unreached: lacking.map(describeUnreached) }
}

/**
 * True for a server that cannot be used, and for a schema that does not exist: the other databases can still be
 * answered for.
 */
function isOutOfReach(error: unknown): error is ToolError {
  return error instanceof ToolError && (isUnreachable(error) || isMissing(error))
}

/** Where nothing was reached, the answer is only the error. */
function refuseNone(read: number, errors: readonly ToolError[]): void {
  if (read === 0 && errors.length > 0) throw joinErrors(errors)
}

export async function readOne(
  servers: SchemaServers,
  { timeouts }: Config,
  all: readonly DatabaseConfig[],
  database: DatabaseConfig,
  scope: SchemaScope,
): Promise<SourcedSchema> {
  const session = await servers.open(database, timeouts)
  try {
    const { snapshot, hidden, leftOut, uneven, vschemaFault, vschemaUnseen } = await session.read(
      snapshotOptions(all, database, scope),
    )
    const more = {
      ...(uneven !== undefined && { uneven }),
      ...(vschemaFault !== undefined && { vschemaFault }),
      ...(vschemaUnseen !== undefined && { vschemaUnseen }),
    }
    return { database, snapshot, hidden, leftOut, ...more }
  } finally {
    await session.close()
  }
}
