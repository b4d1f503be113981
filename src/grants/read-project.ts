import type { Config, DatabaseConfig } from '../config/config.ts'
import { migrationFolders } from '../migrations/files/folder.ts'
import { readMigrations } from '../migrations/files/read-migrations.ts'
import { readSeeds } from '../seeds/files/read-seeds.ts'
import { readFamilies } from '../shards/templates/read-families.ts'
import type { GrantProject } from './compute-grants.ts'

/**
 * Reads what privileges depend on; no server is asked. Throws ToolError `MIGRATIONS_INVALID`, `TEMPLATES_INVALID`, `SEEDS_INVALID`.
 */
export async function readGrantProject(config: Config): Promise<GrantProject> {
  const { migrations } = await readMigrations({ root: config.root, databases: migrationFolders(config), check: 'all' })
  return {
    config,
    migrations,
    families: await readFamilies(config),
    seeded: readSeeds(config).map(({ database }) => database),
  }
}

/** Databases by their server. */
export function groupByServer(databases: readonly DatabaseConfig[]): ReadonlyMap<string, readonly DatabaseConfig[]> {
  const groups = new Map<string, DatabaseConfig[]>()
  for (const database of databases) {
    const { label } = database.server
    groups.set(label, [...(groups.get(label) ?? []), database])
  }
  return groups
}
