import type { Context } from '../../command/context.ts'
import type { Config, DatabaseConfig } from '../../config/config.ts'
import { groupBy } from '../../core/group-by.ts'
import type { Target } from '../../core/target.ts'
import { inOneSentence, ToolError } from '../../core/tool-error.ts'
import type { JournalSnapshot } from '../journal/rows.ts'
import type { Migration } from '../migration.ts'
import { targetServers } from '../ports.ts'
import { describeOne, type SeenTarget } from '../targets.ts'
import type { ListedTarget } from './judge-list.ts'
import { Places } from './places.ts'
import type { ManySchemas, SchemaLook } from './ports.ts'

/** What one connection saw of a target: its journal, why there is none, or why its server was not reached. */
export type TargetLook =
  | { readonly type: 'seen'; readonly seen: SeenTarget }
  | { readonly type: 'absent' | 'empty' | 'unclear' }
  | { readonly type: 'not-reached'; readonly error: ToolError }

/** A schema on a server that has a migration of this database and is not listed. */
export interface LeftTarget {
  readonly schema: string
  readonly server: string
}

interface LookRequest {
  readonly config: Config
  readonly name: string
  readonly migrations: ReadonlyMap<string, readonly Migration[]>
  readonly targets: readonly ListedTarget[]
  /** Is given each target as its answer comes: nothing of it need be kept. */
  readonly take: (target: ListedTarget, look: TargetLook) => void
}

/** The configuration in which the database is this one target. */
export function configOf(config: Config, { database }: ListedTarget): Config {
  return { ...config, databases: config.databases.map((one) => (one.name === database.name ? database : one)) }
}

/** Targets with one address, and the connection that looks at them. */
interface Group {
  readonly listed: readonly ListedTarget[]
  readonly first: DatabaseConfig
  readonly many: ManySchemas
}

/**
 * Looks at all targets, with one connection a server. Returns which schemas have this database and are not listed. Throws ToolError `TARGETS_INVALID` where two entries of the list, or
 * one and another database, are the same schema of one server, before any target is taken.
 */
export async function lookAtTargets(context: Context, request: LookRequest): Promise<readonly LeftTarget[]> {
  const servers = await context.port(targetServers)
  const lists = [...groupBy(request.targets, ({ database }) => database.server).values()]
  const opened: Group[] = []
  const lost: { readonly listed: readonly ListedTarget[]; readonly error: ToolError }[] = []
  try {
    await settleAll(
      lists.map(async (listed) => {
        const [first] = listed
        if (first === undefined) return
        try {
          const many = await servers.openMany(first.database, request.config.timeouts)
          opened.push({ listed, first: first.database, many })
        } catch (error) {
          if (!(error instanceof ToolError)) throw error
          lost.push({ listed, error })
        }
      }),
    )
    const places = new Places(opened)
    places.refuseTwins(await places.findOthers(servers, request.config))
    for (const { listed, error } of lost)
      for (const target of listed) request.take(target, { type: 'not-reached', error })
    const left = await settleAll(opened.map((group) => lookAtGroup(context, request, group, places)))
    const unique = new Map(left.flat().map((one) => [`${one.server}\n${one.schema}`, one]))
    return [...unique.values()]
  } finally {
    await Promise.allSettled(opened.map(({ many }) => many.close()))
  }
}

/** Rejects only when all have ended. */
async function settleAll<T>(all: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(all)
  return Promise.all(all)
}

async function lookAtGroup(
  { emit, stop }: Context,
  request: LookRequest,
  group: Group,
  places: Places,
): Promise<readonly LeftTarget[]> {
  const { listed, first, many } = group
  const waiting = new Map(listed.map((target) => [target.database.schema, target]))
  try {
    await many.look(
      listed.map(({ database }) => targetOf(database)),
      (asked, look) => {
        const target = waiting.get(asked.schema)
        if (target === undefined) return
        waiting.delete(asked.schema)
        request.take(target, judgeLook(request, many, target, look))
      },
    )
    return stop.requested ? [] : await findLeft(request, group, places)
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    for (const target of waiting.values()) request.take(target, { type: 'not-reached', error })
    const message = `On ${first.server.label} nobody looked for schemas that are not in the list of \`${request.name}\`: ${inOneSentence(error.faults[0] ?? { what: error.message })}`
    if (waiting.size === 0) emit({ type: 'warning', message, target: null })
    return []
  }
}

async function findLeft(
  { config, migrations, name }: LookRequest,
  { first, many }: Group,
  places: Places,
): Promise<readonly LeftTarget[]> {
  const known = new Map((migrations.get(name) ?? []).map((file) => [file.version, file.checksum]))
  if (known.size === 0) return []
  const unlisted = many.all.filter((schema) => !places.has(many, schema) && !isOther(config, first, schema))
  const left: LeftTarget[] = []
  await many.look(
    unlisted.map((schema) => ({ ...targetOf(first), schema })),
    ({ schema, server }, look) => {
      if (look.type === 'journal' && isOfFiles(look.snapshot, known)) left.push({ schema, server })
    },
  )
  return left
}

const targetOf = ({ name, schema, server }: DatabaseConfig): Target => ({
  database: name,
  schema,
  server: server.label,
})

const ofServers = new Set(['mysql', 'sys', 'information_schema', 'performance_schema'])

/** Schemas of the server itself, of wwdb, of other databases of the configuration, and of another prefix. */
function isOther({ databases, prefix }: Config, { server }: DatabaseConfig, schema: string): boolean {
  if (ofServers.has(schema.toLowerCase()) || schema.startsWith('wwdb_') || !schema.startsWith(prefix)) return true
  return databases.some(
    (one) => one.targets === undefined && one.server.label === server.label && one.schema === schema,
  )
}

/** A journal that has one of the files, with the same text, is that of a schema of this database. */
function isOfFiles({ passes }: JournalSnapshot, known: ReadonlyMap<string, string>): boolean {
  return passes.some(({ version, checksum, direction }) => direction === 'up' && known.get(version) === checksum)
}

function judgeLook(
  { config, migrations }: LookRequest,
  { facts }: ManySchemas,
  target: ListedTarget,
  look: SchemaLook,
): TargetLook {
  if (look.type !== 'journal') return look
  const session = { target: targetOf(target.database), facts }
  try {
    const request = { config: configOf(config, target), migrations }
    return { type: 'seen', seen: describeOne(request, { database: target.database, session, snapshot: look.snapshot }) }
  } catch (error) {
    // It contradicts the configuration: its own run reports that.
    if (error instanceof ToolError) return { type: 'unclear' }
    throw error
  }
}
