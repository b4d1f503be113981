import * as z from 'zod/mini'
import type { Config, DatabaseConfig } from '../../config/config.ts'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { OpenTargets } from '../../migrations/targets.ts'
import { exitCodeWith, listUnreached } from '../../migrations/unreached.ts'
import { withTargets } from '../../migrations/with-targets.ts'
import { declareShardKeys } from '../../shards/render-shard.ts'
import { readFamilies } from '../../shards/templates/read-families.ts'
import { type DeclaredKey, declareKeys } from '../declared-keys.ts'
import { findOrphans, nameTable } from '../find-orphans.ts'

export const input = z.strictObject({
  all: z.optional(z.boolean()),
  limit: z.optional(z.number().check(z.int(), z.positive())),
})

/** Samples a key without --limit. */
const defaultLimit = 5

/** `wwdb check references`: rows whose foreign keys point at nothing. Writes nothing; exit code 1 where there are any. */
export function run(
  { all = false, limit = defaultLimit }: z.infer<typeof input>,
  context: Context,
): Promise<CommandResult> {
  return withTargets(
    context,
    { writable: false, missing: 'skip', unreached: 'skip' },
    async (config, open, migrations) => {
      const declared = [
        ...(await declareKeys(config, open, migrations, all)),
        ...(await declareKeysOfShards(config, open, all, context)),
      ]
      const { checks: keys, isIncomplete } = await findOrphans({
        config,
        keys: declared,
        servers: await context.servers(),
        limit,
        starting: ({ child }, index) => {
          const place = `${nameTable(child)} (${child.columns.join(', ')})`
          context.emit({ type: 'progress', message: `Checking ${place}, ${index + 1} of ${declared.length}` })
        },
      })
      const found = keys.some((key) => key.state === 'orphaned')
      const unreached = listUnreached(open.unreached)
      return {
        result: { kind: 'orphans', references: open.references, keys, unreached },
        exitCode: exitCodeWith(found ? exitCodes.findings : exitCodes.done, isIncomplete || unreached.length > 0),
      }
    },
  )
}

/** The keys that templates of the open (and missing, and unreached) databases declare, with the shards that are there. */
async function declareKeysOfShards(
  config: Config,
  open: OpenTargets,
  all: boolean,
  context: Context,
): Promise<readonly DeclaredKey[]> {
  const chosen = [...[...open.targets, ...open.unreached].map(({ database }) => database), ...open.missing].map(
    ({ name }) => name,
  )
  const families = (await readFamilies(config)).filter(
    ({ database, template }) => chosen.includes(database) && template.sharedReferences.length > 0,
  )
  const tables = new Map<string, readonly string[]>()
  for (const { database } of open.targets) {
    if (families.some((family) => family.database === database.name)) {
      tables.set(database.name, await listTables(config, database, context))
    }
  }
  return declareShardKeys(config, families, tables, all)
}

async function listTables(config: Config, database: DatabaseConfig, context: Context): Promise<readonly string[]> {
  const servers = await context.shardServers()
  const store = await servers.open(database, config.timeouts, false)
  try {
    return (await store.listTables()).filter(({ type }) => type === 'table').map(({ name }) => name)
  } finally {
    await store.close()
  }
}
