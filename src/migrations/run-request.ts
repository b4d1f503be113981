import type { Config } from '../config/config.ts'
import type { Emit } from '../core/event.ts'
import type { TargetOutcome } from '../core/result.ts'
import type { FanOutServices } from '../shards/fan-out/services.ts'
import type { Reverts } from '../sql/recorded-schema.ts'
import type { PlanOptions } from './plan/make-run-plan.ts'
import type { Plan } from './plan.ts'
import type { MigrationHooks, StopRequest } from './ports.ts'
import type { SchemaRecording } from './record-run.ts'
import type { OpenTargets } from './targets.ts'

/** What a run is asked to do: values only. */
export interface RunOptions extends PlanOptions {
  /** Hazards that the caller allowed, as `--allow` takes them. */
  readonly allow: readonly string[]
  /** What to do about an object that the plan changes, and that was changed by other means before. Default `fail`. */
  readonly drift?: 'fail' | 'warn' | 'off' | undefined
  /** Where the run takes drift back: what objects are to be, by database. */
  readonly reverts?: Readonly<Record<string, Reverts>>
}

/** Asks a person about the plan, or compares it with the plan of a file; throws to stop the run. Called once for each plan that differs. */
export type Confirm = (plan: Plan) => Promise<void>

/** Everything that a run needs. `confirm` is its one question to the caller; what else happens is decided here. */
export interface RunRequest {
  readonly config: Config
  readonly open: OpenTargets
  readonly options: RunOptions
  readonly emit: Emit
  readonly stop: StopRequest
  /** What migrations that run on shards need; absent where there are none. */
  readonly fanOuts?: FanOutServices
  /** What is needed to record schemas; absent where nothing is recorded. */
  readonly recording?: SchemaRecording
  /** What is asked before each migration and notified after it; absent where nothing is. */
  readonly hooks?: MigrationHooks | null
  readonly confirm: Confirm
}

export interface RunReport {
  readonly plan: Plan
  readonly outcomes: readonly TargetOutcome[]
  /** The first thing that went wrong, for the exit code; null when nothing did. */
  readonly error: unknown
}
