import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'
import { translatingVtgate } from '../../migrations/mysql/vitess/errors.ts'
import { readOnShards } from '../../migrations/mysql/vitess/keyspace.ts'
import type { Door, MysqlConnection } from '../../mysql/door.ts'
import { atShard, readShards, schemaOfShard } from '../../mysql/keyspace-schema.ts'
import { placeOf } from '../../mysql/place.ts'
import { type RowColumn, readRowColumns, streamTexts } from '../mysql/row-text.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * Reads a table of a keyspace shard by shard. Shards have no moment in common, and a table on hold is not written: what was written all the same makes its sum another one than that of its seal.
 * Throws ToolError `UNREACHABLE`, `ACCESS_DENIED` (69), `TABLE_MISSING`, `ARCHIVE_UNFIT`, `SERVER_REFUSED`.
 */
export async function openKeyspaceSnapshot(
  door: Door,
  database: DatabaseConfig,
  timeouts: Timeouts,
  table: string,
): Promise<Snapshot> {
  const place = placeOf(database, timeouts)
  const connection = await door.open(place, { writable: false, purpose: 'work', engine: 'vtgate' })
  try {
    return await translatingVtgate(place.target, async () => {
      const shards = await readShards(connection, database.schema)
      const createTable = await readDefinition(connection, database, shards, table)
      // As a stream, an answer may have any number of rows, and take longer than a tablet lets a query take.
      await connection.ask("SET workload='olap'")
      const { version, uuid } = connection.facts
      const columns = await readColumns(connection, database.schema, shards, table)
      return {
        server: { version, uuid },
        columns,
        createTable,
        readRows: (take) =>
          translatingVtgate(place.target, async () => {
            for (const shard of shards)
              await atShard(connection, database.schema, shard, async () =>
                streamTexts(connection, { schema: await schemaOfShard(connection), table, columns }, take),
              )
          }),
        close: () => connection.destroy(),
      }
    })
  } catch (error) {
    connection.destroy()
    throw error
  }
}

/** That of all shards. */
async function readDefinition(
  connection: MysqlConnection,
  { name, schema, server }: DatabaseConfig,
  shards: readonly string[],
  table: string,
): Promise<string> {
  const found = await readOnShards(connection, schema, shards, { type: 'table', schema: null, name: table })
  const [first] = found
  if (typeof first === 'string' && found.every((one) => one === first)) return first
  const lacking = shards.filter((_, at) => found[at] === null)
  throw new ToolError('ARCHIVE_UNFIT', {
    what: `\`${table}\` cannot be archived.`,
    where: { database: name, server: server.label },
    why:
      lacking.length > 0
        ? `it does not exist on the shards ${lacking.join(', ')} of the keyspace \`${schema}\`.`
        : `the shards of the keyspace \`${schema}\` do not have the same definition of it.`,
    next: '`wwdb shards check` shows what each shard has.',
  })
}

async function readColumns(
  connection: MysqlConnection,
  keyspace: string,
  [shard = '']: readonly string[],
  table: string,
): Promise<readonly RowColumn[]> {
  return atShard(connection, keyspace, shard, async () =>
    readRowColumns(connection, await schemaOfShard(connection), table),
  )
}
