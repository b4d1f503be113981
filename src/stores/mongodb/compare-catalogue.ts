import { ToolError } from '../../core/tool-error.ts'
import { toErrorFindings } from '../find-drift.ts'
import type { StoreFinding } from '../finding.ts'
import type { MongodbDeclaration } from './declaration.ts'
import type { MongodbCatalogue } from './observation.ts'
import { planRoles, planUsers } from './plan-access.ts'
import { eachCollection, findCollection, planCollections } from './plan-collections.ts'
import { type Counts, planIndexes } from './plan-indexes.ts'
import type { PlannedChange } from './planned.ts'

export interface CatalogueComparison {
  readonly changes: readonly PlannedChange[]
  /** What a plan refuses: it is not as declared either. */
  readonly findings: readonly StoreFinding[]
}

/** The changes of a plan, each resource by itself: what a plan refuses because of one of them leaves the others compared. */
export function compareCatalogue(
  declaration: MongodbDeclaration,
  catalogue: MongodbCatalogue,
  counts: Counts,
  server: string,
): CatalogueComparison {
  const parts = eachCollection(declaration).flatMap(({ database, collection }): readonly CatalogueComparison[] => {
    const only = { name: database, collections: [{ ...collection, indexes: [] }] }
    const whole = attempt(() => planCollections({ ...declaration, databases: [only] }, catalogue, counts), server)
    // Of a view, or of what has another collation, indexes say nothing.
    if (whole.findings.length > 0) return [whole]
    const observed = findCollection(catalogue, database, collection.name)
    const indexes = collection.indexes.map((index) =>
      attempt(() => planIndexes(database, { ...collection, indexes: [index] }, observed, counts), server),
    )
    return [whole, ...indexes]
  })
  const access = [...planRoles(declaration, catalogue), ...planUsers(declaration, catalogue)]
  return {
    changes: [...parts.flatMap(({ changes }) => changes), ...access],
    findings: parts.flatMap(({ findings }) => findings),
  }
}

function attempt(plan: () => readonly PlannedChange[], server: string): CatalogueComparison {
  try {
    return { changes: plan(), findings: [] }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return { changes: [], findings: toErrorFindings({ store: 'mongodb', server }, error) }
  }
}
