import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import { translatingVtgate } from '../../migrations/mysql/vitess/errors.ts'
import type { Door } from '../../mysql/door.ts'
import { atShard, readShards, schemaOfShard } from '../../mysql/keyspace-schema.ts'
import { keyspaceRecord } from '../../mysql/keyspace-tables.ts'
import { placeOf } from '../../mysql/place.ts'
import { readDefaults, type SchemaDefaults } from '../../probe/mysql/scratch-area.ts'
import { readRecorded } from './first-defaults.ts'

/**
 * The character set that a scratch schema begins with where it stands for a keyspace, which is on other servers: that of the keyspace before its first migration, as its record has it, else
 * that of its first shard now. Null where a shard does not show it.
 */
export async function readKeyspaceDefaults(
  door: Door,
  database: DatabaseConfig,
  timeouts: Timeouts,
  begin: 'first' | 'present',
): Promise<SchemaDefaults | null> {
  const { schema, vitess } = database
  const place = { ...placeOf(database, timeouts), session: database.session }
  const connection = await door.open(place, { writable: false, purpose: 'work', engine: 'vtgate' })
  try {
    return await translatingVtgate(place.target, async () => {
      const isRecorded = begin === 'first' && vitess !== undefined
      const recorded = isRecorded ? await readRecorded(connection, keyspaceRecord(vitess.journal, schema)) : null
      if (recorded !== null) return recorded
      const [shard] = await readShards(connection, schema)
      if (shard === undefined) return null
      return atShard(connection, schema, shard, async (there) => readDefaults(there, await schemaOfShard(there)))
    })
  } finally {
    await connection.close()
  }
}
