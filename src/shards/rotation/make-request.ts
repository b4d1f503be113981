import type { CommandResult, Context } from '../../command/context.ts'
import type { Config } from '../../config/config.ts'
import { selectDatabases } from '../../config/config.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { ToolError } from '../../core/tool-error.ts'
import { schemasOf } from '../../migrations/plan/placeholders.ts'
import { keepPartitions } from '../partitions/keeper.ts'
import { archives, shardServers } from '../ports.ts'
import { longestPauseOf, noFamilies, selectFamilies } from '../project.ts'
import { renderShard } from '../render-shard.ts'
import { rotationHooks } from '../rotation-hooks.ts'
import { readFamilies } from '../templates/read-families.ts'
import { makePropagation } from './propagate.ts'
import type { RotationOptions, RotationRequest, RotationWork } from './request.ts'
import type { RotationReport } from './run-rotation.ts'

/** What a rotation needs to inspect and to plan. Throws ToolError `TEMPLATES_INVALID`, `UNKNOWN_FAMILY` (64), `NO_FAMILIES`. */
export async function makeRotationRequest(context: Context, options: RotationOptions): Promise<RotationRequest> {
  const config = await context.config()
  const chosen = new Set(selectDatabases(config, context.targets).map(({ name }) => name))
  const families = await readFamilies({ ...config, chosen })
  if (families.length === 0 && !(options.mayBeEmpty === true && options.families.length === 0)) throw noFamilies(config)
  const schemas = schemasOf(config)
  return {
    config,
    families,
    only: choose(config, families, options, context.targets),
    ...(options.families.length === 0 && { whole: chosen }),
    servers: keepPartitions(await context.port(shardServers), () => families),
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

/** The same with what its execution needs. */
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

/** The requested families and those that they reference, by name; null for all of them. */
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

/** The answer of a command that worked on shards. A failure decides the exit code; a defect is rethrown. */
export function toRotationResult(command: string, report: RotationReport, started: number): CommandResult {
  const { error, outcomes, now } = report
  if (error !== null && !(error instanceof ToolError)) throw error
  // Lost rows end every rotation with findings until a person has acknowledged them; requests for single shards are still
  // carried out.
  const lost = command === 'rotate run' && outcomes.some((outcome) => outcome.lost.length > 0)
  const milliseconds = performance.now() - started
  return {
    result: { kind: 'rotation', command, now: new Date(now).toISOString(), families: outcomes, milliseconds },
    exitCode: error === null ? (lost ? exitCodes.findings : exitCodes.done) : error.exitCode,
  }
}
