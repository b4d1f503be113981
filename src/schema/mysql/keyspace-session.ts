import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import { translatingVtgate } from '../../migrations/mysql/vitess/errors.ts'
import type { Door } from '../../mysql/door.ts'
import { readKeyspace, readShards } from '../../mysql/keyspace-schema.ts'
import { placeOf } from '../../mysql/place.ts'
import type { SchemaSession } from '../ports.ts'
import { readTextRows } from './text-rows.ts'

/** Reads a keyspace through vtgate: the definitions of each shard, and rows of all of them. */
export async function openKeyspace(door: Door, database: DatabaseConfig, timeouts: Timeouts): Promise<SchemaSession> {
  const { name, schema } = database
  const place = { ...placeOf(database, timeouts), session: database.session }
  const { target } = place
  const connection = await door.open(place, { writable: false, purpose: 'work', engine: 'vtgate' })
  const shards = await readShards(connection, schema)
  return {
    target,
    read: (options) =>
      translatingVtgate(target, () => readKeyspace(connection, shards, { database: name, schema, ...options })),
    readRows: (table, columns, order) =>
      translatingVtgate(target, () => readTextRows(connection, table, columns, order)),
    readUpgradeFacts: () =>
      Promise.reject(new Error('a keyspace has several servers: none of them is asked for an upgrade')),
    close: () => connection.close(),
  }
}
