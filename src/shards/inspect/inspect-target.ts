import type { DatabaseConfig } from '../../config/config.ts'
import { groupBy } from '../../core/group-by.ts'
import { countOf } from '../../core/plural.ts'
import { ToolError } from '../../core/tool-error.ts'
import { toIso } from '../answers.ts'
import { assessClocks } from '../clocks.ts'
import { type Contradiction, findContradictions } from '../contradictions.ts'
import { isGone } from '../family-view.ts'
import type { CapacityReport, DriftedGroup, FamilyInspection, TargetInspection } from '../inspection.ts'
import type { ServerLimits, ShardStore } from '../ports.ts'
import { defineShapes, describeGroups, groupTriggers, type TriedTemplate, tryTemplate } from './group-shapes.ts'
import { type FamilyFacts, inspectFamily } from './inspect-family.ts'
import type { InspectionRequest, ViewedFamily } from './view-target.ts'
import { listShaped, selectViewed, type ViewedTarget, viewTarget } from './view-target.ts'

/**
 * Checks all shards of one target: a handful of queries for the whole schema, and one for each differing shape. Takes
 * no lock and, unless a scratch schema is requested, writes nothing.
 */
export async function inspectTarget(
  request: InspectionRequest,
  database: DatabaseConfig,
  store: ShardStore,
): Promise<TargetInspection> {
  const target = await viewTarget(request, database, store)
  const { registry, classified } = target
  const clocks = assessClocks({
    host: request.now(),
    server: await store.readClock(),
    skew: request.config.rotation.clockSkew,
    lastRunAt: registry.lastRunAt,
    longestPause: request.longestPause,
    confirmed: false,
  })
  const bytes = await store.readBytes(listHeld(target))
  const triggers = await store.readTriggers()
  const misplaced = await store.readMisplaced()
  const families: FamilyInspection[] = []
  for (const viewed of selectViewed(request, target)) {
    const { name } = viewed.view.family
    const shards = listShaped(viewed, target)
    const [first] = request.scratch ? shards : []
    // Any key can be used: shards of one template differ only in their names.
    const template =
      first === undefined ? null : await tryTemplate(store, target.families, viewed, first.shard, request.render)
    const keys = classified.keys.get(name) ?? new Set<string>()
    const partitions = misplaced.filter(({ family }) => family === name).map(({ table, why }) => ({ table, why }))
    const lookalikes = [...(classified.lookalikes.get(name) ?? []), ...partitions]
    const contradictions = contradictionsOf(request, database, target, viewed)
    const facts = { ...viewed, keys, lookalikes, shards, registered: registry.exists, clocks, bytes, contradictions }
    const inspection = await describeFamily(store, target, viewed, facts, template)
    families.push(
      withTriggers(
        inspection,
        groupTriggers(
          shards.map(({ shard }) => shard),
          triggers,
        ),
      ),
    )
  }
  return {
    target: store.target,
    registry: registry.exists,
    lastRunAt: toIso(registry.lastRunAt),
    families,
    strayHolds: classified.strayHolds,
    capacity: judgeTarget(await store.readLimits(), target.tables, families),
    doubts: [
      ...(clocks.doubt === null ? [] : [clocks.doubt]),
      ...target.doubts,
      ...findAbandoned(request, database, target),
      ...(await findBegun(database, store)),
    ],
  }
}

/** What would stop rotation. Keys that could not be read are reported as that. */
function contradictionsOf(
  { families }: InspectionRequest,
  { name }: DatabaseConfig,
  { registry }: ViewedTarget,
  { view, unchecked }: ViewedFamily,
): readonly Contradiction[] {
  const own = families.filter(({ database }) => database === name)
  return findContradictions(view, registry, own).filter(({ kind }) => kind !== 'keys' || unchecked.length === 0)
}

/** Shards whose triggers differ from those of the others, in addition to those that differ in their shape. */
function withTriggers(inspection: FamilyInspection, groups: readonly DriftedGroup[]): FamilyInspection {
  if (groups.length === 0) return inspection
  const { drift } = inspection
  const known = new Set(drift.groups.flatMap(({ tables }) => tables))
  const others = groups.flatMap(({ tables }) => tables).filter((table) => !known.has(table))
  return {
    ...inspection,
    drift: { ...drift, like: Math.max(0, drift.like - others.length), groups: [...drift.groups, ...groups] },
  }
}

function countTables(groups: readonly DriftedGroup[]): number {
  return groups.reduce((sum, { tables }) => sum + tables.length, 0)
}

/** Families in the registry that no longer have a template. */
function findAbandoned(
  { families }: InspectionRequest,
  { name }: DatabaseConfig,
  { registry }: ViewedTarget,
): readonly string[] {
  const known = new Set(families.filter(({ database }) => database === name).map((family) => family.name))
  const strangers = registry.shards.filter((record) => !known.has(record.family) && !isGone(record))
  return [...groupBy(strangers, ({ family }) => family)].map(
    ([family, shards]) =>
      `The registry has ${countOf(shards.length, 'shard')} of \`${family}\`, which no longer has a template: they are neither created nor retired.`,
  )
}

/** What stops rotation of a keyspace: a Reshard, and what runs began on some of its shards and not on all, also with families that have no template any more. */
async function findBegun({ vitess }: DatabaseConfig, store: ShardStore): Promise<readonly string[]> {
  if (vitess === undefined) return []
  const changing = await store.requireShards().then(
    () => [],
    (error: unknown) => [error],
  )
  return [...changing, ...(await store.settle()).values()].flatMap((error) => {
    if (!(error instanceof ToolError)) throw error
    return error.faults.map(({ what, why }) => (why === undefined ? what : `${what} ${why}`))
  })
}

/** Names of the tables that wait for their grace to end. */
function listHeld({ families }: ViewedTarget): readonly string[] {
  return families.flatMap(({ view }) => [...view.records.values()].flatMap(({ hold }) => hold?.table ?? []))
}

async function describeFamily(
  store: ShardStore,
  target: ViewedTarget,
  viewed: ViewedFamily,
  facts: Omit<FamilyFacts, 'template'>,
  template: TriedTemplate | null,
): Promise<FamilyInspection> {
  const { inspection, shapes } = inspectFamily({ ...facts, template: template?.fingerprint ?? null })
  if (shapes.groups.length === 0) return inspection
  const defined = await defineShapes(store, target.families, viewed, shapes, template?.definition ?? null)
  const groups = describeGroups(defined)
  // A difference that information_schema shows and SHOW CREATE TABLE does not cannot be fixed.
  const drifted = groups.filter(({ differences }) => differences === null || differences.length > 0)
  const { drift } = inspection
  const like = drift.like + countTables(groups) - countTables(drifted)
  return { ...inspection, drift: { ...drift, like, groups: drifted } }
}

function judgeTarget(
  limits: ServerLimits,
  tables: number,
  families: readonly FamilyInspection[],
): readonly CapacityReport[] {
  const coming = families.reduce((sum, { missing, holes }) => sum + missing.length + holes.length, 0)
  return assessCapacity(limits, tables + coming)
}

/** The fraction of a disk that must stay free. */
const freeShare = 0.05

/** A data file for each table, and room for connections, logs and temporary files. */
const otherFiles = 200

/**
 * Whether a server is configured for this number of tables. Caches that are too small do not make statements fail: every statement has to open its tables, one at a time. An unknown limit is not a finding.
 * @param tables tables and views of the target, with those that are about to be made
 */
export function assessCapacity(limits: ServerLimits, tables: number): readonly CapacityReport[] {
  return [
    judge(
      'table_definition_cache',
      limits.tableDefinitionCache,
      tables,
      `Increase it: SET PERSIST table_definition_cache = ${roomFor(tables)}.`,
    ),
    // It cannot be set while the server runs (error 1238).
    judge(
      'innodb_open_files',
      limits.innodbOpenFiles,
      tables,
      `Increase it: SET PERSIST_ONLY innodb_open_files = ${roomFor(tables)}, and restart the server.`,
    ),
    judge(
      'open_files_limit',
      limits.openFilesLimit,
      Math.min(tables, limits.innodbOpenFiles ?? tables) + otherFiles,
      'Increase open_files_limit (and LimitNOFILE of the service) and restart the server.',
    ),
    judgeDisk(limits.disk),
  ]
}

/** Twice what is needed is a limit that will not be reached again next month. */
function roomFor(tables: number): number {
  return Math.max(4000, 2 * tables)
}

function judge(limit: CapacityReport['limit'], value: number | null, needed: number, advice: string): CapacityReport {
  if (value === null) return { limit, value, needed, state: 'unknown', advice: null }
  const exceeded = needed > value
  return { limit, value, needed, state: exceeded ? 'exceeded' : 'enough', advice: exceeded ? advice : null }
}

function judgeDisk(disk: ServerLimits['disk']): CapacityReport {
  if (disk === null) return { limit: 'disk', value: null, needed: 0, state: 'unknown', advice: null }
  const needed = Math.ceil(disk.total * freeShare)
  const exceeded = disk.free < needed
  const advice = exceeded ? 'Free space, or move the data to a larger disk, before the next shards are created.' : null
  return { limit: 'disk', value: disk.free, needed, state: exceeded ? 'exceeded' : 'enough', advice }
}
