import { countOf } from '../../core/plural.ts'
import type { StoreDifference, StoreLoss } from '../store-plan.ts'
import {
  type BucketDeclaration,
  formatRetention,
  formatTime,
  type MappingDeclaration,
  type RetentionRule,
} from './declaration.ts'
import { asDeclared, change, difference, type Planned, together } from './plan-parts.ts'
import type { ObservedBucket, ObservedContent, ObservedMapping, OldPoints, ServerWrite } from './ports.ts'

/** Points older than the new bound, by the names of buckets. */
export type OldPointsByBucket = ReadonlyMap<string, readonly OldPoints[]>

/** Buckets whose retention becomes shorter. */
export function shortenedBuckets(
  declared: readonly BucketDeclaration[],
  observed: readonly ObservedBucket[],
): readonly BucketDeclaration[] {
  return declared.filter((bucket) => {
    const found = observed.find(({ name }) => name === bucket.name)
    return found !== undefined && isShorter(bucket.rule, found.rule)
  })
}

export function planBuckets(
  declared: readonly BucketDeclaration[],
  content: ObservedContent,
  old: OldPointsByBucket,
): Planned {
  return together(declared.map((bucket) => planBucket(bucket, content, old.get(bucket.name) ?? [])))
}

function planBucket(bucket: BucketDeclaration, content: ObservedContent, old: readonly OldPoints[]): Planned {
  const resource = { kind: 'bucket', name: bucket.name }
  const found = content.buckets.find(({ name }) => name === bucket.name)
  const rule = `kept ${formatRule(bucket.rule)}`
  if (found === undefined) {
    const summary = `create bucket ${bucket.name}, ${rule}`
    const organizationId = content.organization.id
    return change({ resource, action: 'create', summary }, { type: 'create-bucket', organizationId, bucket })
  }
  const differences = [
    ...difference('retention', formatRetention(found.rule.seconds), formatRetention(bucket.rule.seconds)),
    ...difference('shardGroup', formatTime(found.rule.shardGroupSeconds), formatTime(bucket.rule.shardGroupSeconds)),
    ...difference('description', found.description, bucket.description),
  ]
  if (differences.length === 0) return asDeclared(resource)
  const loss = isShorter(bucket.rule, found.rule) ? shorterRetention(bucket, found, old) : null
  const summary = `update bucket ${bucket.name}, ${rule}`
  // Always the complete rule: influx-cli fills up half a rule with 30 days, and people lost points (influxdb#24765).
  return change(
    { resource, action: 'update', summary, differences, loss },
    { type: 'update-bucket', id: found.id, bucket },
  )
}

function formatRule({ seconds, shardGroupSeconds }: RetentionRule): string {
  return `${formatRetention(seconds)} in shard groups of ${formatTime(shardGroupSeconds)}`
}

function isShorter(declared: RetentionRule, observed: RetentionRule): boolean {
  return declared.seconds !== 0 && (observed.seconds === 0 || declared.seconds < observed.seconds)
}

/** A list of many measurements says no more than the largest of them and their number. */
const shown = 20

function shorterRetention(bucket: BucketDeclaration, found: ObservedBucket, old: readonly OldPoints[]): StoreLoss {
  const points = old.reduce((sum, one) => sum + one.points, 0)
  const series = old.reduce((sum, one) => sum + one.series, 0)
  const largest = old.toSorted((one, other) => other.points - one.points)
  const rest = largest.length - shown
  const kept = `is kept ${formatRetention(bucket.rule.seconds)} instead of ${formatRetention(found.rule.seconds)}`
  const gone =
    points === 0
      ? 'Nothing in it is that old now.'
      : `${countOf(points, 'point')} of ${countOf(series, 'series')} are older and will be deleted within half an hour.`
  return {
    code: 'shorter-retention',
    why: `Data written to \`${bucket.name}\` ${kept}. ${gone}`,
    affected: [
      ...largest
        .slice(0, shown)
        .map((one) => `${one.measurement} (${countOf(one.points, 'point')} of ${countOf(one.series, 'series')})`),
      ...(rest > 0 ? [`${countOf(rest, 'more measurement')}`] : []),
    ],
  }
}

export function planMappings(declared: readonly MappingDeclaration[], content: ObservedContent): Planned {
  return together(declared.map((mapping) => planMapping(mapping, content)))
}

function planMapping(mapping: MappingDeclaration, content: ObservedContent): Planned {
  const name = `${mapping.database}/${mapping.retentionPolicy}`
  const resource = { kind: 'DBRP mapping', name }
  const found = findMapping(mapping, content.mappings)
  const differences = found === undefined ? [] : differencesOf(mapping, found, content)
  if (found !== undefined && differences.length === 0) return asDeclared(resource)
  const create = creation(mapping, content)
  // The server's own mappings cannot be changed; a written one has precedence.
  if (found === undefined || found.isVirtual) {
    return change(
      { resource, action: 'create', summary: `map ${name} to bucket ${mapping.bucket}`, differences },
      create,
    )
  }
  const place = { organizationId: content.organization.id, id: found.id }
  if (differences.every(({ path }) => path === 'default')) {
    const summary = `make ${name} the default of ${mapping.database}`
    const write: ServerWrite = { type: 'update-mapping', ...place, policy: mapping.retentionPolicy }
    return change({ resource, action: 'update', summary, differences }, write)
  }
  const summary = `map ${name} to bucket ${mapping.bucket} instead; the points of both buckets stay`
  return change({ resource, action: 'replace', summary, differences }, { type: 'remove-mapping', ...place }, create)
}

/** A mapping made by hand, else the server's own. */
function findMapping(
  { database, retentionPolicy }: MappingDeclaration,
  observed: readonly ObservedMapping[],
): ObservedMapping | undefined {
  const named = observed.filter((one) => one.database === database && one.retentionPolicy === retentionPolicy)
  return named.find(({ isVirtual }) => !isVirtual) ?? named[0]
}

function differencesOf(
  mapping: MappingDeclaration,
  found: ObservedMapping,
  content: ObservedContent,
): readonly StoreDifference[] {
  const bucket = content.buckets.find(({ id }) => id === found.bucketId)?.name ?? found.bucketId
  return [
    ...difference('bucket', bucket, mapping.bucket),
    // The first mapping of a database is its default in any case, so only a missing "default" counts.
    ...(mapping.isDefault ? difference('default', String(found.isDefault), 'true') : []),
  ]
}

function creation(mapping: MappingDeclaration, content: ObservedContent): ServerWrite {
  const { bucket, ...rest } = mapping
  const bucketId = content.buckets.find(({ name }) => name === bucket)?.id ?? ''
  return { type: 'create-mapping', organizationId: content.organization.id, mapping: { ...rest, bucketId } }
}
