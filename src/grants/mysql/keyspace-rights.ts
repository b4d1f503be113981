import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import { type Door, driverOf } from '../../mysql/door.ts'
import { readShards } from '../../mysql/keyspace-schema.ts'
import { placeOf } from '../../mysql/place.ts'
import { translateRunError } from '../../mysql/refusals.ts'
import { quoteName } from '../../sql/quote-name.ts'
import { keyspaceRights, type RightsAtKeyspace } from '../ports.ts'
import { askRight } from './ask-right.ts'

export const driver = driverOf(keyspaceRights, (door) => (database, timeouts) => openRights(door, database, timeouts))

async function openRights(door: Door, database: DatabaseConfig, timeouts: Timeouts): Promise<RightsAtKeyspace> {
  const place = placeOf(database, timeouts)
  const connection = await door.open(place, { writable: false, purpose: 'accounts', engine: 'vtgate' })
  const shardsOf = new Map<string, readonly string[]>()
  const translating = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw translateRunError(error, place.target)
    })
  return {
    listTables: (keyspace) =>
      translating(
        connection
          .ask(`SHOW TABLES FROM ${quoteName(keyspace)}`)
          .then(({ rows }) => rows.map(([name]) => String(name))),
      ),
    ask: (keyspace, table, role) =>
      translating(
        (async () => {
          const shards = shardsOf.get(keyspace) ?? (await readShards(connection, keyspace))
          shardsOf.set(keyspace, shards)
          return askRight(connection, { keyspace, shards }, table, role)
        })(),
      ),
    close: () => connection.close(),
  }
}
