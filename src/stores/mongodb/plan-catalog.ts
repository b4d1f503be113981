import { ToolError } from '../../core/tool-error.ts'
import { type SaidFinding, toErrorFindings } from '../find-drift.ts'
import type { Declaration } from './declaration.ts'
import type { Observation } from './observe.ts'
import { planRoles, planUsers } from './plan-access.ts'
import { eachCollection, findCollection, planCollections } from './plan-collections.ts'
import { type CompatibilityInput, planCompatibility, raisesCompatibility } from './plan-compatibility.ts'
import { planDefaults } from './plan-defaults.ts'
import { planIndexes } from './plan-indexes.ts'
import { keepsPreImages } from './plan-kinds.ts'
import { type ObservedOplogs, planOplog } from './plan-oplog.ts'
import { planProfiling } from './plan-profiling.ts'
import type { MongodbChange } from './plan-set.ts'
import { eachView, planViews } from './plan-views.ts'
import type { Catalog } from './ports.ts'

type ObservedServers = ObservedOplogs & Pick<Observation, 'profiling'> & Pick<CompatibilityInput, 'members'>

/** The changes for everything but the set: roles and collections, then indexes, then users. */
export function planCatalog(
  declaration: Declaration,
  catalog: Catalog,
  { counts, ...servers }: ObservedServers & Pick<Observation, 'counts'>,
): readonly MongodbChange[] {
  const compatibility = planSetCompatibility(declaration, catalog, servers)
  const { members } = servers
  const isRaised = raisesCompatibility(declaration.compatibility, { observed: catalog.compatibility, members })
  return [
    ...(isRaised ? compatibility : []),
    ...planCollections(declaration, catalog, counts),
    ...planViews(declaration, catalog),
    ...planRoles(declaration, catalog),
    ...planUsers(declaration, catalog),
    ...planServers(declaration, catalog, servers),
    ...(isRaised ? [] : compatibility),
  ]
}

function planSetCompatibility(
  { compatibility }: Declaration,
  catalog: Catalog,
  { members }: ObservedServers,
): readonly MongodbChange[] {
  const keeping = catalog.collections
    .filter(({ options }) => keepsPreImages(options))
    .map(({ database, name }) => `${database}.${name}`)
  return planCompatibility(compatibility, { observed: catalog.compatibility, members, keeping })
}

/** What belongs to the servers, not to a database. */
function planServers(
  { defaults, profiling, oplog }: Declaration,
  catalog: Catalog,
  observed: ObservedServers,
): readonly MongodbChange[] {
  return [
    ...planDefaults(defaults, catalog.defaults),
    ...planProfiling(profiling, observed.profiling),
    ...planOplog(oplog, observed),
  ]
}

export interface CatalogComparison {
  readonly changes: readonly MongodbChange[]
  /** What a plan refuses is not as declared either. */
  readonly findings: readonly SaidFinding[]
}

/** The changes of a plan, each resource separately: a refusal for one of them does not stop the comparison of the others. */
export function compareCatalog(
  declaration: Declaration,
  catalog: Catalog,
  { counts, ...servers }: ObservedServers & Pick<Observation, 'counts'>,
  server: string,
): CatalogComparison {
  const parts = eachCollection(declaration).flatMap(({ database, collection }): readonly CatalogComparison[] => {
    const only = { name: database, views: [], collections: [{ ...collection, indexes: [] }] }
    const whole = attempt(() => planCollections({ ...declaration, databases: [only] }, catalog, counts), server)
    // For a view, or a collection with another collation, indexes are not compared.
    if (whole.findings.length > 0) return [whole]
    const observed = findCollection(catalog, database, collection.name)
    const indexes = collection.indexes.map((index) =>
      attempt(() => planIndexes(database, { ...collection, indexes: [index] }, observed, counts), server),
    )
    return [whole, ...indexes]
  })
  const views = eachView(declaration).map(({ database, view }) =>
    attempt(
      () => planViews({ ...declaration, databases: [{ name: database, collections: [], views: [view] }] }, catalog),
      server,
    ),
  )
  const compatibility = attempt(() => planSetCompatibility(declaration, catalog, servers), server)
  const others = [
    ...compatibility.changes,
    ...planRoles(declaration, catalog),
    ...planUsers(declaration, catalog),
    ...planServers(declaration, catalog, servers),
  ]
  return {
    changes: [...[...parts, ...views].flatMap(({ changes }) => changes), ...others],
    findings: [...parts, ...views, compatibility].flatMap(({ findings }) => findings),
  }
}

export function attempt(plan: () => readonly MongodbChange[], server: string): CatalogComparison {
  try {
    return { changes: plan(), findings: [] }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return { changes: [], findings: toErrorFindings({ store: 'mongodb', server }, error) }
  }
}
