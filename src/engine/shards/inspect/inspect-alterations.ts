import type { DatabaseConfig } from '../../../config/config.ts'
import type { FamilyAlterations } from '../../../domain/shards/alteration.ts'
import { shardOf } from '../family-view.ts'
import type { ShardStore } from '../ports.ts'
import { KeySources } from '../rotation/read-target.ts'
import { alterFamily } from './alter-family.ts'
import { classifyTables } from './classify-tables.ts'
import { defineShapes } from './describe-groups.ts'
import { groupShapes, type ShapedShard } from './group-shapes.ts'
import type { InspectionRequest } from './request.ts'
import { tryTemplate } from './try-template.ts'
import { type ViewedFamily, viewFamilies } from './view-families.ts'

/** A family's shards with what brings them back to the template. */
export interface AlteredFamily {
  readonly viewed: ViewedFamily
  readonly shards: readonly ShapedShard[]
  readonly alterations: FamilyAlterations
  /** What a shard that is like the template has. */
  readonly fingerprint: string
}

/**
 * Compares the shards of one target with what their templates make in a scratch schema, and works out what would bring
 * them back. Takes no lock; changes no table.
 */
export async function inspectAlterations(
  request: Omit<InspectionRequest, 'scratch' | 'readKnown'>,
  database: DatabaseConfig,
  store: ShardStore,
): Promise<readonly AlteredFamily[]> {
  const families = request.families.filter((family) => family.database === database.name)
  const [registry, tables] = [await store.readRegistry(), await store.listTables()]
  const viewed = await viewFamilies(store.target, families, { registry, tables }, new KeySources(request))
  const { keys } = classifyTables(viewed.map(({ view }) => view))
  const shapes = await store.readShapes(null, 'fingerprint')
  const altered: AlteredFamily[] = []
  for (const family of viewed) {
    const { name } = family.view.family
    if (request.only !== null && !request.only.has(name)) continue
    const shards = [...(keys.get(name) ?? [])].flatMap((key): readonly ShapedShard[] => {
      const shard = shardOf(family.view, key)
      const shape = shard === null ? undefined : shapes.get(shard.table)
      if (shard === null || shape === undefined) return []
      return [{ shard, fingerprint: shape.fingerprint, record: family.view.records.get(key) ?? null }]
    })
    const [first] = shards
    if (first === undefined) continue
    const template = await tryTemplate(store, viewed, family, first.shard, request.render)
    const grouped = groupShapes(shards, family.record, template.fingerprint)
    const defined = await defineShapes(store, viewed, family, grouped, template.definition)
    altered.push({
      viewed: family,
      shards,
      alterations: alterFamily(family, grouped, defined),
      fingerprint: template.fingerprint,
    })
  }
  return altered
}
