import type { MysqlConnection } from '../../../mysql/door.ts'
import type { Session } from '../../ports.ts'

/** What the driver of another capability builds on: the connection whose data `writeJournal` commits behind the fence of the lease. */
interface InsideKeyspace {
  readonly connection: MysqlConnection
  /** For what no fence reaches: makes the lease last. Throws ToolError `LOCK_LOST`. */
  readonly renew: () => Promise<void>
}

const known = new WeakMap<object, InsideKeyspace>()

export function keepInsideKeyspace(session: object, inside: InsideKeyspace): void {
  known.set(session, inside)
}

/** Throws for a session of another driver. */
export function insideOfKeyspace(session: Session): InsideKeyspace {
  const inside = known.get(session)
  if (inside === undefined) throw new Error('the session was not opened through a vtgate')
  return inside
}
