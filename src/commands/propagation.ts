import type { Config } from '../config/config.ts'
import type { ShardFamily } from '../domain/shards/family.ts'
import { propagateFanOuts } from '../engine/shards/fan-out/propagate.ts'
import type { Propagate } from '../engine/shards/rotation/request.ts'
import { readMigrations } from '../sources/read-migrations.ts'
import { classifyStatement } from '../sql/classify.ts'
import type { Context } from './context.ts'

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
