import type { Config } from '../config/config.ts'
import type { Context } from '../core/context.ts'
import type { ShardFamily } from '../core/shard-family.ts'
import { readMigrations } from '../migrations/files/read-migrations.ts'
import { classifyStatement } from '../sql/classify.ts'
import { propagateFanOuts } from './fan-out/propagate.ts'
import type { Propagate } from './rotation/request.ts'

/** How a rotation brings shards that lag to their family's version. Migrations are read when one does. */
export function makePropagation(context: Context, config: Config, families: readonly ShardFamily[]): Propagate {
  const databases = config.databases.map(({ name, migrations: directory }) => ({ name, directory }))
  const read = async (database: string) =>
    (await readMigrations({ root: config.root, databases })).migrations.get(database) ?? []
  return (target) =>
    propagateFanOuts(
      {
        config,
        families,
        schemas: new Map(config.databases.map(({ name, schema }) => [name, schema])),
        ledgers: context.shardLedgers,
        migrations: read,
        classify: classifyStatement,
        emit: context.emit,
        stop: context.stop,
      },
      target,
    )
}
