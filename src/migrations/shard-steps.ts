import type { Emit } from '../command/event.ts'
import type { StopRequest } from '../core/stop-request.ts'
import type { SchemaScope } from '../ddl/snapshot.ts'
import type { Governor } from '../operate/governor.ts'
import type { BlockerKiller } from '../operate/kill-blockers.ts'
import type { StepRun } from './execute/work.ts'
import type { OnlineChanges } from './online-changes.ts'
import type { Schemas } from './plan/placeholders.ts'
import type { Plan } from './plan.ts'
import type { Session } from './ports.ts'
import type { OpenTarget } from './targets.ts'

/** What a run provides to the steps that run on shards. */
export interface ShardStepsRun {
  readonly schemas: Schemas
  readonly emit: Emit
  readonly stop: StopRequest
  /** Asked before each batch of shards; null where nothing is limited. */
  readonly governor: Governor | null
  /** What kills sessions that hold the tables of definitions; null where nobody may be killed. */
  readonly killer: BlockerKiller | null
  /** What makes the statements with `-- wwdb:online`; absent where the server makes them itself. */
  readonly online?: OnlineChanges | undefined
}

/** Steps of a target in executable form, and the session that can run them. */
export interface PreparedSteps {
  readonly runs: readonly StepRun[]
  readonly session: Session
}

/**
 * Migrations with `-- wwdb:shards`: the caller of a run provides how such steps are planned and executed; the run knows nothing else about
 * shards.
 */
export interface ShardSteps {
  /**
   * Adds to these steps the shards that they run on. @param probe false skips what is tried in a scratch schema
   */
  readonly plan: (plan: Plan, targets: readonly OpenTarget[], schemas: Schemas, probe: boolean) => Promise<Plan>
  /** Turns each such step into one that the executor of plain steps can run. */
  readonly prepare: (run: ShardStepsRun, target: OpenTarget, runs: readonly StepRun[]) => Promise<PreparedSteps>
  /** What a record of the schema leaves out: shards, and other objects that do not come from files. */
  readonly scope: () => Promise<SchemaScope>
}
