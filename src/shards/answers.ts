import type { ErrorCode } from '../core/error-codes.ts'
import type { Target } from '../core/target.ts'
import type { Fault } from '../core/tool-error.ts'
import type { ShapeDifference } from '../ddl/definitions/compare-definitions.ts'
import type { Hazard } from '../lint/rule.ts'
import type { FamilyPlan } from './rotation/family-plan.ts'
import type { Shard, ShardRecord, ShardState } from './shard.ts'
import { statementOfStep } from './step-statements.ts'

/** A shard as `shards list` and `shards locate` show it. Times are ISO 8601, UTC. */
export interface ShardListing {
  readonly target: Target
  readonly family: string
  readonly key: string
  readonly table: string
  /** The table of which it is a partition, under the name of the shard; absent for a table of its own. */
  readonly partitionOf?: string
  /** Bounds `[from, to)` of its period; null for a key. */
  readonly from: string | null
  readonly to: string | null
  /**
   * As in the registry. `unregistered` has a table but no row there, `missing` should have a table but has neither;
   * `lost` also where the registry expects the table and it does not exist.
   */
  readonly state: ShardState | 'unregistered' | 'missing'
  readonly templateVersion: number | null
  /** Rows when it was sealed; null before. */
  readonly rows: number | null
  readonly hold: { readonly table: string; readonly until: string } | null
  /** Address of its archive's manifest, in the archive folder. */
  readonly archive: string | null
  /** Why it is protected; null where it is not. */
  readonly protected: string | null
}

/** A table that is added to the registry. */
export interface AdoptedTable {
  readonly table: string
  readonly key: string
  readonly state: Extract<ShardState, 'live' | 'held' | 'dropped'>
  /** Its earlier row in the registry, where the family's header was changed; null for a new table. */
  readonly recorded: string | null
}

/** The result of `shards adopt` for the tables of a family. */
export interface FamilyAdoption {
  readonly family: string
  readonly adopted: readonly AdoptedTable[]
  /** Shards that the registry already had. */
  readonly known: number
  /** Tables that look like shards but are left alone, each with a sentence that says why. */
  readonly refused: readonly { readonly table: string; readonly why: string }[]
}

/** Shards of one shape, and the statements that bring them back to their template. */
export interface ShapeAlteration {
  readonly tables: readonly string[]
  readonly differences: readonly ShapeDifference[]
  /** ALTER TABLEs in order, with `{{table}}` in place of each table's name. */
  readonly statements: readonly string[]
  readonly hazards: readonly Hazard[]
}

/** The shards of a family that differ from their template, by shape. */
export interface FamilyAlterations {
  readonly family: string
  readonly target: Target
  /** Shards that match it. */
  readonly like: number
  readonly groups: readonly ShapeAlteration[]
  /** Shards at an earlier version of the template: a fan-out upgrades them, not a repair. */
  readonly behind: readonly string[]
}

/** How a repair ended for the shards of a family that differed from their template. */
export interface FamilyRepair {
  readonly family: string
  readonly target: Target
  readonly repaired: readonly string[]
  readonly failed: readonly { readonly table: string; readonly code: string | null; readonly fault: Fault }[]
  /** Not started: others failed before, or the run was stopped. */
  readonly left: number
}

/** Lost rows that a person has acknowledged. */
export interface AcknowledgedLoss {
  readonly family: string
  readonly target: Target
  readonly key: string
  readonly table: string
  /** The last count; null where they were never counted. */
  readonly rows: number | null
}

/** The result of creating shards of one template in a scratch schema. */
export interface TemplateCheck {
  readonly family: string
  readonly database: string
  /** `host:port` of the server that was asked. */
  readonly server: string
  readonly file: string
  /** The shards that were made. */
  readonly tables: readonly string[]
  /** Why it cannot be used as it is. */
  readonly faults: readonly Fault[]
  /** What the server stores differently from what is written, as sentences: harmless, and good to know. */
  readonly changes: readonly string[]
}

/** How a rotation ended for one family. Lists are names of tables, in the order of the work. */
export interface FamilyOutcome {
  readonly family: string
  readonly target: Target
  /** `not-reached` where its server could not be used, `not-started` where the run did not begin with it for another reason. */
  readonly state: 'done' | 'nothing-to-do' | 'failed' | 'stopped' | 'not-reached' | 'not-started'
  readonly created: readonly string[]
  readonly adopted: readonly string[]
  readonly restored: readonly string[]
  readonly sealed: readonly string[]
  readonly held: readonly string[]
  readonly archived: readonly string[]
  readonly dropped: readonly string[]
  /**
   * They were dropped with their rows outside of wwdb, and nobody has acknowledged it: an answer with such tables counts as findings.
   */
  readonly lost: readonly string[]
  /** Sentences that a person should read. */
  readonly notes: readonly string[]
  /** ISO 8601, UTC: the time until which there are tables; null for keys, and where it is unknown. */
  readonly aheadUntil: string | null
  readonly milliseconds: number
  /** Why it failed or was not started; null when it went well. */
  readonly fault: Fault | null
  readonly code: ErrorCode | null
}

/** A family's plan as it is shown and printed. */
export interface FamilyPlanDocument {
  readonly family: string
  readonly target: Target
  /** `sql` is the statement that would create the table. */
  readonly make: readonly {
    readonly table: string
    readonly key: string
    readonly why: string
    readonly sql: string
  }[]
  readonly adopt: readonly string[]
  /** Tables whose rows in the registry are corrected. */
  readonly corrections: readonly string[]
  readonly steps: readonly {
    readonly step: string
    readonly table: string
    readonly key: string
    readonly why: string
    /** The statement that changes the schema; null where the step only counts or copies rows, or loads an archive. */
    readonly sql: string | null
  }[]
  readonly question: { readonly holds: number; readonly live: number } | null
  readonly notes: readonly string[]
  readonly aheadUntil: string | null
  /** Why it could not be planned; null when it could. */
  readonly fault: Fault | null
  readonly code: ErrorCode | null
}

/**
 * Projects a plan: names and statements instead of records. @param describe returns the statements that create a shard's table and rename it @param now the time that the plan is for
 */
export function toFamilyPlanDocument(
  plan: FamilyPlan,
  describe: {
    readonly create: (shard: Shard) => string
    readonly rename: (table: string, to: string) => string
    readonly hold: (record: ShardRecord) => string
  },
): FamilyPlanDocument {
  const { family, target, question, notes } = plan
  return {
    family,
    target,
    make: plan.make.map(({ shard, why }) => ({ table: shard.table, key: shard.key, why, sql: describe.create(shard) })),
    adopt: plan.adopt.map((shard) => shard.table),
    corrections: plan.corrections.map((record) => record.table),
    steps: plan.steps.map((one) => ({
      step: one.step,
      table: one.record.table,
      key: one.record.key,
      why: one.why,
      sql: statementOfStep(one, describe),
    })),
    question,
    notes,
    aheadUntil: toIso(plan.aheadUntil),
    fault: null,
    code: null,
  }
}

/** ISO 8601, UTC. */
export function toIso(instant: number | null): string | null {
  return instant === null ? null : new Date(instant).toISOString()
}
