import type { MysqlConnection } from '../../../mysql/door.ts'
import { MonitorConnection } from '../../../mysql/monitor-connection.ts'
import { pinBeside, pinKeeper } from '../../../mysql/vtgate.ts'

/** The connections beside that of a run, on which each statement is a transaction of its own; each is opened when it is needed. */
export interface Beside {
  /** Renews the lease and does nothing else: each of the others may wait for minutes. */
  readonly keeper: MonitorConnection
  /** Follows migrations; never in another keyspace or on one shard. It waits where a shard is stuck. */
  readonly follower: MonitorConnection
  /** Cancels migrations, for which Vitess waits where it is busy with one. */
  readonly canceler: MonitorConnection
  /** Looks at single shards, for which it leaves the keyspace. */
  readonly looker: MonitorConnection
  /** Reads whole schemas. */
  readonly reader: MonitorConnection
}

export function openBeside(connection: Pick<MysqlConnection, 'beside'>): Beside {
  const open = (pin = pinBeside): MonitorConnection => new MonitorConnection(() => connection.beside({ pin }))
  return { keeper: open(pinKeeper), follower: open(), canceler: open(), looker: open(), reader: open() }
}
