import { groupBy } from '../../core/group-by.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { compareDefinitions, type ShapeDifference } from '../../ddl/definitions/compare-definitions.ts'
import { readDefinition } from '../../ddl/definitions/shard-definition.ts'
import type { TableSnapshot } from '../../ddl/snapshot.ts'
import type { DriftedGroup, DriftReport, ShardsBehind } from '../inspection.ts'
import type { ShardStore, TableToCreate, TableTrigger } from '../ports.ts'
import type { FamilyRecord, Shard, ShardRecord } from '../shard.ts'
import type { InspectionRequest, ViewedFamily } from './view-target.ts'

/** A shard with a table, and what is known about its shape. */
export interface ShapedShard {
  readonly shard: Shard
  readonly fingerprint: string
  /** Null for a table that is not in the registry. */
  readonly record: ShardRecord | null
}

/** Shards of one shape. */
interface ShapeGroup {
  readonly fingerprint: string
  readonly shards: readonly Shard[]
}

export interface GroupedShapes {
  readonly reference: DriftReport['reference']
  /** What they were compared with; null where there are none. */
  readonly wanted: string | null
  readonly like: readonly Shard[]
  /** The largest first. */
  readonly groups: readonly ShapeGroup[]
  readonly behind: readonly ShardsBehind[]
}

/**
 * Groups the shards of a family by shape. They are compared with the first of these that is known: the template's table in a scratch schema, the registry's shape of shards of the current version, the shape of most of them.
 * @param template the fingerprint of what the template makes; null where no server was asked
 */
export function groupShapes(
  shards: readonly ShapedShard[],
  family: FamilyRecord | null,
  template: string | null,
): GroupedShapes {
  const { reference, wanted } = chooseReference(shards, family, template)
  const isLike = (one: ShapedShard): boolean => one.fingerprint === wanted
  const unlike = shards.filter((one) => !isLike(one))
  const behind = unlike.filter(({ record }) => family !== null && isBehind(record, family.version))
  const drifted = unlike.filter((one) => !behind.includes(one) && !isUnchangedSeal(one))
  return {
    reference,
    wanted,
    like: shards.filter(isLike).map(({ shard }) => shard),
    groups: groupByFingerprint(drifted),
    behind: groupByVersion(behind.filter(({ record }) => record?.state === 'live')),
  }
}

function chooseReference(
  shards: readonly ShapedShard[],
  family: FamilyRecord | null,
  template: string | null,
): Pick<GroupedShapes, 'reference' | 'wanted'> {
  if (shards.length === 0) return { reference: 'nothing', wanted: null }
  if (template !== null) return { reference: 'template', wanted: template }
  const current = shards.filter(({ record }) => record !== null && record.templateVersion === family?.version)
  const recorded = mostFrequent(current.flatMap(({ record }) => record?.fingerprint ?? []))
  if (recorded !== null) return { reference: 'recorded', wanted: recorded }
  return { reference: 'majority', wanted: mostFrequent(shards.map(({ fingerprint }) => fingerprint)) }
}

/** Of equally frequent shapes the first: lists are in the order of keys, so the answer is always the same. */
function mostFrequent(values: readonly string[]): string | null {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  const most = [...counts.values()].reduce((largest, count) => Math.max(largest, count), 0)
  return [...counts].find(([, count]) => count === most)?.[0] ?? null
}

function isBehind(record: ShardRecord | null, version: number): boolean {
  return record !== null && record.templateVersion < version
}

/** A sealed shard stays as it was sealed: fan-outs skip it. */
function isUnchangedSeal({ record, fingerprint }: ShapedShard): boolean {
  return record?.state === 'sealed' && record.fingerprint === fingerprint
}

function groupByFingerprint(shards: readonly ShapedShard[]): readonly ShapeGroup[] {
  const groups = groupBy(shards, ({ fingerprint }) => fingerprint)
  return [...groups]
    .map(([fingerprint, members]) => ({ fingerprint, shards: members.map(({ shard }) => shard) }))
    .toSorted((one, other) => other.shards.length - one.shards.length)
}

function groupByVersion(shards: readonly ShapedShard[]): readonly ShardsBehind[] {
  const groups = groupBy(shards, ({ record }) => record?.templateVersion ?? 0)
  return [...groups]
    .map(([version, members]) => ({ version, tables: members.map(({ shard }) => shard.table) }))
    .toSorted((one, other) => one.version - other.version)
}

/** The number of shapes of a family that are described: each costs a query, and a longer list is useless. */
const mostGroups = 20

/** A group with the definition of its first shard; null where that is gone, or where there are too many groups. */
interface DefinedGroup extends ShapeGroup {
  readonly definition: TableSnapshot | null
}

/** The shapes of a family with their definitions. */
export interface DefinedShapes {
  /** The template's table; null where no shard matches it and no server was asked. */
  readonly wanted: TableSnapshot | null
  readonly groups: readonly DefinedGroup[]
}

/**
 * Reads one definition per shape, the largest groups first. @param template the definition of the template's table, read from a scratch schema; null to use a shard that matches it
 */
export async function defineShapes(
  store: ShardStore,
  viewed: readonly ViewedFamily[],
  family: ViewedFamily,
  shapes: GroupedShapes,
  template: TableSnapshot | null,
): Promise<DefinedShapes> {
  if (shapes.groups.length === 0) return { wanted: template, groups: [] }
  const described = shapes.groups.slice(0, mostGroups)
  const samples = [...described.flatMap(({ shards }) => shards[0] ?? []), ...shapes.like.slice(0, 1)]
  const texts = await store.readDefinitions(samples.map(({ table }) => table))
  const define = (shard: Shard | undefined): TableSnapshot | null => {
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

/** How each group differs from the template. */
export function describeGroups({ wanted, groups }: DefinedShapes): readonly DriftedGroup[] {
  return groups.map(({ shards, definition }) => ({
    tables: shards.map(({ table }) => table),
    differences: wanted === null || definition === null ? null : compareDefinitions(wanted, definition),
  }))
}

/** A table's triggers by their names; in names and bodies, the table's own name is neutralized. */
type NeutralTriggers = ReadonlyMap<string, string>

/**
 * Groups shards by their triggers. Templates have none, and rotation creates shards without: the triggers of most shards are
 * taken as intended, and the others are named with what they lack or have in addition. Pure.
 */
export function groupTriggers(
  shards: readonly Shard[],
  triggers: ReadonlyMap<string, readonly TableTrigger[]>,
): readonly DriftedGroup[] {
  if (triggers.size === 0) return []
  const sets = shards.map(({ table }) => ({ table, set: neutralize(table, triggers.get(table) ?? []) }))
  const groups = [...groupBy(sets, ({ set }) => JSON.stringify([...set]))].map(([, members]) => members)
  const [most, ...others] = groups.toSorted((one, other) => other.length - one.length)
  const wanted = most?.[0]?.set ?? new Map<string, string>()
  return others.map((members) => ({
    tables: members.map(({ table }) => table),
    differences: compare(wanted, members[0]?.set ?? new Map()),
  }))
}

function neutralize(table: string, triggers: readonly TableTrigger[]): NeutralTriggers {
  const neutral = (text: string): string => text.replaceAll(table, '{{table}}')
  const pairs = triggers.map(({ name, timing, event, order, body }) => {
    const place = order === 1 ? '' : ` as number ${order}`
    return [neutral(name), `${timing} ${event}${place} ${neutral(body)}`] as const
  })
  return new Map(pairs.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

function compare(wanted: NeutralTriggers, found: NeutralTriggers): readonly ShapeDifference[] {
  const names = [...new Set([...wanted.keys(), ...found.keys()])].toSorted()
  return names.flatMap((name): readonly ShapeDifference[] => {
    const [before, now] = [wanted.get(name) ?? null, found.get(name) ?? null]
    if (before === now) return []
    const change = now === null ? 'missing' : before === null ? 'extra' : 'differs'
    return [{ part: 'trigger', name, change, wanted: before, found: now }]
  })
}

/** The template's table on its server. */
export interface TriedTemplate {
  readonly fingerprint: string
  readonly definition: TableSnapshot
}

/** Creates a shard in a scratch schema and reads it. Throws ToolError with the server's message. */
export async function tryTemplate(
  store: ShardStore,
  viewed: readonly ViewedFamily[],
  family: ViewedFamily,
  shard: Shard,
  render: InspectionRequest['render'],
): Promise<TriedTemplate> {
  const recorded = asRecorded(family)
  const table = render(recorded, shard)
  const siblings = siblingTables(viewed, recorded, shard.key, render)
  const { fingerprint } = await store.shapeOf(table, siblings)
  const text = await store.definitionOf(table, siblings)
  const names = { table: shard.table, siblings: siblingNames(viewed, recorded.template, shard.key) }
  return { fingerprint, definition: readDefinition(text, names) }
}

/** The family with the template from which its shards are currently made: an edited file counts once a fan-out has carried it. */
function asRecorded({ view: { family }, record }: ViewedFamily): ShardFamily {
  if (record === null || record.checksum === family.template.checksum) return family
  return { ...family, template: { ...family.template, text: record.template, checksum: record.checksum } }
}

/** The tables that a shard references, preceded by those that they reference: a scratch schema needs them first. */
function siblingTables(
  viewed: readonly ViewedFamily[],
  family: ShardFamily,
  key: string,
  render: InspectionRequest['render'],
): readonly TableToCreate[] {
  return viewed
    .filter(({ view }) => family.template.siblings.includes(view.family.name))
    .flatMap((sibling) => {
      const parent = asRecorded(sibling)
      const shard: Shard = { family: parent.name, key, table: sibling.view.naming.name(key), from: null, to: null }
      return [...siblingTables(viewed, parent, key, render), render(parent, shard)]
    })
}

/** The names that the referenced tables have in its template, for parsing its definition. */
function siblingNames(
  viewed: readonly ViewedFamily[],
  { siblings }: ShardFamily['template'],
  key: string,
): ReadonlyMap<string, string> {
  return new Map(
    viewed
      .filter(({ view }) => siblings.includes(view.family.name))
      .map(({ view }) => [view.naming.name(key), `{{sibling:${view.family.name}}}`]),
  )
}
