import type { DriftReport, ShardsBehind } from '../inspection.ts'
import type { FamilyRecord, Shard, ShardRecord } from '../shard.ts'
import { groupBy } from './group-by.ts'

/** A shard that has a table, with what is known of its shape. */
export interface ShapedShard {
  readonly shard: Shard
  readonly fingerprint: string
  /** Null for a table that the registry does not have. */
  readonly record: ShardRecord | null
}

/** Shards of one shape. */
export interface ShapeGroup {
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
 * Sorts the shards of a family by shape. What they should be like is, in this order: the template as a scratch schema has
 * it, what the registry recorded of shards of the present version, what most of them are like.
 * @param template the fingerprint of what the template makes; null where nobody asked
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

/** Of equally frequent ones the first: lists are in the order of keys, so the answer is the same every time. */
function mostFrequent(values: readonly string[]): string | null {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  const most = [...counts.values()].reduce((largest, count) => Math.max(largest, count), 0)
  return [...counts].find(([, count]) => count === most)?.[0] ?? null
}

function isBehind(record: ShardRecord | null, version: number): boolean {
  return record !== null && record.templateVersion < version
}

/** A sealed shard stays as it was sealed: fan-outs pass it by. */
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
