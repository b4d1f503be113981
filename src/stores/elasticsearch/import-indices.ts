import { type ImportedItem, type NotDeclarable, type StoreContents, toItem } from '../import-items.ts'
import { mergeSettings } from './compare-trees.ts'
import type { AliasMember, JsonObject } from './declaration.ts'
import type { FoundAlias, ServerContents } from './import-ports.ts'
import { findSeries } from './import-series.ts'
import { divide } from './import-templates.ts'
import { isSuccessorOf, isWhole, type ObservedIndex } from './index-ports.ts'
import { isOfServer } from './server-settings.ts'

/** Indices that nothing rolls over, and the aliases that lead to them. */
export function importIndices(found: ServerContents): Omit<StoreContents, 'version'> {
  const plain = new Set(found.plainIndices.map(({ name }) => name))
  const rolling = new Set([...findSeries(found).values()].flatMap(({ type, names }) => (type === 'alias' ? names : [])))
  const standing = findStanding(found)
  const aliases = found.aliases.filter(({ name }) => !rolling.has(name) && ![...standing.values()].includes(name))
  const named = (index: string): string => standing.get(index) ?? index
  return divide([
    ...found.plainIndices.map((index) => importIndex({ ...index, name: named(index.name) })),
    ...aliases.map((alias) => importAlias(alias, plain, named)),
  ])
}

/** Names of indices whose documents have moved, by the index that has these now: such a name is its alias. */
function findStanding({ aliases, plainIndices }: ServerContents): ReadonlyMap<string, string> {
  return new Map(
    aliases.flatMap(({ name, members }) => {
      const [only] = members
      if (only === undefined || members.length > 1 || !isSuccessorOf(name, only.index) || !isWhole(only)) return []
      return plainIndices.some((index) => index.name === only.index) ? [[only.index, name] as const] : []
    }),
  )
}

function importIndex({ name, settings, mappings }: ObservedIndex): ImportedItem | NotDeclarable {
  const resource = { kind: 'index', name }
  const flat = mergeSettings([settings])
  const policy = flat['index.lifecycle.name']
  if (policy !== undefined) {
    const why = `It follows lifecycle policy \`${String(policy)}\`, and no file can declare that of an index that no alias rolls over.`
    return { resource, why }
  }
  const own = Object.entries(flat)
    .filter(([key]) => !isOfServer(key))
    .map(([key, value]) => [key.replace(/^index\./, ''), value] as const)
  return toItem(resource, 'indices', ['indices', name], {
    ...(own.length === 0 ? {} : { settings: Object.fromEntries(own) }),
    ...(Object.keys(mappings).length === 0 ? {} : { mappings }),
  })
}

function importAlias(
  { name, members }: FoundAlias,
  plain: ReadonlySet<string>,
  named: (index: string) => string,
): ImportedItem | NotDeclarable {
  const resource = { kind: 'alias', name }
  const other = members.find(({ index }) => !plain.has(index))
  if (other !== undefined) {
    return { resource, why: `It leads to \`${other.index}\`, which is no index under \`indices\`.` }
  }
  return toItem(resource, 'indices', ['aliases', name], {
    ...(members.some(({ isHidden }) => isHidden) ? { is_hidden: true } : {}),
    indices: Object.fromEntries(members.map((member) => [named(member.index), declareMember(member)])),
  })
}

function declareMember({ filter, indexRouting, searchRouting, isWriteIndex }: AliasMember): JsonObject {
  const routings =
    indexRouting === searchRouting
      ? { routing: indexRouting }
      : { index_routing: indexRouting, search_routing: searchRouting }
  const parts = { filter, ...routings, is_write_index: isWriteIndex }
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== null))
}
