import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import type { Config, DatabaseConfig } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import type { OpenTargets } from '../../migrations/targets.ts'
import { exitCodeWith, listUnreached } from '../../migrations/unreached.ts'
import { withTargets } from '../../migrations/with-targets.ts'
import { keepPartitions } from '../../shards/partitions/keeper.ts'
import { type LiveTable, shardServers } from '../../shards/ports.ts'
import { declareShardKeys } from '../../shards/render-shard.ts'
import { readFamilies } from '../../shards/templates/read-families.ts'
import { type DeclaredKey, declareKeys } from '../declared-keys.ts'
import { findOrphans, nameTable } from '../find-orphans.ts'
import { keyReaders } from '../ports.ts'

/** `wwdb check references`: find rows whose foreign keys have no parent. Writes nothing; exit code 1 where there are any. */
export const command = defineCommand({
  name: 'check references',
  group: 'Databases and projects',
  summary: 'find rows whose foreign keys have no parent',
  purpose:
    'Reads the foreign keys between databases from migration files and shard templates, and counts the rows whose ' +
    'key has no parent, for physical and logical keys, on one or several servers. Shows some of the missing keys. ' +
    'Rows with NULL in a key do not count. Writes nothing.',
  examples: [
    { command: 'wwdb check references', purpose: 'every key between databases' },
    { command: 'wwdb check references -t message_db --all', purpose: 'all keys of one database, those within it, too' },
    {
      command: 'wwdb check references --limit 100 --json',
      purpose: 'with up to a hundred missing keys each, for a program',
    },
  ],
  flags: {
    'What to check and show': {
      all: { description: 'foreign keys within a database, too' },
      limit: {
        value: 'NUMBER',
        type: 'integer',
        description: 'at most this many missing keys for each foreign key',
        min: 1,
        default: 5,
      },
    },
  },
  exitCodes: [...exitCodesOf.servers, exitCodes.findings],
  interruption: 'at-once',
  writes: false,
  connects: true,
  run({ all = false, limit = defaultLimit }, context) {
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
          openReader: await context.port(keyReaders),
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
  },
})

/** Samples per key without --limit. */
const defaultLimit = 5

/** The keys that templates of the open (and missing, and unreached) databases declare, with the existing shards. */
async function declareKeysOfShards(
  config: Config,
  open: OpenTargets,
  all: boolean,
  context: Context,
): Promise<readonly DeclaredKey[]> {
  const chosen = [...[...open.targets, ...open.unreached].map(({ database }) => database), ...open.missing].map(
    ({ name }) => name,
  )
  const families = (await readFamilies({ ...config, chosen: new Set(chosen) })).filter(
    ({ database, template }) => chosen.includes(database) && template.sharedReferences.length > 0,
  )
  const tables = new Map<string, readonly LiveTable[]>()
  for (const { database } of open.targets) {
    if (families.some((family) => family.database === database.name)) {
      tables.set(database.name, await listTables(config, database, families, context))
    }
  }
  return declareShardKeys(config, families, tables, all)
}

async function listTables(
  config: Config,
  database: DatabaseConfig,
  families: readonly ShardFamily[],
  context: Context,
): Promise<readonly LiveTable[]> {
  const servers = keepPartitions(await context.port(shardServers), () => families)
  const store = await servers.open(database, config.timeouts, false)
  try {
    return (await store.listTables()).filter(({ type }) => type === 'table')
  } finally {
    await store.close()
  }
}
