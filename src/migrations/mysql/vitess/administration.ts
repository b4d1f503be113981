import type { DatabaseConfig, Timeouts } from '../../../config/config.ts'
import type { VitessConfig } from '../../../config/vitess.ts'
import type { Connection } from '../../../mysql/connection.ts'
import type { Door } from '../../../mysql/door.ts'
import { placeOf } from '../../../mysql/place.ts'
import { quoteName, quoteString } from '../../../sql/quote-name.ts'
import type { Administration } from '../../ports.ts'
import { translatingVtgate } from './errors.ts'
import { readShards } from './keyspace.ts'
import { holderOf, type LeasePlace, readLease } from './lease.ts'

/** Why a command that makes and removes schemas is not let near a keyspace: none does that so far. */
const notHere = (): Promise<never> => Promise.reject(new Error('a keyspace is made and removed with `vtctldclient`'))

/**
 * Takes the lease from whoever has it: its next write to the journal changes nothing, and its run ends. Its definitions go on, and the next run waits for them.
 */
async function takeAway(connection: Connection, { keyspace, name }: LeasePlace): Promise<void> {
  const table = `${quoteName(keyspace)}.\`wwdb_lease\``
  await connection.ask(
    `UPDATE ${table} SET token=token+1,owner='',expires=UTC_TIMESTAMP(6) WHERE name=${quoteString(name)}`,
  )
  await connection.ask('COMMIT')
}

/** The lease of a keyspace, for `lock` commands and `status`. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED` (69). */
export async function administrateKeyspace(
  door: Door,
  database: DatabaseConfig,
  vitess: VitessConfig,
  timeouts: Timeouts,
): Promise<Administration> {
  const place = placeOf(database, timeouts, null)
  const { isAlive } = door.process
  const connection = await door.open(place, { writable: false, purpose: 'work', transaction: true, engine: 'vtgate' })
  const { schema } = database
  const lease = { keyspace: vitess.journal, name: schema }
  const reported = <T>(work: () => Promise<T>): Promise<T> => translatingVtgate(place.target, work)
  const exists = async (): Promise<boolean> => (await readShards(connection, schema)).length > 0
  return {
    version: connection.facts.version,
    schemaExists: () => reported(exists),
    findSchema: () => reported(async () => ((await exists()) ? 'exists' : 'absent')),
    createSchema: notHere,
    dropSchema: notHere,
    describeSchema: notHere,
    listSchemas: notHere,
    readLock: () =>
      reported(async () => {
        // In a transaction of its own, or the row would stay as it was.
        await connection.ask('ROLLBACK')
        return holderOf(await readLease(connection, lease), isAlive)
      }),
    readWorkerLocks: async () => [],
    readProgress: async () => ({ type: 'unknown' }),
    killHolder: () => reported(() => takeAway(connection, lease)),
    close: () => connection.close(),
  }
}
