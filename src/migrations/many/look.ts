import type { Context } from '../../command/context.ts'
import type { Config, DatabaseConfig } from '../../config/config.ts'
import { groupBy } from '../../core/group-by.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { JournalSnapshot } from '../journal/rows.ts'
import type { Migration } from '../migration.ts'
import { targetServers } from '../ports.ts'
import { describeOne, type SeenTarget } from '../targets.ts'
import type { ListedTarget } from './judge-list.ts'
import type { ManySchemas, SchemaLook } from './ports.ts'

/** What one connection saw of a target: its journal, why there is none, or why its server was not reached. */
export type TargetLook =
  | { readonly type: 'seen'; readonly seen: SeenTarget }
  | { readonly type: 'absent' | 'empty' | 'unclear' }
  | { readonly type: 'not-reached'; readonly error: ToolError }

/** A schema on a server that has this database and is no longer listed. */
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

/** Looks at all targets, with one connection a server. Returns what left the list. */
export async function lookAtTargets(context: Context, request: LookRequest): Promise<readonly LeftTarget[]> {
  const servers = await context.port(targetServers)
  const groups = [...groupBy(request.targets, ({ database }) => database.server).values()]
  const left = await Promise.all(
    groups.map(async (group) => {
      const [first] = group
      if (first === undefined) return []
      const waiting = new Map(group.map((target) => [target.database.schema, target]))
      try {
        const many = await servers.openMany(first.database, request.config.timeouts)
        try {
          return await lookAtServer(request, many, first.database, waiting)
        } finally {
          await many.close()
        }
      } catch (error) {
        if (!(error instanceof ToolError)) throw error
        for (const target of waiting.values()) request.take(target, { type: 'not-reached', error })
        return []
      }
    }),
  )
  return left.flat()
}

const targetOf = ({ name, schema, server }: DatabaseConfig): Target => ({
  database: name,
  schema,
  server: server.label,
})

/** @param waiting those that were not taken yet */
async function lookAtServer(
  request: LookRequest,
  many: ManySchemas,
  first: DatabaseConfig,
  waiting: Map<string, ListedTarget>,
): Promise<readonly LeftTarget[]> {
  const listed = [...waiting.values()]
  const unlisted = many.all.filter((schema) => !waiting.has(schema) && !isOther(request.config, first, schema))
  await many.look(
    listed.map(({ database }) => targetOf(database)),
    (asked, look) => {
      const target = waiting.get(asked.schema)
      if (target === undefined) return
      waiting.delete(asked.schema)
      request.take(target, judgeLook(request, many, target, look))
    },
  )
  const known = new Map((request.migrations.get(request.name) ?? []).map((file) => [file.version, file.checksum]))
  const left: LeftTarget[] = []
  await many.look(
    unlisted.map((schema) => ({ ...targetOf(first), schema })),
    ({ schema, server }, look) => {
      if (look.type === 'journal' && isOfFiles(look.snapshot, known)) left.push({ schema, server })
    },
  )
  return left
}

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
