import type { StoreContext } from '../contract.ts'
import type { StoreContents } from '../import-items.ts'
import type { Declaration } from './declaration.ts'
import { importMappings, importRoles, importUsers } from './import-access.ts'
import { importIndices } from './import-indices.ts'
import { importPlain } from './import-plain.ts'
import { importSnapshots } from './import-snapshots.ts'
import { importComponents, importPolicies, importTemplates } from './import-templates.ts'
import type { ElasticsearchDriver } from './ports.ts'

/** All that a server has, besides what belongs to Elasticsearch and to wwdb. */
export async function readContents(
  { driver, user }: StoreContext<Declaration, ElasticsearchDriver>,
  kinds?: ReadonlySet<string>,
): Promise<StoreContents> {
  const found = await driver.readEverything(kinds)
  const parts = [
    importPolicies(found.policies),
    importComponents(found.components, found.nodes),
    importTemplates(found),
    importIndices(found),
    importRoles(found.access),
    importUsers(found.access, user),
    importMappings(found.access),
    { items: [...importPlain(found), ...importSnapshots(found)], notDeclarable: [] },
  ]
  return {
    version: found.version,
    items: parts.flatMap(({ items }) => items),
    notDeclarable: [
      ...parts.flatMap(({ notDeclarable }) => notDeclarable),
      ...(found.synonyms === null ? [{ resource: { kind: 'synonyms set', name: '*' }, why: unreadSynonyms }] : []),
      ...found.cutSynonyms.map((name) => ({ resource: { kind: 'synonyms set', name }, why: cutSynonyms })),
      ...found.legacyTemplates.map((name) => ({
        resource: { kind: 'legacy template', name },
        why: 'It is a template of the older kind: make it an index template.',
      })),
    ],
  }
}

const cutSynonyms = 'It has more rules than the server returns: divide it into several sets.'

const unreadSynonyms =
  'This user may not read synonyms sets, so none of them is here: it needs the cluster privilege `manage_search_synonyms`.'
