import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import type { Holder } from '../../core/holder.ts'
import { port } from '../../core/port.ts'
import type { Target } from '../../core/target.ts'
import type { JournalSnapshot } from '../../migrations/journal/rows.ts'
import type { Session, Statements } from '../../migrations/ports.ts'
import type { TableToCreate } from '../ports.ts'

/**
 * The change that gave a template its version: it is kept, so that a shard that was away can be upgraded through it, and a
 * rollback can return.
 */
export interface TemplateChange {
  readonly family: string
  /** The template's version because of it. */
  readonly version: number
  /** The migration's version. */
  readonly migration: string
  readonly direction: 'up' | 'down'
  /** The template's text before the change; null where several changes were recorded together and the text between them is unknown. */
  readonly earlier: { readonly template: string; readonly checksum: string } | null
}

/** Passes of fan-outs: one migration on one shard each; `version` is the migration's version, `/` and the shard's key. */
export interface LedgerSnapshot extends Pick<JournalSnapshot, 'exists' | 'passes' | 'rows'> {
  /** The highest number of any pass, 0 without one. */
  readonly lastPass: number
}

/** A change of a family's template, tried on an empty table. */
export interface ShapeQuestion {
  readonly table: TableToCreate
  readonly siblings: readonly TableToCreate[]
  /** Definition statements, filled in, that run on the table after it is created. */
  readonly statements: readonly string[]
}

/** A table that was created in a scratch schema. */
export interface TriedTable {
  /** Its shape, line by line. */
  readonly lines: readonly string[]
  /** Its SHOW CREATE TABLE. */
  readonly definition: string
}

/**
 * The ledger of a target's fan-outs. The run's own session, the leader, holds the target's lock, which fences all writes
 * here. Implemented by shards/mysql and, for tests, in memory.
 */
export interface ShardLedger {
  readonly target: Target
  /** Creates its tables where they do not exist. */
  readonly create: () => Promise<void>
  /** Passes of these migrations (versions) and every open row; null for all. */
  readonly read: (migrations: readonly string[] | null) => Promise<LedgerSnapshot>
  readonly readChanges: () => Promise<readonly TemplateChange[]>
  /** Writes changes in one transaction. Throws ToolError `LOCK_LOST` with nothing written. */
  readonly recordChanges: (changes: readonly TemplateChange[]) => Promise<void>
  /**
   * Removes changes in the leader's transaction: together with the migration's row that its next journal write closes, or not
   * at all. If they were removed earlier, a rollback that is cut off there would take its shards for ones that were created
   * with the change.
   */
  readonly forgetChanges: (leader: Statements, changes: readonly TemplateChange[]) => Promise<void>
  /**
   * Returns when no worker of an earlier run is connected any more: a killed client leaves its ALTER running in the
   * server, which keeps its worker's lock. Throws ToolError `LOCK_HELD` (75).
   */
  readonly awaitWorkers: (
    milliseconds: number,
    waiting: (holder: Holder | null, waited: number) => void,
  ) => Promise<void>
  /** A session that journals here and holds the lock of its number (from 0, below `mostWorkers`). The caller closes it. */
  readonly openWorker: (worker: number) => Promise<Session>
  /** The question's table after its statements, in a scratch schema. Throws ToolError `TEMPLATE_CHANGE_REFUSED` with the server's message. */
  readonly tryChange: (question: ShapeQuestion) => Promise<TriedTable>
  /** What InnoDB reports about the tables; empty where a table is locked: the query does not wait for it. */
  readonly readStorage: (tables: readonly string[]) => Promise<ShardStorage>
  readonly close: () => Promise<void>
}

/** Empty where InnoDB's tables may not be read, or not now. */
export interface ShardStorage {
  /** The number of instant column changes that a table may have. */
  readonly limit: number
  /** How many each table has used; without tables that have used none. */
  readonly used: ReadonlyMap<string, number>
  /** Size of its files, by table. */
  readonly bytes: ReadonlyMap<string, number>
}

/** Opens ledgers. Implemented by shards/mysql. */
export interface ShardLedgers {
  /** @param leader the connection that holds the target's lock; null for reading only */
  readonly open: (database: DatabaseConfig, timeouts: Timeouts, leader: number | null) => Promise<ShardLedger>
}

/** The ledgers of fan-outs. */
export const shardLedgers = port<ShardLedgers>('shards/ledger')
