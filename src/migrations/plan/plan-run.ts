import type { Emit } from '../../command/event.ts'
import type { TargetOutcome } from '../../command/result.ts'
import type { Config } from '../../config/config.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import type { Reverts } from '../../ddl/recorded-schema.ts'
import type { Governors } from '../../operate/governors.ts'
import type { BlockerKiller } from '../../operate/kill-blockers.ts'
import type { OnlineChanges } from '../online-changes.ts'
import { hasWork, type Plan, stepName } from '../plan.ts'
import type { MigrationHooks } from '../ports.ts'
import type { SchemaRecording } from '../record-run.ts'
import type { ShardSteps } from '../shard-steps.ts'
import type { OpenTargets } from '../targets.ts'
import type { Permission } from './approve-plan.ts'
import { type PlanOptions, planReached } from './make-run-plan.ts'

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
  /** How migrations that run on shards are planned and executed; absent where there are none. */
  readonly shards?: ShardSteps
  /** What is needed to record schemas; absent where nothing is recorded. */
  readonly recording?: SchemaRecording
  /** What is asked before each migration and notified after it; absent where nothing is. */
  readonly hooks?: MigrationHooks | null
  /** What decides whether heavy work may go on; null where nothing is bounded. */
  readonly governors?: Governors | null
  /** What kills sessions that hold the tables of definitions; absent where nobody may be killed. */
  readonly killer?: BlockerKiller | null
  /** What makes the statements with `-- wwdb:online`; absent where the server makes them itself: in scratch schemas. */
  readonly online?: OnlineChanges
  readonly confirm: Confirm
}

export interface RunReport {
  readonly plan: Plan
  readonly outcomes: readonly TargetOutcome[]
  /** The first thing that went wrong, for the exit code; null when nothing did. */
  readonly error: unknown
}

export const permissionOf = ({ options, config }: RunRequest): Permission => ({
  allow: options.allow,
  protected: config.protected,
})

/** A plan with the databases that it is of. */
export interface PlannedRun {
  readonly plan: Plan
  readonly databases: OpenTargets
}

/** Makes the plans of one run. Which migrations a number of steps means is decided once: under the lock, an earlier run may prove to have finished one of them. */
export class Planner {
  readonly #request: RunRequest
  #only: ReadonlySet<string> | undefined

  constructor(request: RunRequest) {
    this.#request = request
    this.#only = request.options.only
  }

  /** Returns the databases that the plan is of: one whose server was lost meanwhile is left out. */
  async plan(open: OpenTargets): Promise<PlannedRun> {
    const { config, options, shards } = this.#request
    const only = this.#only === undefined ? {} : { only: this.#only }
    const made = await planReached(config, open, { ...options, ...only }, shards)
    if (options.steps !== null)
      this.#only ??= new Set(made.plan.targets.flatMap((target) => target.steps.map(stepName)))
    return made
  }
}

/** Shows a plan and stops the run where something in it fails, is not allowed or not confirmed. */
export async function approve(request: RunRequest, plan: Plan): Promise<void> {
  // Judging hazards is a large part of the tool, and most runs have nothing to do. The names behind `--allow` are checked all the same.
  if (hasWork(plan) || request.options.allow.length > 0) {
    const { approvePlan, findStopped, stopForeseenFailures } = await import('./approve-plan.ts')
    const permission = permissionOf(request)
    request.emit({ type: 'plan-ready', plan, stopped: findStopped(plan, permission) })
    stopForeseenFailures(plan)
    approvePlan(plan, permission)
  } else request.emit({ type: 'plan-ready', plan })
  await request.confirm(plan)
}
