import { compileNaming } from '../calendar/naming.ts'
import type { ShardFamily } from '../core/shard-family.ts'
import type { Target } from '../core/target.ts'
import type { SchemaScope, SnapshotReading } from '../ddl/snapshot.ts'
import { findAdoptedTables } from '../migrations/files/adopted-list.ts'
import { isBackTrigger, isToolTrigger, readLeftoverName } from '../operate/online/leftover-names.ts'
import { compilePattern } from '../sql/object-pattern.ts'
import { contradicted, findContradictions } from './contradictions.ts'
import { isHoldName, isLoadName } from './shard.ts'
import { isSplitTrigger } from './split/split-names.ts'
import type { FamilyRequest } from './templates/read-families.ts'

/**
 * What a snapshot of a schema leaves out: vindexes that templates name, wwdb's own tables, tables that a rotation holds or loads, shards, the tables that have them as partitions, and the views over them (`shards check`
 * compares them with their templates), and tables of online schema change tools. Pure.
 */
function scopeOfSchemas(families: readonly ShardFamily[], unmanaged: readonly string[], fold: boolean): SchemaScope {
  const namings = families.map(({ database, name, formerNames = [], keeper, pattern, division, policy, vindex }) => ({
    database,
    vindex: vindex?.name,
    view: policy.view?.name,
    wholes: keeper === 'partition' ? [name, ...formerNames] : [],
    naming: compileNaming(pattern, division),
  }))
  const isLeftOut = (database: string, table: string): boolean =>
    table.toLowerCase().startsWith('wwdb_') ||
    isHoldName(table) ||
    isLoadName(table) ||
    readLeftoverName(table) !== null ||
    namings.some(
      (one) =>
        one.database === database &&
        (one.view === table || one.wholes.includes(table) || one.naming.parse(table) !== null),
    )
  const patterns = unmanaged.map(compilePattern)
  const isForeign = (database: string, name: string): boolean => patterns.some((names) => names(database, name))
  return (database, { type, name, table, isRegistered = false }) => {
    // A table that wwdb recorded as a shard is one, even where its template has another pattern now, or is gone.
    if (fold && isRegistered && (type === 'table' || type === 'trigger')) return true
    // Rotation makes it with the first shard.
    if (type === 'vindex') return namings.some((one) => one.database === database && one.vindex === name)
    if (isForeign(database, name) || (table !== null && isForeign(database, table))) return true
    if (type === 'trigger')
      return isToolTrigger(name) || isBackTrigger(name) || isSplitTrigger(name) || isLeftOut(database, table ?? '')
    return (type === 'table' || type === 'view') && isLeftOut(database, name)
  }
}

/** The parts of a configuration that determine what a snapshot leaves out. */
export type ScopeConfig = FamilyRequest & {
  readonly databases: readonly { readonly name: string; readonly migrations: string }[]
  readonly drift: { readonly unmanaged: readonly string[] }
}

/**
 * The scope of a project: its templates and the lists of what was adopted are read. Throws ToolError `TEMPLATES_INVALID`, `ADOPT_REFUSED`.
 * @param shards `write` leaves no shard out
 */
export async function findScope(config: ScopeConfig, shards: 'fold' | 'write' = 'fold'): Promise<SchemaScope> {
  const { readFamilies } = await import('./templates/read-families.ts')
  const families = shards === 'write' ? [] : await readFamilies(config)
  return addAdopted(config, scopeOfSchemas(families, config.drift.unmanaged, shards === 'fold'))
}

/** The same for a run: templates with mistakes do not stop a migration, and count as far as they can be read. */
export async function readScope(config: ScopeConfig): Promise<SchemaScope> {
  const { inspectFamilies } = await import('./templates/read-families.ts')
  return addAdopted(config, scopeOfSchemas((await inspectFamilies(config)).families, config.drift.unmanaged, true))
}

/** Tables of tools whose history was adopted are also left out. */
async function addAdopted({ databases }: ScopeConfig, scope: SchemaScope): Promise<SchemaScope> {
  const isAdopted = await findAdoptedTables(databases)
  return (database, object) => isAdopted(database, object.table ?? object.name) || scope(database, object)
}

/**
 * Shards that a comparison of schemas must not ignore: those that are recorded under another family, or do not match the header. Without this check, a changed
 * header would turn all of them into unwanted tables. Throws ToolError `FAMILY_RENAMED`, `FAMILY_HEADER_CHANGED`.
 */
export async function refuseContradictedShards(
  config: ScopeConfig,
  target: Target,
  { shards }: Pick<SnapshotReading, 'shards'>,
): Promise<readonly string[]> {
  if (shards.length === 0) return []
  const { inspectFamilies } = await import('./templates/read-families.ts')
  const families = (await inspectFamilies(config)).families.filter(({ database }) => database === target.database)
  const recorded = shards.map((shard) => ({ ...shard, archive: null, protection: null }))
  const tables = new Map(shards.map(({ table }) => [table, 'table'] as const))
  const found = families.flatMap((family) => {
    const one = { family, target, naming: compileNaming(family.pattern, family.division), tables, census: null }
    return findContradictions(one, { shards: recorded, traces: [] }, families)
  })
  const error = contradicted(found.filter(({ kind }) => kind === 'renamed' || kind === 'header'))
  if (error !== null) throw error
  const known = new Set(families.map(({ name }) => name))
  return [...new Set(shards.map(({ family }) => family))].filter((family) => !known.has(family))
}
