import type { Emit } from '../../command/event.ts'
import type { Config } from '../../config/config.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import type { Governor } from '../../operate/governor.ts'
import type { Governors } from '../../operate/governors.ts'
import type { Contradiction } from '../contradictions.ts'
import type { ArchivePort, ShardServers, TableToCreate } from '../ports.ts'
import type { RotationHooks } from '../rotation-hooks.ts'
import type { Shard } from '../shard.ts'
import type { TargetRun } from './target-run.ts'

/** Contradictions that do not stop work on a family; `clocks` where the time decides nothing. */
type Tolerated = Contradiction['kind'] | 'clocks'

/** What a rotation needs to inspect and to plan. */
export interface RotationRequest {
  readonly config: Config
  /** All families of the project, parents before children. */
  readonly families: readonly ShardFamily[]
  /** The requested families, by name; null for all. Those that they reference are included. */
  readonly only: ReadonlySet<string> | null
  /** The databases of which all families are requested, by name: what is left there of families without a template is ended, too. Absent where families are named. */
  readonly whole?: ReadonlySet<string>
  readonly servers: ShardServers
  /** Milliseconds since the epoch by this machine's clock. */
  readonly now: () => number
  /** True for a plan at another time: `now` is used, and no other clock is read. */
  readonly rehearsal: boolean
  /** Periods to create ahead, where these are more than the policy's. */
  readonly ahead: number
  /** A run that starts this number of milliseconds after the last one retires nothing, nor do those after it. */
  readonly longestPause: number
  /** True where a person confirmed that the time is right, regardless of the last run's. */
  readonly trustClock: boolean
  /** Contradictions that do not stop work on a family: the command ends them, or does not depend on them. */
  readonly tolerates?: ReadonlySet<Tolerated>
  /** The CREATE TABLE of a shard. */
  readonly render: (family: ShardFamily, shard: Shard) => TableToCreate
  readonly emit: Emit
  readonly stop: StopRequest
}

/** Carries to the shards of a target what fan-outs left undone; returns for which families it failed. */
export type Propagate = (target: TargetRun, governor: Governor | null) => Promise<ReadonlyMap<string, unknown>>

/** What a rotation needs to execute its plan. */
export interface RotationWork extends RotationRequest {
  /** Opened when a shard is first archived or restored. */
  readonly archive: () => Promise<ArchivePort>
  /** Returns when the answer is yes; throws ToolError `NOT_CONFIRMED`. */
  readonly confirm: (what: string) => Promise<void>
  /** Asked before each step of a shard, and between the pieces of an archive; null where nothing is bounded. */
  readonly governors?: Governors | null
  /** Null where there is nothing to carry. */
  readonly propagate: Propagate | null
  /** The hooks that are asked before each family and notified afterwards; absent where there are none. */
  readonly hooks?: RotationHooks | null
}

/** What the command line says about a rotation. */
export interface RotationOptions {
  /** Families by name; empty for all. */
  readonly families: readonly string[]
  /** True where a project without a template is no error yet: a run may have begun something with families that had one. */
  readonly mayBeEmpty?: boolean
  /** True for only these families, without those that they reference. */
  readonly alone?: boolean
  readonly ahead: number
  /** Milliseconds since the epoch, for a rehearsal; null for now. */
  readonly at: number | null
  /** True where a person confirmed that the clock is right. */
  readonly trustClock?: boolean
  readonly tolerates?: readonly Tolerated[]
}
