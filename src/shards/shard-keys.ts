import type { Config } from '../config/config.ts'
import type { ShardFamily, SharedReference } from '../core/shard-family.ts'
import type { DeclaredKey } from '../references/declared-keys.ts'
import { namingOf } from './render-shard.ts'

/** The tables of each database that is there, by the database's name. */
type TablesByDatabase = ReadonlyMap<string, readonly string[]>

/**
 * The keys to shared tables that templates declare, one for each family and key, with the family's live shards. Those that lead
 * to another logical database, or with `all` every one. It makes no difference whether the server holds them.
 */
export function declareShardKeys(
  config: Config,
  families: readonly ShardFamily[],
  tables: TablesByDatabase,
  all: boolean,
): readonly DeclaredKey[] {
  return families.flatMap((family) =>
    family.template.sharedReferences
      .filter((reference) => all || reference.database !== family.database)
      .flatMap((reference) => {
        const key = declareKey(config, family, reference)
        const present = tables.get(family.database) ?? []
        return key === null ? [] : [{ ...key, shards: present.filter((name) => namingOf(family).parse(name) !== null) }]
      }),
  )
}

function declareKey(config: Config, family: ShardFamily, reference: SharedReference): DeclaredKey | null {
  const [child, parent] = [family.database, reference.database].map((name) =>
    config.databases.find((database) => database.name === name),
  )
  if (child === undefined || parent === undefined) return null
  const { columns, parentColumns, table, line } = reference
  return {
    name: `${family.name}_${columns.join('_')}`,
    child: { database: child, logical: child.name, schema: child.schema, table: family.pattern, columns },
    parent: { database: parent, logical: parent.name, schema: parent.schema, table, columns: parentColumns },
    file: family.template.file,
    line,
  }
}
