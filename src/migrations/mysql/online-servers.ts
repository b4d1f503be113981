import { driverOf } from '../../mysql/door.ts'
import { onlineServerOf } from '../../operate/mysql/online-server.ts'
import { onlineServers } from '../online-changes.ts'
import type { Session } from '../ports.ts'
import { insideOf } from './inside-session.ts'

/** What online changes ask, on the connection that holds the lock and on others beside it. */
export const driver = driverOf(onlineServers, () => (session: Session) => {
  const { connection } = insideOf(session)
  return onlineServerOf({ schema: session.target.schema, held: connection, open: () => connection.beside() })
})
