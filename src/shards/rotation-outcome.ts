import type { ErrorCode } from '../core/error-codes.ts'
import type { Target } from '../core/target.ts'
import type { Fault } from '../core/tool-error.ts'
import type { FamilyPlan } from './rotation/plan-family.ts'

/** How a rotation ended for one family. Lists are names of tables, in the order of the work. */
export interface FamilyOutcome {
  readonly family: string
  readonly target: Target
  /** `not-reached` where its server could not be used, `not-started` where another reason kept the run from beginning with it. */
  readonly state: 'done' | 'nothing-to-do' | 'failed' | 'stopped' | 'not-reached' | 'not-started'
  readonly created: readonly string[]
  readonly adopted: readonly string[]
  readonly restored: readonly string[]
  readonly sealed: readonly string[]
  readonly held: readonly string[]
  readonly archived: readonly string[]
  readonly dropped: readonly string[]
  /** They were dropped with their rows outside of wwdb, and this is not acknowledged: an answer with such tables ends with findings. */
  readonly lost: readonly string[]
  /** Sentences a person should read. */
  readonly notes: readonly string[]
  /** ISO 8601, UTC: until when there are tables; null for keys, and where it is not known. */
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
  readonly make: readonly { readonly table: string; readonly key: string; readonly why: string }[]
  readonly adopt: readonly string[]
  /** Tables whose rows in the registry are put right. */
  readonly corrections: readonly string[]
  readonly steps: readonly {
    readonly step: string
    readonly table: string
    readonly key: string
    readonly why: string
  }[]
  readonly question: { readonly holds: number; readonly live: number } | null
  readonly notes: readonly string[]
  readonly aheadUntil: string | null
  /** Why nothing could be planned; null when it could. */
  readonly fault: Fault | null
  readonly code: ErrorCode | null
}

/** Projects a plan: names instead of records. */
export function toFamilyPlanDocument(plan: FamilyPlan): FamilyPlanDocument {
  const { family, target, question, notes } = plan
  return {
    family,
    target,
    make: plan.make.map(({ shard, why }) => ({ table: shard.table, key: shard.key, why })),
    adopt: plan.adopt.map((shard) => shard.table),
    corrections: plan.corrections.map((record) => record.table),
    steps: plan.steps.map(({ step, record, why }) => ({ step, table: record.table, key: record.key, why })),
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
