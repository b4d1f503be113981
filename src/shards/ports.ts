import type { DatabaseConfig, Timeouts } from '../config/config.ts'
import { port } from '../core/port.ts'
import type { KeySource, ShardFamily } from '../core/shard-family.ts'
import type { StopRequest } from '../core/stop-request.ts'
import type { Target } from '../core/target.ts'
import type { ToolError } from '../core/tool-error.ts'
import type { Lock } from '../migrations/ports.ts'
import type { ServerFacts } from '../mysql/facts.ts'
import type { FamilyMove } from './family-move.ts'
import type { LivePartitioning, Misplaced } from './partitions/live-partitions.ts'
import type {
  FamilyRecord,
  FamilyTemplate,
  Registry,
  RowCount,
  Shard,
  ShardArchive,
  ShardFinding,
  ShardRecord,
} from './shard.ts'
import type { VschemaStatement } from './step-statements.ts'

/** A table or view of a target's schema as it is now. */
export interface LiveTable {
  readonly name: string
  readonly type: 'table' | 'view'
  /** Present where an online change or a retirement keeps it under a hold name. */
  readonly isKept?: true
  /** The table of which it is a partition: a shard that is kept there. Absent for a table of its own. */
  readonly partitionOf?: string
}

/** A table's definition, read with set-based queries from information_schema, without its own name and AUTO_INCREMENT. */
export interface TableShape {
  /** SHA-256 (hex) of the following. Tables of one family and version have one fingerprint. */
  readonly fingerprint: string
  /**
   * One line for each column, index, key and option, sorted: two shapes are compared line by line. Unavailable where only fingerprints were requested.
   */
  readonly lines: readonly string[] | null
}

/** A trigger of a table. */
export interface TableTrigger {
  readonly name: string
  /** `BEFORE` or `AFTER`. */
  readonly timing: string
  /** `INSERT`, `UPDATE` or `DELETE`. */
  readonly event: string
  /** Its position among those of the same timing and event, from 1. */
  readonly order: number
  readonly body: string
}

export interface TableToCreate {
  readonly table: string
  /** CREATE TABLE IF NOT EXISTS, filled in; the driver sends it unchanged. */
  readonly text: string
  /** Tables of the same call that must exist first. */
  readonly after: readonly string[]
  /** What a sharded keyspace needs to find the shards of its rows; absent where the family says nothing of it. */
  readonly vschema?: readonly VschemaStatement[]
}

export type CreateOutcome =
  | { readonly table: string; readonly type: 'created' }
  | { readonly table: string; readonly type: 'exists' }
  | { readonly table: string; readonly type: 'failed'; readonly why: string; readonly cause?: unknown }

/** One write to the registry: atomic, and fenced by the lock. The generation counts it when it contains shards. */
export interface RegistryChange {
  /** Replaces the registry's row of the same family and key. */
  readonly shards: readonly ShardRecord[]
  readonly families: readonly FamilyRecord[]
  /** Replaces the registry's row of the same family, key, kind and instant. */
  readonly findings: readonly ShardFinding[]
  readonly lastRunAt: number | null
}

export const noRegistryChange: RegistryChange = { shards: [], families: [], findings: [], lastRunAt: null }

/** The record of shards in a target: writing needs the lock. */
export interface ShardRegistry {
  readonly readRegistry: () => Promise<Registry>
  /** The highest version that fan-outs gave each family's template: stored beside the registry, and known even if that was lost. */
  readonly readCarriedVersions: () => Promise<ReadonlyMap<string, number>>
  /** The texts that templates had in each version, where an edit counts at once; none where migrations carry edits. */
  readonly readTemplates: () => Promise<readonly FamilyTemplate[]>
  /** Creates the registry's tables where they do not exist. Needs the lock. */
  readonly createRegistry: () => Promise<void>
  /** Throws ToolError `LOCK_LOST`, with nothing written, when the lock has been lost. */
  readonly writeRegistry: (change: RegistryChange) => Promise<void>
  /** One transaction, fenced by the lock. Throws like `writeRegistry`. */
  readonly moveFamily: (move: FamilyMove) => Promise<void>
}

/** Changes of shards' tables, under the lock. */
export interface ShardStatements {
  /**
   * Creates tables over several connections in parallel; one that fails does not stop the others. It may be repeated,
   * so it needs no journal; `report` receives each outcome. Stops early, with what was done, on request.
   */
  readonly createTables: (
    tables: readonly TableToCreate[],
    connections: number,
    stop: StopRequest,
    report: (outcome: CreateOutcome) => void,
  ) => Promise<readonly CreateOutcome[]>
  /**
   * One RENAME TABLE. Waits for readers at most the lock-wait timeout, a few times with jitter; then throws ToolError
   * `SHARD_BLOCKED` that names who blocks. Throws `LOCK_LOST` when the lock has been lost.
   */
  readonly rename: (table: string, to: string) => Promise<void>
  /** DROP TABLE IF EXISTS, with the same retries as `rename`. */
  readonly drop: (table: string) => Promise<void>
  /** CREATE OR REPLACE VIEW name AS `text`, a SELECT. */
  readonly createView: (name: string, text: string) => Promise<void>
  /** Sends a definition of these tables, with the same retries as `rename`. */
  readonly define: (text: string, tables: readonly string[]) => Promise<void>
  /** Moves every row of a table into another one with the same columns, in one transaction behind the fence. */
  readonly moveRows: (from: string, into: string) => Promise<void>
  /**
   * Ends what a killed run began with a partition and did not end. The registry and the tables must have been read before. Returns the shards, by the names of their
   * tables, whose rows are still in two places, with the refusal of the server.
   */
  readonly settle: () => Promise<ReadonlyMap<string, ToolError>>
  /** The statement that would create a table by itself, by what was last read. */
  readonly describeCreation: (table: TableToCreate) => string
  /** The statement with which `rename` would give the rows of a table the other name, by what was last read. */
  readonly describeRename: (table: string, to: string) => string
  /** The name under which a shard would be on hold from now on, by what was last read. */
  readonly nameHold: (record: ShardRecord, now: number) => string
}

/** Queries about shards and their server. What is created for a trial is dropped again. */
export interface ShardReads {
  /** Milliseconds since the epoch by the server's clock, now. */
  readonly readClock: () => Promise<number>
  /** Every table and view of the schema: only names, from information_schema, without statistics. */
  readonly listTables: () => Promise<readonly LiveTable[]>
  /** How these tables are partitioned, in one query. Missing tables are left out. */
  readonly readPartitions: (tables: readonly string[]) => Promise<ReadonlyMap<string, LivePartitioning>>
  /**
   * Shapes by table, in a handful of queries however many tables there are. `names` null means every table; those in `whole` are described without their partitions.
   */
  readonly readShapes: (
    names: readonly string[] | null,
    detail: 'fingerprint' | 'lines',
    whole?: ReadonlySet<string>,
  ) => Promise<ReadonlyMap<string, TableShape>>
  /** The shape of the table that a filled-in CREATE TABLE creates, tried in a scratch schema; `siblings` are created there first. */
  readonly shapeOf: (table: TableToCreate, siblings: readonly TableToCreate[]) => Promise<TableShape>
  /** The tables of its own schema that one of wwdb's views reads, in the order of its branches; empty where there is no such view. */
  readonly readViewTables: (name: string) => Promise<readonly string[]>
  /** Texts of SHOW CREATE TABLE by table, for a few tables: each needs its own query. Missing tables are left out. */
  readonly readDefinitions: (tables: readonly string[]) => Promise<ReadonlyMap<string, string>>
  /** Like `shapeOf`, but the output of SHOW CREATE TABLE. */
  readonly definitionOf: (table: TableToCreate, siblings: readonly TableToCreate[]) => Promise<string>
  /** Bytes of data and indexes by table, as current as possible without reading the tables. */
  readonly readBytes: (tables: readonly string[]) => Promise<ReadonlyMap<string, number>>
  readonly readLimits: () => Promise<ServerLimits>
  /** Throws ToolError `SHARDS_CHANGING` where the shards of a keyspace are being divided or merged. */
  readonly requireShards: () => Promise<void>
  /** Partitions of families' tables that are not what they should be: their families, names and reasons. */
  readonly readMisplaced: () => Promise<readonly Misplaced[]>
  /** All triggers of the schema that the account may see, by table. */
  readonly readTriggers: () => Promise<ReadonlyMap<string, readonly TableTrigger[]>>
  /** Names of a table's columns, in order. */
  readonly readColumns: (table: string) => Promise<readonly string[]>
  /** True where a table, or one partition of it, has no rows: one query, at any size. */
  readonly isEmpty: (table: string, partition?: string) => Promise<boolean>
  /** Counts and sums every row of a table, or of one partition of it, in one consistent read. */
  readonly measure: (table: string, partition?: string) => Promise<RowCount>
}

/**
 * The queries and changes of rotation on one target, on a connection that holds the target's lock (the same as for
 * migrations: one writer). Reading needs no lock. Implemented by shards/mysql and, for tests, in memory; one contract
 * suite tests both.
 */
export interface ShardStore extends Lock, ShardRegistry, ShardStatements, ShardReads {
  readonly target: Target
  /** Why a family has no place there, or not all that its header says; null where it has. */
  readonly refuse: (family: ShardFamily) => Promise<ToolError | null>
  /** False where no migration changes all shards of a family: an edited template counts for new ones at once. */
  readonly fansOut: boolean
  readonly facts: ServerFacts
  readonly close: () => Promise<void>
}

/** Limits on the number of tables on a server; null where this user or this machine cannot read them. */
export interface ServerLimits {
  readonly tableDefinitionCache: number | null
  readonly innodbOpenFiles: number | null
  /** Files that the process may have open. */
  readonly openFilesLimit: number | null
  /** Of the file system with the server's data: known only where wwdb runs on the server's own machine. */
  readonly disk: { readonly free: number; readonly total: number } | null
}

/** Keys that need shards, as decimals, and those known to be deleted. */
export interface KeyCensus {
  readonly present: readonly string[]
  /** Existing rows that are marked as deleted. A key in neither list has no row. */
  readonly deleted: readonly string[]
}

/** The servers that hold shards. Implemented by shards/mysql. */
export interface ShardServers {
  /**
   * With `leader`, the connection of a migration run that holds the target's lock, the store takes no lock itself: its writes
   * are fenced by that connection's. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED` (69), `SCHEMA_MISSING`, `READ_ONLY`.
   */
  readonly open: (
    database: DatabaseConfig,
    timeouts: Timeouts,
    writable: boolean,
    leader?: number,
  ) => Promise<ShardStore>
  /** Null where the source's table does not exist yet. Throws ToolError `KEY_INVALID` for a value that is not a key. */
  readonly readKeys: (database: DatabaseConfig, timeouts: Timeouts, source: KeySource) => Promise<KeyCensus | null>
}

/** The servers that hold shards. */
export const shardServers = port<ShardServers>('shards/servers')

/** Stores a shard's rows before it is dropped, and brings them back. Implemented by drivers/archive. */
export interface ArchivePort {
  /**
   * Reads the table's rows in one consistent snapshot and writes them with a manifest; nothing appears at the final address until it is
   * complete.
   */
  /** @param report is awaited between two pieces of rows */
  readonly write: (request: ArchiveRequest, report: (rows: number) => Promise<void> | void) => Promise<WrittenArchive>
  /** Reads an archive to its end and returns its content. Throws ToolError `ARCHIVE_BROKEN`, `ARCHIVE_MISSING`. */
  readonly verify: (address: string) => Promise<WrittenArchive>
  /** True where an archive was removed. False where its disk may only be unavailable. */
  readonly isRemoved: (address: string) => Promise<boolean>
  /** Reads an archive's manifest, not its rows. Throws like `verify`. */
  readonly describe: (address: string) => Promise<FoundArchive>
  /** Every archive of a schema; for one table, the newest is last. Does not read the rows. Throws ToolError `ARCHIVE_DENIED`. */
  readonly list: (schema: string) => Promise<readonly (FoundArchive | UnreadArchive)[]>
  /** Creates the table according to its manifest, under the name `table`, and loads every row. Throws like `verify`. */
  readonly restore: (address: string, into: RestoreRequest, report: (rows: number) => void) => Promise<RowCount>
}

/** Where shards are archived. Throws ToolError `NO_ARCHIVE` (78) where the configuration names no folder. */
export const archives = port<ArchivePort>('shards/archive')

/** An archive according to its manifest. */
export interface FoundArchive {
  readonly type: 'found'
  /** The logical database of the shard. */
  readonly database: string
  readonly shard: Shard
  readonly templateVersion: number
  readonly archive: ShardArchive
}

/** A folder of an archive whose manifest cannot be read. */
export interface UnreadArchive {
  readonly type: 'unread'
  readonly address: string
  readonly table: string
  /** A sentence without its full stop. */
  readonly why: string
}

export interface ArchiveRequest {
  readonly database: DatabaseConfig
  readonly timeouts: Timeouts
  /** The table's current name (its hold name). */
  readonly table: string
  readonly shard: ShardRecord
  /**
   * The own names of other held tables, by their hold names: RENAME TABLE changed the foreign keys that point at them,
   * and the archive must show the table as it was in use.
   */
  readonly ownNames?: ReadonlyMap<string, string>
}

export interface RestoreRequest {
  readonly database: DatabaseConfig
  readonly timeouts: Timeouts
  readonly table: string
}

export interface WrittenArchive extends RowCount {
  readonly address: string
  readonly sha256: string
  readonly bytes: number
}
