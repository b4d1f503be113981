import type { StoreContext } from '../contract.ts'
import type { Declaration } from './declaration.ts'
import { type ElasticsearchDriver, type ResourceKind, resourceKinds } from './ports.ts'

/**
 * Removes everything whose name begins with the prefix, users before what they use, and returns the names: `data stream pr_1_logs`. Pipelines, synonyms sets, snapshots, roles and users
 * are read only where some are declared: listing them requires a privilege that nothing else needs.
 */
export async function clear({
  declaration,
  driver,
  prefix,
}: StoreContext<Declaration, ElasticsearchDriver>): Promise<readonly string[]> {
  const removed: string[] = []
  const withAccess = declaration.roles.length + declaration.users.length + declaration.mappings.length > 0
  const withPipelines = declaration.plain.pipelines.length > 0
  const withSynonyms = declaration.plain.synonyms.length > 0
  const { repositories, policies } = declaration.snapshots
  const withSnapshots = repositories.length + policies.length > 0
  const isListed = (kind: ResourceKind): boolean =>
    kind === 'ingest pipeline'
      ? withPipelines
      : kind === 'synonyms set'
        ? withSynonyms
        : kind.startsWith('snapshot ')
          ? withSnapshots
          : withAccess || (kind !== 'user' && kind !== 'role' && kind !== 'role mapping')
  for (const kind of resourceKinds.filter(isListed)) {
    for (const name of await driver.list(kind, prefix)) {
      await driver.remove(kind, name)
      removed.push(`${kind} ${name}`)
    }
  }
  return removed
}
