import { closestName } from '../../core/closest-name.ts'
import type { Migration } from '../../core/migration.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { ToolError } from '../../core/tool-error.ts'

/** The family that a migration runs on. Throws ToolError `UNKNOWN_FAMILY`. */
export function findFamily(families: readonly ShardFamily[], migration: Migration): ShardFamily {
  const own = families.filter((family) => family.database === migration.database)
  const found = own.find((family) => family.name === migration.shards)
  if (found !== undefined) return found
  const names = own.map((family) => family.name)
  const close = closestName(migration.shards ?? '', names)
  const known =
    names.length === 0 ? `${migration.database} has no templates.` : `${migration.database} has ${names.join(', ')}.`
  throw new ToolError('UNKNOWN_FAMILY', {
    what: `The header "wwdb:shards" names ${migration.shards}, which is no shard family of ${migration.database}`,
    where: { file: migration.file, database: migration.database },
    next: close === null ? known : `Did you mean ${close}? ${known}`,
  })
}
