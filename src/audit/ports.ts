import type { DatabaseConfig, ServerConfig, Timeouts } from '../config/config.ts'
import type { VitessConfig } from '../config/vitess-config.ts'
import { port } from '../core/port.ts'
import type { Lender, RecordedDatabase } from '../mysql/place.ts'
import type { RunHistory, RunOutcome, RunQuestion } from './run.ts'
import type { RunIdentity } from './run-identity.ts'

/** Written when a run takes a target. */
export interface RunStart {
  readonly identity: RunIdentity
  readonly commit: string | null
  readonly planDigest: string | null
}

/** Written when the command ends. */
export interface RunEnd {
  readonly outcome: Exclude<RunOutcome, 'running'>
  readonly exitCode: number
  readonly error: string | null
  readonly planDigest: string | null
  readonly changes: readonly string[]
}

/** The runs of one server, or of one database whose run has a connection open anyway; as long as its connection is open, the run counts as in progress. */
export interface RunLedger {
  /**
   * Writes the row of a target, creates the table where it does not exist, and marks earlier runs as stopped whose connections are
   * gone.
   */
  readonly begin: (schema: string, start: RunStart) => Promise<void>
  /** Closes the row. Does nothing where the schema or its table no longer exists. */
  readonly end: (schema: string, end: RunEnd) => Promise<void>
  /**
   * Removes events of shards that no command can restore, where all events of the shard are older than `keep` milliseconds: at most `most` of them.
   * Returns how many. Throws ToolError `SERVER_REFUSED`.
   */
  readonly removeOldEvents: (schema: string, keep: number, most: number) => Promise<number>
  /** Does the same with runs that have ended and that no event references. */
  readonly removeOldRuns: (schema: string, keep: number, most: number) => Promise<number>
  readonly close: () => Promise<void>
}

/** Opens the record of runs on servers. Implemented in mysql/. */
export interface RunLedgers {
  /** Throws ToolError `UNREACHABLE`, `ACCESS_DENIED`. */
  readonly open: (
    server: ServerConfig,
    timeouts: Pick<Timeouts, 'connect' | 'lockWait'>,
    runId: string,
    lender?: Lender,
  ) => Promise<RunLedger>
  /** The same for a keyspace, whose runs are beside its journal. */
  readonly openKeyspace: (
    database: RecordedDatabase,
    vitess: VitessConfig,
    timeouts: Pick<Timeouts, 'connect' | 'lockWait'>,
    runId: string,
  ) => Promise<RunLedger>
  /**
   * Reads; returns nothing where the tables do not exist. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED`,
   * `SCHEMA_MISSING`.
   */
  readonly read: (database: DatabaseConfig, timeouts: Timeouts, question: RunQuestion) => Promise<RunHistory>
}

/** The record of runs on servers. */
export const runLedgers = port<RunLedgers>('audit/run-ledger')
