import type { DatabaseConfig, ServerConfig, SessionConfig, Timeouts } from '../config/config.ts'
import { refuseManyTargets } from '../config/one-target.ts'
import type { VitessConfig } from '../config/vitess-config.ts'
import type { Target } from '../core/target.ts'

/** The address of a connection, and the settings of its session. */
export interface Place {
  readonly target: Target
  readonly server: ServerConfig
  /** The schema that is selected; null for none. */
  readonly schema: string | null
  readonly timeouts: Pick<Timeouts, 'connect' | 'lockWait'>
  /** The settings for users' statements; absent for sessions of wwdb itself, which have the defaults. */
  readonly session?: SessionConfig
  /** For a keyspace: the one that keeps its journal, and what is recorded of runs. */
  readonly vitess?: VitessConfig
}

/** What stands for a connection that is open anyway, on which the record of a run is written: `Door.borrow` gives it. */
export interface Lender {
  /** False where `wwdb_runs` is known not to exist. */
  readonly hasRuns: boolean
}

/** Records what a run changes. Each method throws where a hook forbids the run. */
export interface RunRecord {
  /** The run is about to change something. */
  readonly begin: () => Promise<void>
  /** @param lender absent where the record needs a connection of its own */
  readonly enter: (database: RecordedDatabase, timeouts: Place['timeouts'], lender?: Lender) => Promise<void>
  /** Records the run in the first database of the configuration. */
  readonly enterHome: () => Promise<void>
  /** Records the run in the first database that is not being dropped. */
  readonly enterSpared: (exists: (place: Place) => Promise<boolean>) => Promise<void>
  readonly note: (change: string) => void
}

export type RecordedDatabase = Pick<DatabaseConfig, 'name' | 'schema' | 'server' | 'targets' | 'vitess'>

/** The place of a database of the configuration. Throws ToolError `TARGETS_MANY` for one with many targets: its `schema` is nobody's. */
export function placeOf(
  database: RecordedDatabase,
  timeouts: Place['timeouts'],
  selected: string | null = database.schema,
): Place {
  refuseManyTargets(database)
  const { name, schema, server, vitess } = database
  const target = { database: name, schema, server: server.label }
  return { target, server, schema: selected, timeouts, ...(vitess && { vitess }) }
}
