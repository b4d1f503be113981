import { mergeShards, type ShardReading } from '../ddl/merge-shards.ts'
import type { SnapshotReading } from '../ddl/snapshot.ts'
import { quoteName } from '../sql/quote-name.ts'
import { oneByOne } from './asking.ts'
import type { Asker } from './connection.ts'
import { readSnapshotAt, type SnapshotRequest } from './read-snapshot.ts'

/** The shards of a keyspace by name: `0`, or `-80` and `80-`. */
export async function readShards(connection: Asker, keyspace: string): Promise<readonly string[]> {
  const { rows } = await connection.ask('SHOW VITESS_SHARDS')
  const names = rows.map(([name]) => String(name)).filter((name) => name.startsWith(`${keyspace}/`))
  return names.map((name) => name.slice(keyspace.length + 1))
}

/**
 * The shards of a keyspace that have a tablet, as far as this vtgate watches them. Those of a Reshard have tablets, and serve nothing before its traffic is switched. Throws where vtgate shows
 * tablets in another form: nothing would be known of a Reshard then.
 */
export async function readShardsOfTablets(connection: Asker, keyspace: string): Promise<readonly string[]> {
  const { rows, columns = [] } = await connection.ask('SHOW VITESS_TABLETS')
  const [ofKeyspace, ofShard] = [columns.indexOf('Keyspace'), columns.indexOf('Shard')]
  if (ofKeyspace < 0 || ofShard < 0)
    throw new Error(`SHOW VITESS_TABLETS has no columns Keyspace and Shard: ${columns.join(', ')}`)
  const names = rows.filter((row) => row[ofKeyspace] === keyspace).map((row) => String(row[ofShard]))
  return [...new Set(names)]
}

/** Does its work where the session is at one shard: there vtgate takes each statement to its tablet as it is. Nothing may be uncommitted. */
export async function atShard<T>(
  connection: Asker,
  keyspace: string,
  shard: string,
  work: (connection: Asker) => Promise<T>,
): Promise<T> {
  await connection.ask(`USE ${quoteName(`${keyspace}:${shard}`)}`)
  try {
    return await work(connection)
  } finally {
    await connection.ask(`USE ${quoteName(keyspace)}`)
  }
}

/** The schema that holds a shard on its server: only there it has the name of the keyspace. */
export async function schemaOfShard(connection: Asker): Promise<string> {
  const { rows } = await connection.ask(
    'SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME=DATABASE()',
  )
  const [name] = rows[0] ?? []
  if (typeof name !== 'string') throw new Error('the schema of the shard is not in information_schema.SCHEMATA')
  return name
}

/** Reads the schema of each shard, one after another, as one. The schema of the request is the keyspace. */
export async function readKeyspace(
  connection: Asker,
  shards: readonly string[],
  request: SnapshotRequest,
): Promise<SnapshotReading> {
  const readings: ShardReading[] = []
  for (const shard of shards) {
    const reading = await atShard(connection, request.schema, shard, async (there) =>
      readSnapshotAt({ ...oneByOne(there), isFixed: true }, { ...request, schema: await schemaOfShard(there) }),
    )
    readings.push({ shard, reading })
  }
  const [first, ...others] = readings
  if (first === undefined) throw new Error(`the keyspace ${request.schema} has no shards`)
  return mergeShards([first, ...others])
}
