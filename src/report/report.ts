/** Why a part of the report is incomplete: a server that is down, a missing privilege. */
export interface ReportGap {
  readonly part: 'tables' | 'shards' | 'runs' | 'drift' | 'lint' | 'doctor' | 'stores'
  /** A database, a store or a file; null where the whole part is missing. */
  readonly place: string | null
  /** A sentence. */
  readonly why: string
  /** What to do; null where nothing is known to help. */
  readonly next: string | null
}

/** Where a column or a table was created. */
export interface ReportOrigin {
  /** Relative to the project's folder. */
  readonly file: string
  /** Null for a shard template. */
  readonly version: string | null
  readonly name: string
  /** When the migration was applied, ISO 8601, UTC; null where it is pending, or nothing is known about it. */
  readonly applied: string | null
}

export interface ReportColumn {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  /** As SQL; null without one. */
  readonly default: string | null
  readonly comment: string
  readonly key: 'primary' | 'unique' | 'index' | null
  /** The migration that created it; null where no file is known to have done so. */
  readonly made: ReportOrigin | null
  /** The last migration that changed it; null where none did. */
  readonly changed: ReportOrigin | null
}

/** A foreign key, whether the server has it or only the files declare it. */
export interface ReportKey {
  readonly columns: readonly string[]
  /** The logical database of the parent; null for a schema that is not in the configuration. */
  readonly database: string | null
  readonly table: string
  readonly parentColumns: readonly string[]
  /** False where no server enforces it: only `wwdb check references` checks its rows. */
  readonly physical: boolean
}

/** A table, or what the shards of a family have in common. */
export interface ReportTable {
  /** A family's is the pattern of its shards: `messages_{YYYYMM}`. */
  readonly name: string
  /** The family that it stands for; null for a plain table. */
  readonly family: string | null
  readonly comment: string
  readonly made: ReportOrigin | null
  readonly columns: readonly ReportColumn[]
  readonly indexes: readonly { readonly name: string; readonly columns: readonly string[]; readonly unique: boolean }[]
  readonly keys: readonly ReportKey[]
}

export interface ReportDatabase {
  readonly name: string
  readonly schema: string
  /** host:port */
  readonly server: string
  /** Null where the server was not asked. */
  readonly serverVersion: string | null
  /** Whether the tables are those of the server, or what the migration files make. */
  readonly source: 'server' | 'files'
  readonly tables: readonly ReportTable[]
  /**
   * Existing tables that are not among these: a report describes 2,000 tables of a database, or those that `--tables`
   * names.
   */
  readonly leftOut: number
  /** Views, routines, triggers and events. */
  readonly others: readonly { readonly type: string; readonly name: string }[]
  /** Migrations by their state; null where the journal was not read. */
  readonly migrations: { readonly applied: number; readonly pending: number } | null
}

/**
 * The state of a shard, in the words of the calendar.
 * - `past`     its period is over, it has its table
 * - `live`     in use now; of a family of keys, every one that is there
 * - `premade`  made ahead of its period
 * - `held`     under its hold name, until its grace ends
 * - `archived` its rows are in an archive
 * - `dropped`  gone by its policy, without an archive
 * - `missing`  should be there and is not
 */
export const shardLooks = ['past', 'live', 'premade', 'held', 'archived', 'dropped', 'missing'] as const

export type ShardLook = (typeof shardLooks)[number]

export interface ReportShard {
  readonly key: string
  readonly table: string
  readonly look: ShardLook
  /** Further facts: a sentence, or empty. */
  readonly note: string
}

export interface ReportFamily {
  readonly name: string
  readonly database: string
  readonly pattern: string
  /** `key` for a family with a shard for each row of a table. */
  readonly period: 'day' | 'week' | 'month' | 'quarter' | 'year' | 'key'
  readonly zone: string | null
  readonly template: string
  /** In the order of their keys. Empty where the server was not asked. */
  readonly shards: readonly ReportShard[]
}

/** A run that wrote, across all databases that it wrote to. */
export interface ReportRun {
  readonly id: string
  readonly databases: readonly string[]
  readonly command: string
  readonly by: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** Null while it runs, and for a run that was killed. */
  readonly milliseconds: number | null
  readonly outcome: 'running' | 'done' | 'failed' | 'stopped'
  readonly error: string | null
}

export interface ReportFinding {
  readonly severity: 'error' | 'warning' | 'hint'
  readonly code: string
  /** A database and its object, a file with its line, or a server. */
  readonly place: string
  readonly what: string
  readonly why: string | null
  readonly next: string | null
}

export interface ReportStore {
  readonly store: string
  /** host:port, several with commas. */
  readonly server: string
  /** `unread`: why is in `fault`. */
  readonly state: 'as-declared' | 'differs' | 'unread'
  /** Declared resources that are as declared. */
  readonly unchanged: number
  readonly findings: readonly ReportFinding[]
  /** Why nothing is known about it; a sentence, else null. */
  readonly fault: string | null
}

/**
 * Everything that wwdb knows about a platform at one moment, as plain data: every form of the report is made from it.
 */
export interface Report {
  /** ISO 8601, UTC. */
  readonly at: string
  readonly toolVersion: string
  readonly environment: string | null
  readonly databases: readonly ReportDatabase[]
  readonly families: readonly ReportFamily[]
  /** Newest first. */
  readonly runs: readonly ReportRun[]
  readonly drift: readonly ReportFinding[]
  readonly lint: readonly ReportFinding[]
  readonly doctor: readonly ReportFinding[]
  readonly stores: readonly ReportStore[]
  /** What could not be read, and why. */
  readonly gaps: readonly ReportGap[]
}

/** Whether all of a part was read: nothing of an incomplete part may be reported as absent. */
export function isWhole({ gaps }: Report, part: ReportGap['part']): boolean {
  return !gaps.some((gap) => gap.part === part)
}

/** All tables, including those that are left out. */
export function countTables({ databases }: Pick<Report, 'databases'>): number {
  return databases.reduce((sum, { tables, leftOut }) => sum + tables.length + leftOut, 0)
}

/** How many there are; null where none was found and not all was read: then the number is unknown. */
export function knownCount(report: Report, found: number, ...parts: readonly ReportGap['part'][]): number | null {
  return found === 0 && !parts.every((part) => isWhole(report, part)) ? null : found
}

/** Findings of all kinds. */
export function countReportFindings({ drift, lint, doctor, stores }: Report): number {
  return drift.length + lint.length + doctor.length + stores.reduce((sum, { findings }) => sum + findings.length, 0)
}
