import type { DatabaseConfig, ServerConfig, Timeouts } from '../config/config.ts'
import { port } from '../core/port.ts'
import type { RunHistory, RunOutcome, RunQuestion } from './run.ts'
import type { RunIdentity } from './run-identity.ts'

/** What is written when a run takes a target. */
export interface RunStart {
  readonly identity: RunIdentity
  readonly commit: string | null
  readonly planDigest: string | null
}

/** What is written when the command ends. */
export interface RunEnd {
  readonly outcome: Exclude<RunOutcome, 'running'>
  readonly exitCode: number
  readonly error: string | null
  readonly planDigest: string | null
  readonly changes: readonly string[]
}

/** The runs of one server, on a connection of its own that shows, as long as it lives, that the run is under way. */
export interface RunLedger {
  /** Writes the row of a target, makes the table where it is not there, and calls earlier runs stopped whose connections are gone. */
  readonly begin: (schema: string, start: RunStart) => Promise<void>
  /** Closes the row. Nothing happens where the schema or its table is gone by now. */
  readonly end: (schema: string, end: RunEnd) => Promise<void>
  /**
   * Removes events of shards that no command can bring back, where all of that shard's are older than `keep` milliseconds: `most` of them. Says how many.
   * Throws ToolError `SERVER_REFUSED`.
   */
  readonly removeOldEvents: (schema: string, keep: number, most: number) => Promise<number>
  /** The same of runs that ended, and that no event names. */
  readonly removeOldRuns: (schema: string, keep: number, most: number) => Promise<number>
  readonly close: () => Promise<void>
}

/** The servers as keepers of runs. Implemented in mysql/. */
export interface RunLedgers {
  /** Throws ToolError `UNREACHABLE`, `ACCESS_DENIED`. */
  readonly open: (
    server: ServerConfig,
    timeouts: Pick<Timeouts, 'connect' | 'lockWait'>,
    runId: string,
  ) => Promise<RunLedger>
  /** Reads; nothing where the tables are not there. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED`, `SCHEMA_MISSING`. */
  readonly read: (database: DatabaseConfig, timeouts: Timeouts, question: RunQuestion) => Promise<RunHistory>
}

/** The servers as keepers of runs. */
export const runLedgers = port<RunLedgers>('audit/run-ledger')
