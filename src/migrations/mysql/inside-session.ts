import type { MysqlConnection } from '../../mysql/door.ts'
import type { Waiter } from '../../mysql/watch-blockers.ts'
import type { Session } from '../ports.ts'
import type { HeldLock, JournalPlace } from './journal-tables.ts'

/** What the driver of another capability builds on: the connection that holds the lock, whose data `writeJournal` commits. */
interface InsideSession {
  readonly connection: MysqlConnection
  readonly waiter: Waiter
  readonly lock: HeldLock
  readonly place: JournalPlace
}

const known = new WeakMap<object, InsideSession>()

export function keepInside(session: Session, inside: InsideSession): void {
  known.set(session, inside)
}

/** Throws for a session of another driver. */
export function insideOf(session: Session): InsideSession {
  const inside = known.get(session)
  if (inside === undefined) throw new Error('the session was not opened by the MySQL driver')
  return inside
}
