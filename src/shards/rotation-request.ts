import { readCron } from '../calendar/cron.ts'
import { longestInterval } from '../calendar/longest-interval.ts'
import type { Config } from '../config/config.ts'
import { selectDatabases } from '../config/selected-databases.ts'
import type { Context } from '../core/context.ts'
import type { ShardFamily } from '../core/shard-family.ts'
import { ToolError } from '../core/tool-error.ts'
import { makePropagation } from './propagation.ts'
import { renderShard } from './render-shard.ts'
import type { RotationRequest, RotationWork } from './rotation/request.ts'
import { selectFamilies } from './selected-families.ts'
import { readFamilies } from './templates/read-families.ts'

/** What the command line says about a rotation. */
export interface RotationWish {
  /** Families by name; empty for all. */
  readonly families: readonly string[]
  /** Where the names come from, for the sentence about one that is not known. */
  readonly given?: string
  /** True for these families alone, without those that they refer to. */
  readonly alone?: boolean
  readonly ahead: number
  /** Milliseconds since the epoch, for a rehearsal; null for the present. */
  readonly at: number | null
  /** A person says that the clock is right. */
  readonly trustClock?: boolean
}

/** Three runs missed are an outage, and so is a week. Milliseconds. */
const shortestPause = 7 * 86_400_000

/** What a rotation needs to look and to plan. Throws ToolError `TEMPLATES_INVALID`, `UNKNOWN_FAMILY` (64), `NO_FAMILIES`. */
export async function makeRotationRequest(context: Context, wish: RotationWish): Promise<RotationRequest> {
  const config = await context.config()
  const families = await readFamilies(config)
  if (families.length === 0) throw noFamilies(config)
  const schemas = new Map(config.databases.map(({ name, schema }) => [name, schema]))
  return {
    config,
    families,
    only: choose(config, families, wish, context.targets),
    servers: await context.shardServers(),
    now: wish.at === null ? context.now : () => wish.at ?? context.now(),
    rehearsal: wish.at !== null,
    ahead: wish.ahead,
    longestPause: longestPauseOf(config),
    trustClock: wish.trustClock ?? false,
    render: (family, shard) => renderShard(family, shard, { schemas, families }),
    emit: context.emit,
    stop: context.stop,
  }
}

/** The same with what doing it needs. */
export async function makeRotationWork(context: Context, wish: RotationWish): Promise<RotationWork> {
  const request = await makeRotationRequest(context, wish)
  return {
    ...request,
    archive: context.archive,
    confirm: (what) => context.confirm({ what, level: 'moderate', name: 'rotate' }),
    propagate: makePropagation(context, request.config, request.families),
  }
}

/** The families asked for and those that they refer to, by name; null for all of them. */
function choose(
  config: Config,
  families: readonly ShardFamily[],
  wish: RotationWish,
  targets: readonly string[],
): ReadonlySet<string> | null {
  const named = selectFamilies(families, wish.families, wish.given)
  if (wish.families.length === 0 && targets.length === 0) return null
  const databases = new Set(selectDatabases(config, targets).map(({ name }) => name))
  const asked = named.filter(({ database }) => databases.has(database))
  return wish.alone === true ? new Set(asked.map(({ name }) => name)) : withParents(families, asked)
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

/** A command for shards in a project that has none. */
export function noFamilies({ file }: Config): ToolError {
  return new ToolError('NO_FAMILIES', {
    what: 'There are no shard families.',
    ...(file === null ? {} : { where: { file } }),
    why: 'A family is a file `shard-templates/<database>/<family>.sql`.',
    next: 'Write a template, and try it with `wwdb template check`.',
  })
}

/** Milliseconds. */
export function longestPauseOf({ rotation }: Config): number {
  const cron = rotation.schedule === null ? null : readCron(rotation.schedule)
  return cron?.type === 'cron' ? Math.max(shortestPause, 3 * longestInterval(cron.fields)) : shortestPause
}
