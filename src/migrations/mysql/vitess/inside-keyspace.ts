import type { MysqlConnection } from '../../../mysql/door.ts'
import type { MonitorConnection } from '../../../mysql/monitor-connection.ts'
import type { Session } from '../../ports.ts'
import type { Definitions } from './definitions.ts'
import type { FencedWrites } from './fenced-writes.ts'
import type { VschemaTurns } from './vschema-turns.ts'

/** What the driver of another capability builds on: the connection whose data `writeJournal` commits behind the fence of the lease. */
export interface InsideKeyspace {
  readonly connection: MysqlConnection
  /** For what no fence reaches: makes the lease last. Throws ToolError `LOCK_LOST`. */
  readonly renew: () => Promise<void>
  readonly shards: readonly string[]
  /** The keyspace of the journal. */
  readonly journal: string
  /** Reads whole schemas, for which it leaves the keyspace. */
  readonly reader: MonitorConnection
  /** Transactions in the keyspace of the journal. */
  readonly writes: Pick<FencedWrites, 'write'>
  readonly definitions: Pick<Definitions, 'run' | 'read' | 'cancel' | 'awaitEnd' | 'findChanging'>
  readonly vschemaTurns: Pick<VschemaTurns, 'run' | 'cancel'>
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
