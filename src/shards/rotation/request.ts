import type { CommandResult, Context } from '../../command/context.ts'
import type { Emit } from '../../command/event.ts'
import type { Config } from '../../config/config.ts'
import { selectDatabases } from '../../config/config.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import { ToolError } from '../../core/tool-error.ts'
import { schemasOf } from '../../migrations/plan/placeholders.ts'
import type { Contradiction } from '../contradictions.ts'
import {
  type ArchivePort,
  archives,
  type RotationHooks,
  rotationHooks,
  type ShardServers,
  shardServers,
  type TableToCreate,
} from '../ports.ts'
import { longestPauseOf, noFamilies, selectFamilies } from '../project.ts'
import { renderShard } from '../render-shard.ts'
import type { Shard } from '../shard.ts'
import { readFamilies } from '../templates/read-families.ts'
import { makePropagation } from './propagate.ts'
import type { RotationReport } from './run-rotation.ts'
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

/** What a rotation needs to look and to plan. Throws ToolError `TEMPLATES_INVALID`, `UNKNOWN_FAMILY` (64), `NO_FAMILIES`. */
export async function makeRotationRequest(context: Context, options: RotationOptions): Promise<RotationRequest> {
  const config = await context.config()
  const chosen = new Set(selectDatabases(config, context.targets).map(({ name }) => name))
  const families = await readFamilies({ ...config, chosen })
  if (families.length === 0) throw noFamilies(config)
  const schemas = schemasOf(config)
  return {
    config,
    families,
    only: choose(config, families, options, context.targets),
    servers: await context.port(shardServers),
    now: options.at === null ? context.now : () => options.at ?? context.now(),
    rehearsal: options.at !== null,
    ahead: options.ahead,
    longestPause: longestPauseOf(config),
    trustClock: options.trustClock ?? false,
    tolerates: new Set(options.tolerates),
    render: (family, shard) => renderShard(family, shard, { schemas, families }),
    emit: context.emit,
    stop: context.stop,
  }
}

/** The same with what doing it needs. */
export async function makeRotationWork(context: Context, options: RotationOptions): Promise<RotationWork> {
  const request = await makeRotationRequest(context, options)
  return {
    ...request,
    archive: () => context.port(archives),
    confirm: (what) => context.confirm({ what, level: 'moderate', name: 'rotate' }),
    propagate: makePropagation(context, request.config, request.families),
    hooks: await context.port(rotationHooks),
  }
}

/** The families asked for and those that they refer to, by name; null for all of them. */
function choose(
  config: Config,
  families: readonly ShardFamily[],
  options: RotationOptions,
  targets: readonly string[],
): ReadonlySet<string> | null {
  const named = selectFamilies(families, options.families)
  if (options.families.length === 0 && targets.length === 0) return null
  const databases = new Set(selectDatabases(config, targets).map(({ name }) => name))
  const asked = named.filter(({ database }) => databases.has(database))
  return options.alone === true ? new Set(asked.map(({ name }) => name)) : withParents(families, asked)
}

function withParents(families: readonly ShardFamily[], asked: readonly ShardFamily[]): ReadonlySet<string> {
  const selected = new Set<string>()
  const add = ({ name, template }: ShardFamily): void => {
    if (selected.has(name)) return
    selected.add(name)
    for (const family of families) if (template.siblings.includes(family.name)) add(family)
  }
  for (const family of asked) add(family)
  return selected
}

/** The answer of a command that worked on shards. What went wrong decides the exit code; a defect is thrown as it is. */
export function toRotationResult(command: string, report: RotationReport, started: number): CommandResult {
  const { error, outcomes, now } = report
  if (error !== null && !(error instanceof ToolError)) throw error
  // Lost rows end every rotation with findings until a person has acknowledged them; what was asked for single shards is done.
  const lost = command === 'rotate run' && outcomes.some((outcome) => outcome.lost.length > 0)
  const milliseconds = performance.now() - started
  return {
    result: { kind: 'rotation', command, now: new Date(now).toISOString(), families: outcomes, milliseconds },
    exitCode: error === null ? (lost ? exitCodes.findings : exitCodes.done) : error.exitCode,
  }
}
