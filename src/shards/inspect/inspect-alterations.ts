import type { DatabaseConfig } from '../../config/config.ts'
import type { FamilyAlterations } from '../alteration.ts'
import type { ShardStore } from '../ports.ts'
import { alterFamily } from './alter-family.ts'
import { defineShapes } from './describe-groups.ts'
import { groupShapes, type ShapedShard } from './group-shapes.ts'
import type { InspectionRequest } from './request.ts'
import { tryTemplate } from './try-template.ts'
import type { ViewedFamily } from './view-families.ts'
import { listShaped, selectViewed, type ViewedTarget, viewTarget } from './view-target.ts'

/** A family's shards with what brings them back to the template. */
export interface AlteredFamily {
  readonly viewed: ViewedFamily
  readonly shards: readonly ShapedShard[]
  readonly alterations: FamilyAlterations
  /** What a shard that is like the template has; null for a family without shards. */
  readonly fingerprint: string | null
}

export interface AlteredTarget {
  readonly target: ViewedTarget
  readonly families: readonly AlteredFamily[]
}

/**
 * Compares the shards of one target with what their templates make in a scratch schema, and works out what would bring
 * them back. Changes no table.
 */
export async function inspectAlterations(
  request: Omit<InspectionRequest, 'scratch'>,
  database: DatabaseConfig,
  store: ShardStore,
): Promise<AlteredTarget> {
  const target = await viewTarget(request, database, store)
  const families: AlteredFamily[] = []
  for (const viewed of selectViewed(request, target)) {
    const shards = listShaped(viewed, target)
    const [first] = shards
    const template =
      first === undefined ? null : await tryTemplate(store, target.families, viewed, first.shard, request.render)
    const fingerprint = template?.fingerprint ?? null
    const grouped = groupShapes(shards, viewed.record, fingerprint)
    const defined = await defineShapes(store, target.families, viewed, grouped, template?.definition ?? null)
    families.push({ viewed, shards, alterations: alterFamily(viewed, grouped, defined), fingerprint })
  }
  return { target, families }
}
