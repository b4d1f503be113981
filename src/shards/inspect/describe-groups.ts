import { compareDefinitions } from '../../sql/definitions/compare-definitions.ts'
import { readDefinition, type TableDefinition } from '../../sql/definitions/table-definition.ts'
import type { DriftedGroup } from '../inspection.ts'
import type { ShardStore } from '../ports.ts'
import type { Shard } from '../shard.ts'
import type { GroupedShapes, ShapeGroup } from './group-shapes.ts'
import { siblingNames, type ViewedFamily } from './view-families.ts'

/** So many shapes of a family are taken apart: each is a question of its own, and nobody reads more. */
const mostGroups = 20

/** A group with the definition of its first shard; null where it is gone, or where there are too many groups. */
interface DefinedGroup extends ShapeGroup {
  readonly definition: TableDefinition | null
}

/** The shapes of a family with what they are made of. */
export interface DefinedShapes {
  /** What the template makes; null where no shard is like it and nobody asked the server. */
  readonly wanted: TableDefinition | null
  readonly groups: readonly DefinedGroup[]
}

/**
 * Reads one definition for each shape, the largest groups first.
 * @param template the definition of what the template makes, read from a scratch schema; null to take a shard that is like it
 */
export async function defineShapes(
  store: ShardStore,
  viewed: readonly ViewedFamily[],
  family: ViewedFamily,
  shapes: GroupedShapes,
  template: TableDefinition | null,
): Promise<DefinedShapes> {
  if (shapes.groups.length === 0) return { wanted: template, groups: [] }
  const described = shapes.groups.slice(0, mostGroups)
  const samples = [...described.flatMap(({ shards }) => shards[0] ?? []), ...shapes.like.slice(0, 1)]
  const texts = await store.readDefinitions(samples.map(({ table }) => table))
  const define = (shard: Shard | undefined): TableDefinition | null => {
    const text = shard === undefined ? undefined : texts.get(shard.table)
    if (shard === undefined || text === undefined) return null
    const siblings = siblingNames(viewed, family.view.family.template, shard.key)
    return readDefinition(text, { table: shard.table, siblings })
  }
  return {
    wanted: template ?? define(shapes.like[0]),
    groups: shapes.groups.map((group) => ({
      ...group,
      definition: described.includes(group) ? define(group.shards[0]) : null,
    })),
  }
}

/** What tells each group from the template. */
export function describeGroups({ wanted, groups }: DefinedShapes): readonly DriftedGroup[] {
  return groups.map(({ shards, definition }) => ({
    tables: shards.map(({ table }) => table),
    differences: wanted === null || definition === null ? null : compareDefinitions(wanted, definition),
  }))
}
