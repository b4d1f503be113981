import type { BlockedStep, Target, UnreachedTarget } from '../core/target.ts'
import type { Fault } from '../core/tool-error.ts'
import type { Schema } from '../ddl/schema.ts'
import type { Algorithm } from '../ddl/server-answer.ts'
import type { Hazard } from '../lint/rule.ts'
import type { FanOutPlan } from './fan-out-plan.ts'
import type { MissingBefore } from './journal/journal.ts'
import type { Migration } from './migration.ts'

/** How large a table is, by the estimates of InnoDB. */
export interface TableSize {
  readonly table: string
  readonly rows: number
  /** Data and indexes. */
  readonly bytes: number
}

/** How a statement below `-- wwdb:batch` will be walked. */
export interface BatchPlan {
  readonly table: string
  /** The key that is walked; null where it is chosen when the batch runs: on shards, and on a table that the plan creates or changes. */
  readonly key: string | null
  /** The rows of the table as InnoDB estimates them. */
  readonly rows: number | null
  /** Of the size of the first one: they are steered to their time. */
  readonly chunks: number | null
  /** What a run that stopped has changed and committed; absent where none has. */
  readonly done?: { readonly rows: number; readonly chunks: number }
}

/**
 * One thing a run does:
 * - `apply`   a migration's up part, from statement `from` (0 unless a stopped run is resumed)
 * - `revert`  its down part
 * - `record`  only writes the journal (baseline, mark)
 */
export interface Step {
  readonly type: 'apply' | 'revert' | 'record'
  readonly migration: Migration
  readonly from: number
  readonly total: number
  readonly hazards: readonly Hazard[]
  /** Expected algorithm by statement index; absent for statements about which the server was not asked. */
  readonly algorithms: ReadonlyMap<number, Algorithm>
  /** By statement index: the table that a statement changes, with its size when the plan is made; absent where it does not exist yet. */
  readonly sizes?: ReadonlyMap<number, TableSize>
  /** By statement index: what runs in batches. */
  readonly batches?: ReadonlyMap<number, BatchPlan>
  /** By statement index: the texts whose placeholders were filled in. */
  readonly texts?: ReadonlyMap<number, string>
  /**
   * By the index of the statement: the tables before it. For each EXECUTE, whose text is judged once it is known, and for an UPDATE or DELETE whose rows are checked
   * when it runs, because earlier statements of the plan write them.
   */
  readonly known?: ReadonlyMap<number, Schema>
  /** For each CALL, by its index: what does not exist before it, of what it may create. Absent where there is nothing. */
  readonly missing?: ReadonlyMap<number, readonly MissingBefore[]>
  /** For a migration that runs on shards, once it was examined: which ones. */
  readonly fanOut?: FanOutPlan
  /** Steps of other targets that must be complete before this one, as `database/version`. */
  readonly after: readonly string[]
}

/** What a run will do to one target. */
export interface TargetPlan {
  readonly target: Target
  /** SHA-256 of all inputs of the plan: journal, checksums, server identity. A plan whose inputs have changed is refused. */
  readonly inputsDigest: string
  readonly steps: readonly Step[]
  /** Notes for a person that stop nothing, such as an out-of-order file that is allowed. */
  readonly notes: readonly string[]
  /** Statements that are known to fail: a run stops before its first one. */
  readonly failures?: readonly Fault[]
  /** Those of `notes` that say what `failures` say: the error of a run has them already. */
  readonly failureNotes?: readonly string[]
  /** What is left out because it depends on a database that was not reached. */
  readonly blocked?: readonly BlockedStep[]
}

/** What a run will do, as a value: `plan`, `--dry-run` and the run share it. */
export interface Plan {
  readonly direction: 'up' | 'down'
  readonly targets: readonly TargetPlan[]
  /** Databases that the plan does not cover, because their servers were not reached. */
  readonly unreached?: readonly UnreachedTarget[]
}

/** Whether a run of the plan does anything. */
export function hasWork(plan: Plan): boolean {
  return plan.targets.some((target) => target.steps.length > 0)
}

/** Adds what is known to fail, and the notes by which the plan alone is read. */
export function withFailures(plan: TargetPlan, failures: readonly Fault[], notes: readonly string[]): TargetPlan {
  return {
    ...plan,
    notes: [...plan.notes, ...notes],
    failures: [...(plan.failures ?? []), ...failures],
    failureNotes: [...(plan.failureNotes ?? []), ...notes],
  }
}

/** Whether a statement of the plan is known to fail. */
export function foreseesFailure(plan: Plan): boolean {
  return plan.targets.some(({ failures = [] }) => failures.length > 0)
}

/** `user_db/20260101000000`: the name of a step across targets. */
export function stepName(step: Step): string {
  return `${step.migration.database}/${step.migration.version}`
}
