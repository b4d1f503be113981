import type { ErrorCode } from '../core/error-codes.ts'
import type { Target } from '../core/target.ts'
import type { Fault } from '../core/tool-error.ts'
import type { ShapeDifference } from '../ddl/definitions/compare-definitions.ts'
import type { ShardState } from './shard.ts'

/** A shard that should have a table and has none. */
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

/** Shards of one shape that is not the template's. */
export interface DriftedGroup {
  readonly tables: readonly string[]
  /** Null where there was nothing to compare with line by line. */
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
   * - `template` what the template makes in a scratch schema
   * - `recorded` the shape that the registry has of shards of the present version
   * - `majority` the shape that most of them have: nothing better is known
   * - `nothing`  there are no shards
   */
  readonly reference: 'template' | 'recorded' | 'majority' | 'nothing'
  readonly like: number
  readonly groups: readonly DriftedGroup[]
  readonly behind: readonly ShardsBehind[]
  /** The template's version in the registry; null before a rotation or `shards adopt` wrote it. */
  readonly version: number | null
  /** True where the template's file is not what the registry has of that version. */
  readonly templateChanged: boolean
}

/** A row of the registry whose table is not where it should be. */
export interface LostTable {
  readonly table: string
  readonly key: string
  readonly state: ShardState
}

/** Rows that went with a table that was dropped outside of wwdb. A finding until a person acknowledges it. */
export interface ShardLoss {
  readonly table: string
  readonly key: string
  /** The shard's state when its table was found to be gone. */
  readonly state: ShardState
  /** When they were last counted; null where they never were. */
  readonly rows: number | null
  /** ISO 8601, UTC: when it was found. */
  readonly at: string
}

/** A shard that writes keep from its hold. */
export interface OverdueShard {
  readonly table: string
  readonly key: string
  /** ISO 8601, UTC: when its hold was first put off. */
  readonly since: string
}

/** A shard that nothing is taken from until it is unprotected. */
export interface ProtectedShard {
  readonly table: string
  readonly reason: string
  readonly by: string
  /** ISO 8601, UTC. */
  readonly at: string
}

/** All that `shards check` found of a family. */
export interface FamilyInspection {
  readonly family: string
  readonly division: 'period' | 'key'
  /** Shards that have a table under their own name. */
  readonly tables: number
  /** Current and coming periods, and keys, without a table. */
  readonly missing: readonly MissingShard[]
  /** Past periods without a table, between others that have one. */
  readonly holes: readonly MissingShard[]
  readonly unexpected: readonly UnexpectedTable[]
  readonly drift: DriftReport
  /** Tables with a shard's name that the registry does not have. Empty without a registry. */
  readonly unregistered: readonly string[]
  /** In the registry, but their tables are gone: dropped outside of wwdb. */
  readonly lost: readonly LostTable[]
  /** Rows that are gone, until a person acknowledges it. */
  readonly losses: readonly ShardLoss[]
  /** Shards that writes have kept from their hold for too long. */
  readonly overdue: readonly OverdueShard[]
  /** Steps that a run began and did not end: the next one settles them. No finding. */
  readonly unsettled: readonly LostTable[]
  /** Tables under hold names, and their size. */
  readonly held: { readonly tables: number; readonly bytes: number | null }
  readonly protected: readonly ProtectedShard[]
  /** Milliseconds from now to the end of the last period that has a table, without a hole before it; null for keys. */
  readonly headroom: number | null
  /** ISO 8601, UTC; null before the first rotation. */
  readonly lastSuccessAt: string | null
  /** Two records that cannot both be true: rotation leaves the family alone until a person has said which is. */
  readonly contradictions: readonly ContradictedRecords[]
  /** Sentences: what could not be looked at, and why. A check that did not see everything is not green. */
  readonly unchecked: readonly string[]
}

/** Two records of a family that contradict each other. */
interface ContradictedRecords {
  readonly tables: readonly string[]
  readonly what: string
  readonly why: string
  /** What can be done, for either of the two being right. */
  readonly next: string
}

/** Something that bounds the number of tables. */
export interface CapacityReport {
  readonly limit: 'table_definition_cache' | 'innodb_open_files' | 'open_files_limit' | 'disk'
  /** What it allows, in tables, files or (for `disk`) free bytes; null where it is not known. */
  readonly value: number | null
  /** What is needed of it: tables, files, or the bytes that should stay free. */
  readonly needed: number
  readonly state: 'enough' | 'exceeded' | 'unknown'
  /** What to do about it; null where nothing is to be done. */
  readonly advice: string | null
}

/** What `shards check` found in one target. */
export interface TargetInspection {
  readonly target: Target
  readonly registry: boolean
  /** ISO 8601, UTC. */
  readonly lastRunAt: string | null
  readonly families: readonly FamilyInspection[]
  /** Tables under a hold name that no row of the registry has. */
  readonly strayHolds: readonly string[]
  readonly capacity: readonly CapacityReport[]
  /** Sentences: what keeps rotation from its work here, such as clocks that disagree. */
  readonly doubts: readonly string[]
}

/** A database that could not be looked at. The others were: what one has must not hide what another has. */
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

/** How many things are wrong with a family; a table counts once, for any number of faults. */
export function countFamilyFindings(family: FamilyInspection): number {
  const { missing, holes, unexpected, lost, losses, overdue, unregistered, unchecked, drift } = family
  const named = [...missing, ...holes, ...unexpected, ...lost, ...losses, ...overdue].map(({ table }) => table)
  const groups = [...drift.groups, ...drift.behind].flatMap(({ tables }) => tables)
  const contradicted = family.contradictions.flatMap(({ tables }) => tables)
  const tables = new Set([...named, ...groups, ...unregistered, ...contradicted])
  return tables.size + unchecked.length + (drift.templateChanged ? 1 : 0)
}

/** Tables of a family that are not like their template. */
export function countDrifted({ drift }: FamilyInspection): number {
  return drift.groups.reduce((sum, group) => sum + group.tables.length, 0)
}

/** How many things are wrong with a target: the check's exit code is 1 where there is any. */
export function countFindings({ families, strayHolds, capacity, doubts }: TargetInspection): number {
  const own = strayHolds.length + doubts.length + capacity.filter(({ state }) => state === 'exceeded').length
  return families.reduce((sum, family) => sum + countFamilyFindings(family), own)
}
