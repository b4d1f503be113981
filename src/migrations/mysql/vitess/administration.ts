import type { DatabaseConfig, Timeouts } from '../../../config/config.ts'
import type { VitessConfig } from '../../../config/vitess-config.ts'
import type { Holder } from '../../../core/holder.ts'
import type { Asker } from '../../../mysql/connection.ts'
import type { Door } from '../../../mysql/door.ts'
import { readShards } from '../../../mysql/keyspace-schema.ts'
import { placeOf } from '../../../mysql/place.ts'
import { quoteName, quoteString } from '../../../sql/quote-name.ts'
import type { Administration } from '../../ports.ts'
import type { LeaseRow } from '../../vitess/lease.ts'
import type { IsAlive } from '../holders.ts'
import { translatingVtgate } from './errors.ts'
import { holderOf, type LeasePlace, readLease, vschemaLease } from './lease.ts'

/** Why a command that makes and removes schemas is not let near a keyspace: none does that so far. */
const notHere = (): Promise<never> => Promise.reject(new Error('a keyspace is made and removed with `vtctldclient`'))

/**
 * Takes the lease from the run that was shown: its next write to the journal changes nothing, and that run ends. Its definitions go on, and the next run waits for them. Where another run has taken
 * it since, with another token, that one keeps it.
 */
export const renderTakeAway = ({ keyspace, name }: LeasePlace, { token }: Pick<LeaseRow, 'token'>): string =>
  `UPDATE ${quoteName(keyspace)}.\`wwdb_lease\` SET token=token+1,owner='',expires=UTC_TIMESTAMP(6) WHERE name=${quoteString(name)} AND token=${token}`

/** One lease, as a person is shown it, and its end. */
function openLook(lease: LeasePlace, connection: Asker, isAlive: IsAlive) {
  let shown: LeaseRow | null = null
  return {
    read: async (): Promise<Holder | null> => {
      // In a transaction of its own, or the row would stay as it was.
      await connection.ask('ROLLBACK')
      const row = await readLease(connection, lease)
      // What a person was shown, and agrees to end, stays the same while it is looked whether it has ended.
      shown ??= row
      return holderOf(row, isAlive)
    },
    end: async (): Promise<void> => {
      if (shown === null) return
      await connection.ask(renderTakeAway(lease, shown))
      await connection.ask('COMMIT')
    },
  }
}

/** The lease of a keyspace, and that under which VSchemas are changed, for `lock` commands and `status`. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED` (69). */
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
  const reported = <T>(work: () => Promise<T>): Promise<T> => translatingVtgate(place.target, work)
  const exists = async (): Promise<boolean> => (await readShards(connection, schema)).length > 0
  const own = openLook({ keyspace: vitess.journal, name: schema }, connection, isAlive)
  const turn = openLook({ keyspace: vitess.journal, name: vschemaLease[0] }, connection, isAlive)
  return {
    version: connection.facts.version,
    schemaExists: () => reported(exists),
    findSchema: () => reported(async () => ((await exists()) ? 'exists' : 'absent')),
    createSchema: notHere,
    dropSchema: notHere,
    describeSchema: notHere,
    listSchemas: notHere,
    readLock: () => reported(own.read),
    vschemaTurn: { read: () => reported(turn.read), end: () => reported(turn.end) },
    readWorkerLocks: async () => [],
    readProgress: async () => ({ type: 'unknown' }),
    killHolder: () => reported(own.end),
    close: () => connection.close(),
  }
}
