import type { ErrorCode } from '../core/error-codes.ts'
import type { Target } from '../core/target.ts'
import type { Fault } from '../core/tool-error.ts'
import type { ShapeDifference } from '../ddl/definitions/compare-definitions.ts'
import type { ShardState } from './shard.ts'

/** A shard that should have a table but has none. */
export interface MissingShard {
  readonly table: string
  readonly key: string
}

/** A table with a name like a shard's that the policy does not expect. */
export interface UnexpectedTable {
  readonly table: string
  /** A sentence. */
  readonly why: string
}

/** A shard with rows that are not of its period. */
export interface MisplacedRows {
  readonly table: string
  /** How many of those that were read. */
  readonly rows: number
  /** A sentence. */
  readonly why: string
}

/** Shards of one shape that differs from the template's. */
export interface DriftedGroup {
  readonly tables: readonly string[]
  /** Null where there was nothing to compare line by line. */
  readonly differences: readonly ShapeDifference[] | null
}

/** Live shards that a fan-out has not reached. */
export interface ShardsBehind {
  readonly version: number
  readonly tables: readonly string[]
}

/** How the shards of a family compare with their template. */
export interface DriftReport {
  /**
   * What they were compared with:
   * - `template` the template's table in a scratch schema
   * - `recorded` the shape of shards of the current version in the registry
   * - `majority` the shape that most of them have: nothing better is known
   * - `nothing`  there are no shards
   */
  readonly reference: 'template' | 'recorded' | 'majority' | 'nothing'
  readonly like: number
  readonly groups: readonly DriftedGroup[]
  readonly behind: readonly ShardsBehind[]
  /** The template's version in the registry; null before a rotation or `shards adopt` wrote it. */
  readonly version: number | null
  /** True where the template's file differs from that version in the registry. */
  readonly templateChanged: boolean
}

/** A registry row whose table is not where it should be. */
export interface LostTable {
  readonly table: string
  readonly key: string
  readonly state: ShardState
}

/** Rows that were lost with a table that was dropped outside of wwdb. It is a finding until a person acknowledges it. */
export interface ShardLoss {
  readonly table: string
  readonly key: string
  /** The shard's state when its table was found missing. */
  readonly state: ShardState
  /** The last count; null where they were never counted. */
  readonly rows: number | null
  /** ISO 8601, UTC: when it was found. */
  readonly at: string
}

/** A shard whose hold is put off because of writes. */
export interface OverdueShard {
  readonly table: string
  readonly key: string
  /** ISO 8601, UTC: when its hold was first put off. */
  readonly since: string
}

/** A shard from which nothing is removed until it is unprotected. */
export interface ProtectedShard {
  readonly table: string
  readonly reason: string
  readonly by: string
  /** ISO 8601, UTC. */
  readonly at: string
}

/** Everything that `shards check` found in a family. */
export interface FamilyInspection {
  readonly family: string
  readonly division: 'period' | 'key'
  /** The table of a keyspace that took its place: then no shard is missing. Absent where the family has not moved. */
  readonly movedTo?: string
  /** Shards that have a table under their own name. */
  readonly tables: number
  /** Current and coming periods, and keys, that lack a table. */
  readonly missing: readonly MissingShard[]
  /** Past periods that lack a table, between others that have one. */
  readonly holes: readonly MissingShard[]
  readonly unexpected: readonly UnexpectedTable[]
  readonly drift: DriftReport
  /** Tables with a shard's name that are missing from the registry. Empty without a registry. */
  readonly unregistered: readonly string[]
  /** Shards in the registry whose tables are gone: they were dropped outside of wwdb. */
  readonly lost: readonly LostTable[]
  /** Lost rows, until a person acknowledges them. */
  readonly losses: readonly ShardLoss[]
  /** Shards whose hold has been put off for too long because of writes. */
  readonly overdue: readonly OverdueShard[]
  /** Steps that a run began and did not end: the next run settles them. Not a finding. */
  readonly unsettled: readonly LostTable[]
  /** Tables under hold names, and their size. */
  readonly held: { readonly tables: number; readonly bytes: number | null }
  readonly protected: readonly ProtectedShard[]
  /** Milliseconds from now to the end of the last period that has a table, without a gap before it; null for keys. */
  readonly headroom: number | null
  /** ISO 8601, UTC; null before the first rotation. */
  readonly lastSuccessAt: string | null
  /** Two records that cannot both be true: rotation leaves the family alone until a person has decided which is. */
  readonly contradictions: readonly ContradictedRecords[]
  /** Sentences: what could not be checked, and why. A check that did not see everything is not a success. */
  readonly unchecked: readonly string[]
  /** With `--rows`: shards that have rows of another period, or without a time. Absent where no rows were read. */
  readonly misplaced?: readonly MisplacedRows[]
  /** With `--rows`: how many rows at the borders of how many shards were read. Absent where none were. */
  readonly sampled?: SampledShards
}

/** What `--rows` has read of a family. */
interface SampledShards {
  readonly shards: number
  readonly rows: number
  /** Shards without a primary key, of which the last times of an index were read alone. */
  readonly lastTimes: number
  /** Shards without a primary key and without an index of the column, of which some rows were read in no order. */
  readonly unordered: number
}

/** Two records of a family that contradict each other. */
interface ContradictedRecords {
  readonly tables: readonly string[]
  readonly what: string
  readonly why: string
  /** What can be done, for either of the two being right. */
  readonly next: string
}

/** A limit on the number of tables. */
export interface CapacityReport {
  readonly limit: 'table_definition_cache' | 'innodb_open_files' | 'open_files_limit' | 'disk'
  /** What it allows, in tables, files or (for `disk`) free bytes; null where it is unknown. */
  readonly value: number | null
  /** How much of it is needed: tables, files, or the bytes that should stay free. */
  readonly needed: number
  readonly state: 'enough' | 'exceeded' | 'unknown'
  /** What to do about it; null where there is nothing to do. */
  readonly advice: string | null
}

/** What `shards check` found in one target. */
export interface TargetInspection {
  readonly target: Target
  readonly registry: boolean
  /** ISO 8601, UTC. */
  readonly lastRunAt: string | null
  readonly families: readonly FamilyInspection[]
  /** Tables under a hold name that have no row in the registry. */
  readonly strayHolds: readonly string[]
  readonly capacity: readonly CapacityReport[]
  /** Sentences: what prevents rotation here, such as clocks that disagree. */
  readonly doubts: readonly string[]
}

/** A database that could not be checked. The findings in the others must still be shown. */
export interface UnseenTarget {
  readonly target: Target
  readonly fault: Fault
  /** The fault's stable code. */
  readonly code: ErrorCode
}

/** The databases of a check. */
export interface SeenTargets {
  readonly targets: readonly TargetInspection[]
  readonly unseen: readonly UnseenTarget[]
}

/** The number of faults of a family; a table counts once, however many faults it has. */
export function countFamilyFindings(family: FamilyInspection): number {
  const { missing, holes, unexpected, lost, losses, overdue, unregistered, unchecked, drift, misplaced = [] } = family
  const named = [...missing, ...holes, ...unexpected, ...lost, ...losses, ...overdue, ...misplaced].map(
    ({ table }) => table,
  )
  const groups = [...drift.groups, ...drift.behind].flatMap(({ tables }) => tables)
  const contradicted = family.contradictions.flatMap(({ tables }) => tables)
  const tables = new Set([...named, ...groups, ...unregistered, ...contradicted])
  return tables.size + unchecked.length + (drift.templateChanged ? 1 : 0)
}

/** Tables of a family that differ from their template. */
export function countDrifted({ drift }: FamilyInspection): number {
  return drift.groups.reduce((sum, group) => sum + group.tables.length, 0)
}

/** The number of faults of a target: the check's exit code is 1 where there is any. */
export function countFindings({ families, strayHolds, capacity, doubts }: TargetInspection): number {
  const own = strayHolds.length + doubts.length + capacity.filter(({ state }) => state === 'exceeded').length
  return families.reduce((sum, family) => sum + countFamilyFindings(family), own)
}
