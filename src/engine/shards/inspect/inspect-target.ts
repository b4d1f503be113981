import type { DatabaseConfig } from '../../../config/config.ts'
import type { FamilyInspection, TargetInspection } from '../../../domain/shards/inspection.ts'
import { toIso } from '../../../domain/shards/rotation-outcome.ts'
import { shardOf } from '../family-view.ts'
import { judgeClocks } from '../judge-clocks.ts'
import type { ServerLimits, ShardStore } from '../ports.ts'
import { KeySources } from '../rotation/read-target.ts'
import { type ClassifiedTables, classifyTables, withoutKnown } from './classify-tables.ts'
import { defineShapes, describeGroups } from './describe-groups.ts'
import { type FamilyFacts, inspectFamily } from './inspect-family.ts'
import { judgeCapacity } from './judge-capacity.ts'
import type { InspectionRequest } from './request.ts'
import { type TriedTemplate, tryTemplate } from './try-template.ts'
import { type ViewedFamily, viewFamilies } from './view-families.ts'

/**
 * Looks at all shards of one target: a handful of questions for the whole schema, and one for each shape that differs.
 * Takes no lock and, unless a scratch schema is asked for, writes nothing.
 */
export async function inspectTarget(
  request: InspectionRequest,
  database: DatabaseConfig,
  store: ShardStore,
): Promise<TargetInspection> {
  const families = request.families.filter((family) => family.database === database.name)
  const registry = await store.readRegistry()
  const tables = await store.listTables()
  const clocks = judgeClocks({
    host: request.now(),
    server: await store.readClock(),
    lastRunAt: registry.lastRunAt,
    longestPause: Number.POSITIVE_INFINITY,
  })
  const viewed = await viewFamilies(store.target, families, { registry, tables }, new KeySources(request))
  const classified = classifyTables(viewed.map(({ view }) => view))
  const lookalikes = await findUnknown(request, database, classified.lookalikes)
  const shapes = await store.readShapes(null, 'fingerprint')
  const bytes = await store.readBytes(listHeld(viewed))
  const inspections: FamilyInspection[] = []
  for (const family of viewed) {
    const { name } = family.view.family
    if (request.only !== null && !request.only.has(name)) continue
    const keys = classified.keys.get(name) ?? new Set<string>()
    const template = request.scratch ? await tryFirst(request, store, viewed, family, keys) : null
    const facts: FamilyFacts = {
      ...family,
      keys,
      lookalikes: lookalikes.get(name) ?? [],
      registered: registry.exists,
      clocks,
      shapes,
      template: template?.fingerprint ?? null,
      bytes,
    }
    inspections.push(await describeFamily(store, viewed, family, facts, template))
  }
  return {
    target: store.target,
    registry: registry.exists,
    lastRunAt: toIso(registry.lastRunAt),
    families: inspections,
    strayHolds: classified.strayHolds,
    capacity: judgeTarget(await store.readLimits(), tables.length, inspections),
    doubts: clocks.doubt === null ? [] : [clocks.doubt],
  }
}

/** Migrations are read only where something looks out of place: on most days nothing does. */
async function findUnknown(
  { readKnown }: InspectionRequest,
  { name }: DatabaseConfig,
  lookalikes: ClassifiedTables['lookalikes'],
): Promise<ClassifiedTables['lookalikes']> {
  if ([...lookalikes.values()].every((tables) => tables.length === 0)) return lookalikes
  return withoutKnown(lookalikes, await readKnown(name))
}

/** Names of the tables that wait for their grace to end. */
function listHeld(viewed: readonly ViewedFamily[]): readonly string[] {
  return viewed.flatMap(({ view }) => [...view.records.values()].flatMap(({ hold }) => hold?.table ?? []))
}

/** Any key does: shards of one template differ in nothing but their names. */
async function tryFirst(
  { render }: InspectionRequest,
  store: ShardStore,
  viewed: readonly ViewedFamily[],
  family: ViewedFamily,
  keys: ReadonlySet<string>,
): Promise<TriedTemplate | null> {
  const [key] = keys
  const shard = key === undefined ? null : shardOf(family.view, key)
  return shard === null ? null : tryTemplate(store, viewed, family, shard, render)
}

async function describeFamily(
  store: ShardStore,
  viewed: readonly ViewedFamily[],
  family: ViewedFamily,
  facts: FamilyFacts,
  template: TriedTemplate | null,
): Promise<FamilyInspection> {
  const { inspection, shapes } = inspectFamily(facts)
  if (shapes.groups.length === 0) return inspection
  const defined = await defineShapes(store, viewed, family, shapes, template?.definition ?? null)
  return { ...inspection, drift: { ...inspection.drift, groups: describeGroups(defined) } }
}

function judgeTarget(limits: ServerLimits, tables: number, families: readonly FamilyInspection[]) {
  const coming = families.reduce((sum, { missing, holes }) => sum + missing.length + holes.length, 0)
  return judgeCapacity(limits, tables + coming)
}
