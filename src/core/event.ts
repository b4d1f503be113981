import type { Hazard } from '../lint/rule.ts'
import type { Plan } from '../migrations/plan.ts'
import type { ShardStepKind } from '../shards/rotation/plan-family.ts'
import type { ErrorCode } from './error-codes.ts'
import type { Holder } from './holder.ts'
import type { StoreKind } from './store.ts'
import type { Target } from './target.ts'
import type { Fault } from './tool-error.ts'

interface AtTarget {
  readonly target: Target
}

interface AtStep extends AtTarget {
  readonly version: string
  readonly name: string
  readonly direction: 'up' | 'down'
}

interface AtStatement extends AtStep {
  /** From 0. */
  readonly statement: number
  readonly total: number
  /** Verb and objects, e.g. "ALTER TABLE users". */
  readonly summary: string
}

interface AtShard extends AtStep {
  readonly family: string
  /** The shard's key. */
  readonly shard: string
  readonly table: string
}

interface AtRotatedShard extends AtTarget {
  readonly family: string
  readonly table: string
  readonly step: 'create' | ShardStepKind
}

interface AtStore {
  readonly store: StoreKind
  readonly server: string
  /** What is done, as half a sentence. */
  readonly summary: string
}

/** What happens during a run, in order. Reporters render it; the engine says nothing else. */
export type RunEvent =
  | { readonly type: 'run-started'; readonly command: string; readonly targets: readonly Target[] }
  | (AtTarget & { readonly type: 'lock-waiting'; readonly holder: Holder | null; readonly milliseconds: number })
  | (AtTarget & { readonly type: 'lock-acquired'; readonly milliseconds: number })
  /** `stopped` are the hazards for which the run stops; its error names each. */
  | { readonly type: 'plan-ready'; readonly plan: Plan; readonly stopped?: readonly Hazard[] }
  /** An open journal row of an earlier run was settled. */
  | (AtStatement & { readonly type: 'statement-settled'; readonly ran: boolean; readonly why: string })
  | (AtStep & { readonly type: 'step-started'; readonly from: number; readonly total: number })
  /** The step waits for steps of other targets. */
  | (AtStep & { readonly type: 'step-waiting'; readonly after: readonly string[] })
  | (AtStatement & { readonly type: 'statement-started' })
  /** The server makes the statement wait for others. */
  | (AtStatement & { readonly type: 'statement-blocked'; readonly by: readonly Holder[]; readonly attempt: number })
  /** How far the server is with it, about every second where the server says so: ALTERs and index builds. */
  | (AtStatement & {
      readonly type: 'statement-progress'
      /** What it does at this moment, in the server's words. */
      readonly stage: string
      readonly percent: number
      /** Milliseconds left at the pace so far; null before that is known. */
      readonly left: number | null
    })
  | (AtStatement & {
      readonly type: 'statement-finished'
      readonly milliseconds: number
      readonly rows: number | null
      readonly warnings: readonly string[]
    })
  /** Its rows are closed on the server. Comes after later steps have begun when their rows are closed together. */
  | (AtStep & { readonly type: 'step-finished'; readonly statements: number; readonly milliseconds: number })
  /** A migration is carried to the shards of a family; `version` and `name` below are the migration's. `done` were complete before. */
  | (AtStep & {
      readonly type: 'fan-out-started'
      readonly family: string
      readonly done: number
      readonly total: number
      /** The table that goes first, alone; null where an earlier run had one. */
      readonly canary: string | null
    })
  | (AtShard & { readonly type: 'shard-started' })
  | (AtShard & {
      readonly type: 'shard-finished'
      readonly statements: number
      readonly milliseconds: number
      /** Shards complete by now, of how many. */
      readonly done: number
      readonly total: number
      /** Milliseconds left for the others at the pace so far; absent before that is known. */
      readonly left?: number
    })
  /** The others continue as far as the error budget allows. */
  | (AtShard & { readonly type: 'shard-failed'; readonly code: ErrorCode; readonly fault: Fault })
  /** Rotation makes `total` tables of a target in parallel. */
  | (AtTarget & { readonly type: 'rotation-making-started'; readonly total: number })
  | (AtRotatedShard & { readonly type: 'rotation-step-started'; readonly why: string })
  /** Rows that are in the archive, of those that were sealed; `left` as above. */
  | (AtRotatedShard & {
      readonly type: 'rotation-step-progress'
      readonly done: number
      readonly total: number
      readonly left: number | null
    })
  /** `milliseconds` is null for tables that are made side by side. */
  | (AtRotatedShard & {
      readonly type: 'rotation-step-finished'
      readonly rows: number | null
      readonly milliseconds: number | null
    })
  | (AtStore & { readonly type: 'store-change-started' })
  | (AtStore & { readonly type: 'store-change-finished'; readonly milliseconds: number })
  /** Rows of `wwdb_runs` and `wwdb_shard_events` were removed, as `audit.keep` asks for. */
  | (AtTarget & {
      readonly type: 'record-removed'
      readonly runs: number
      readonly shardEvents: number
      readonly summary: string
    })
  | { readonly type: 'warning'; readonly message: string; readonly target: Target | null }
  /** Slow work outside the databases (fetching or starting a server), as a sentence. */
  | { readonly type: 'progress'; readonly message: string }
  | { readonly type: 'stopping'; readonly how: 'after-statement' | 'kill' }

/** Takes events as they happen; must not throw and must not wait. */
export type Emit = (event: RunEvent) => void
