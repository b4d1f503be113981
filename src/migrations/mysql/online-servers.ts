import { driverOf } from '../../mysql/door.ts'
import { onlineServerOf } from '../../operate/mysql/online-server.ts'
import { onlineServers } from '../online-changes.ts'
import type { Session } from '../ports.ts'
import { insideOf } from './inside-session.ts'

/** What online changes ask, on the connection that holds the lock and on others beside it. */
export const driver = driverOf(onlineServers, () => (session: Session) => {
  const { connection, place } = insideOf(session)
  const records = place.table === 'wwdb_shard_journal' ? 'wwdb_shard_online' : 'wwdb_online'
  return onlineServerOf({ schema: session.target.schema, records, held: connection, open: () => connection.beside() })
})
