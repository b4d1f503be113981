import type { Emit } from '../../command/event.ts'
import type { Config } from '../../config/config.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import type { Contradiction } from '../contradictions.ts'
import type { ArchivePort, RotationHooks, ShardServers, TableToCreate } from '../ports.ts'
import type { Shard } from '../shard.ts'
import type { TargetRun } from './target-run.ts'

/** What is no reason to leave a family alone; `clocks` where the time decides nothing. */
type Tolerated = Contradiction['kind'] | 'clocks'

/** What a rotation needs to look and to plan. */
export interface RotationRequest {
  readonly config: Config
  /** All families of the project, parents before children. */
  readonly families: readonly ShardFamily[]
  /** The families asked for, by name; null for all. What they refer to comes with them. */
  readonly only: ReadonlySet<string> | null
  readonly servers: ShardServers
  /** Milliseconds since the epoch by this machine's clock. */
  readonly now: () => number
  /** True for a plan at another time: `now` is believed, and no other clock is asked. */
  readonly rehearsal: boolean
  /** Periods to have ahead, where these are more than the policy's. */
  readonly ahead: number
  /** A run that starts this number of milliseconds after the last one retires nothing, nor do those after it. */
  readonly longestPause: number
  /** True where a person confirmed that the time is right, regardless of the last run's. */
  readonly trustClock: boolean
  /** Contradictions that are no reason to leave a family alone: what the command does ends them, or does not depend on them. */
  readonly tolerates?: ReadonlySet<Tolerated>
  /** The CREATE TABLE of a shard. */
  readonly render: (family: ShardFamily, shard: Shard) => TableToCreate
  readonly emit: Emit
  readonly stop: StopRequest
}

/** Carries what fan-outs left undone to the shards of a target; says for which families it failed. */
export type Propagate = (target: TargetRun) => Promise<ReadonlyMap<string, unknown>>

/** What a rotation needs to do what it planned. */
export interface RotationWork extends RotationRequest {
  /** Opened when a shard is first archived or brought back. */
  readonly archive: () => Promise<ArchivePort>
  /** Returns when the question was answered with yes; throws ToolError `NOT_CONFIRMED`. */
  readonly confirm: (what: string) => Promise<void>
  /** Null where there is nothing to carry. */
  readonly propagate: Propagate | null
  /** What is asked before each family and notified after it; absent where nothing is. */
  readonly hooks?: RotationHooks | null
}

/** What the command line says about a rotation. */
export interface RotationOptions {
  /** Families by name; empty for all. */
  readonly families: readonly string[]
  /** True for these families alone, without those that they refer to. */
  readonly alone?: boolean
  readonly ahead: number
  /** Milliseconds since the epoch, for a rehearsal; null for the present. */
  readonly at: number | null
  /** True where a person confirmed that the clock is right. */
  readonly trustClock?: boolean
  readonly tolerates?: readonly Tolerated[]
}
