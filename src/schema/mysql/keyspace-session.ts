import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { translatingVtgate } from '../../migrations/mysql/vitess/errors.ts'
import { withVschema } from '../../migrations/mysql/vitess/settled-vschema.ts'
import type { Door } from '../../mysql/door.ts'
import { readKeyspace, readShards } from '../../mysql/keyspace-schema.ts'
import { placeOf } from '../../mysql/place.ts'
import type { SchemaSession } from '../ports.ts'
import { readTextRows } from './text-rows.ts'

function hasNoFacts({ database, server }: Target): ToolError {
  return new ToolError('SERVER_UNSUPPORTED', {
    what: `\`${database}\` is a keyspace of Vitess, whose servers vtgate does not show.`,
    where: { database, server },
    why: 'What an upgrade of MySQL finds is in the settings and accounts of each server.',
    next: 'Check the server of each shard by itself, with `util.checkForServerUpgrade()` of MySQL Shell.',
  })
}

/** Reads a keyspace through vtgate: the definitions of each shard, and rows of all of them. */
export async function openKeyspace(door: Door, database: DatabaseConfig, timeouts: Timeouts): Promise<SchemaSession> {
  const { name, schema, vitess } = database
  const place = { ...placeOf(database, timeouts), session: database.session }
  const { target } = place
  const connection = await door.open(place, { writable: false, purpose: 'work', engine: 'vtgate' })
  const shards = await readShards(connection, schema)
  return {
    target,
    read: (options) =>
      translatingVtgate(target, async () => {
        const request = { database: name, schema, ...options }
        const reading = await readKeyspace(connection, shards, request)
        return vitess === undefined
          ? reading
          : withVschema(connection, reading, { ...request, journal: vitess.journal })
      }),
    readRows: (table, columns, order) =>
      translatingVtgate(target, () => readTextRows(connection, table, columns, order)),
    readUpgradeFacts: () => Promise.reject(hasNoFacts(target)),
    close: () => connection.close(),
  }
}
