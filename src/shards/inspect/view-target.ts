import type { DatabaseConfig } from '../../config/config.ts'
import { shardOf } from '../family-view.ts'
import type { ShardStore, TableShape } from '../ports.ts'
import { KeySources } from '../rotation/read-target.ts'
import type { Registry } from '../shard.ts'
import { type ClassifiedTables, classifyTables, withoutKnown } from './classify-tables.ts'
import type { ShapedShard } from './group-shapes.ts'
import { compareKeys } from './list-shards.ts'
import type { InspectionRequest, KnownNames } from './request.ts'
import { type ViewedFamily, viewFamilies } from './view-families.ts'

/** What a target has: its registry, its tables sorted out, and what they look like. */
export interface ViewedTarget {
  readonly registry: Registry
  /** How many tables and views the schema has. */
  readonly tables: number
  readonly families: readonly ViewedFamily[]
  readonly classified: ClassifiedTables
  readonly shapes: ReadonlyMap<string, TableShape>
  /** Sentences: what could not be read beside the target. */
  readonly doubts: readonly string[]
}

/** Reads a target in a handful of questions, however many shards it has. Takes no lock and writes nothing. */
export async function viewTarget(
  request: Pick<InspectionRequest, 'config' | 'servers' | 'families' | 'readKnown'>,
  database: DatabaseConfig,
  store: ShardStore,
): Promise<ViewedTarget> {
  const own = request.families.filter((family) => family.database === database.name)
  const registry = await store.readRegistry()
  const tables = await store.listTables()
  const families = await viewFamilies(store.target, own, { registry, tables }, new KeySources(request))
  const classified = classifyTables(families.map(({ view }) => view))
  const isClear = [...classified.lookalikes.values()].every((found) => found.length === 0)
  // Migrations are read only where something looks out of place: on most days nothing does.
  const known: KnownNames = isClear ? { tables: new Set(), doubt: null } : await request.readKnown(database.name)
  return {
    registry,
    tables: tables.length,
    families,
    classified: { ...classified, lookalikes: withoutKnown(classified.lookalikes, known.tables) },
    doubts: known.doubt === null ? [] : [known.doubt],
    shapes: await store.readShapes(null, 'fingerprint'),
  }
}

/** The families asked for. */
export function selectViewed(
  { only }: Pick<InspectionRequest, 'only'>,
  { families }: ViewedTarget,
): readonly ViewedFamily[] {
  return families.filter(({ view }) => only === null || only.has(view.family.name))
}

/** A family's shards that have a table and a shape, in the order of their keys. */
export function listShaped({ view }: ViewedFamily, { classified, shapes }: ViewedTarget): readonly ShapedShard[] {
  const keys = [...(classified.keys.get(view.family.name) ?? [])].sort(compareKeys)
  return keys.flatMap((key) => {
    const shard = shardOf(view, key)
    const shape = shard === null ? undefined : shapes.get(shard.table)
    if (shard === null || shape === undefined) return []
    return [{ shard, fingerprint: shape.fingerprint, record: view.records.get(key) ?? null }]
  })
}
