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
import type { Retirements } from '../retirements.ts'
import type { ShardSteps } from '../shard-steps.ts'
import type { OpenTargets } from '../targets.ts'
import type { Permission } from './approve-plan.ts'
import { nameLast } from './make-plan.ts'
import { type PlanOptions, planReached } from './make-run-plan.ts'

/** What a run is asked to do: only values. */
export interface RunOptions extends PlanOptions {
  /** Hazards that the caller allowed, in the form of `--allow`. */
  readonly allow: readonly string[]
  /** What to do about an object that the plan changes and that was changed outside of migrations before. Default `fail`. */
  readonly drift?: 'fail' | 'warn' | 'off' | undefined
  /** For a run that reverts drift: the target state of objects, by database. */
  readonly reverts?: Readonly<Record<string, Reverts>>
}

/** Asks a person about the plan, or compares it with the plan of a file; throws to stop the run. Called once for each plan that differs. */
export type Confirm = (plan: Plan) => Promise<void>

/** Everything that a run needs. `confirm` is its only question to the caller; everything else is decided here. */
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
  /** The hooks that are asked before each migration and notified afterwards; absent where there are none. */
  readonly hooks?: MigrationHooks | null
  /** Decides whether heavy work may go on; null where nothing is limited. */
  readonly governors?: Governors | null
  /** What kills sessions that hold the tables of definitions; absent where nobody may be killed. */
  readonly killer?: BlockerKiller | null
  /** What makes the statements with `-- wwdb:online`; absent where the server makes them itself: in scratch schemas. */
  readonly online?: OnlineChanges
  /** What hides what statements with `-- wwdb:retire` drop; absent where they drop it: in scratch schemas. */
  readonly retirements?: Retirements
  readonly confirm: Confirm
}

export interface RunReport {
  readonly plan: Plan
  readonly outcomes: readonly TargetOutcome[]
  /** The first failure, for the exit code; null where there was none. */
  readonly error: unknown
}

export const permissionOf = ({ options, config }: Pick<RunRequest, 'options' | 'config'>): Permission => ({
  allow: options.allow,
  protected: config.protected,
})

/** A plan with its databases. */
export interface PlannedRun {
  readonly plan: Plan
  readonly databases: OpenTargets
}

/**
 * Makes the plans of one run. A number of steps is resolved to migrations only once: under the lock, it may turn out that an earlier run has finished one of them.
 */
export class Planner {
  readonly #request: RunRequest
  #only: ReadonlySet<string> | undefined

  constructor(request: RunRequest) {
    this.#request = request
    this.#only = request.options.only
  }

  /** Returns the databases of the plan: one whose server was lost meanwhile is left out. */
  async plan(open: OpenTargets): Promise<PlannedRun> {
    const { config, options, shards } = this.#request
    const { direction, steps } = options
    // Also where no plan is possible before the lock: what is reverted by then must not make room for the migration below it.
    if (direction === 'down' && steps !== null) this.#only ??= nameLast(open.targets, steps)
    const only = this.#only === undefined ? {} : { only: this.#only }
    const made = await planReached(config, open, { ...options, ...only }, shards)
    if (steps !== null) this.#only ??= new Set(made.plan.targets.flatMap((target) => target.steps.map(stepName)))
    return made
  }
}

/** What a plan is approved with. */
export type Approval = Pick<RunRequest, 'config' | 'options' | 'emit' | 'confirm'>

/** Shows a plan and stops the run where something in it fails, is not allowed or not confirmed. */
export async function approve(request: Approval, plan: Plan): Promise<void> {
  // Judging hazards is a large part of the tool, and most runs have nothing to do. The codes of `--allow` are checked all the same.
  if (hasWork(plan) || request.options.allow.length > 0) {
    const { approvePlan, findStopped, stopForeseenFailures } = await import('./approve-plan.ts')
    const permission = permissionOf(request)
    request.emit({ type: 'plan-ready', plan, stopped: findStopped(plan, permission) })
    stopForeseenFailures(plan)
    approvePlan(plan, permission)
  } else request.emit({ type: 'plan-ready', plan })
  await request.confirm(plan)
}
