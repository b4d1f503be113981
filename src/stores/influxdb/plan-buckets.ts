import type { StoreLoss } from '../../core/store.ts'
import type { BucketDeclaration, RetentionRule } from './declaration.ts'
import type { ObservedBucket, ObservedContent, OldPoints } from './observation.ts'
import { asDeclared, difference, type Planned, step, together } from './steps.ts'
import { sayCount, sayRetention, sayTime } from './words.ts'

/** What is older than the new bound, by the names of buckets. */
export type OldPointsByBucket = ReadonlyMap<string, readonly OldPoints[]>

/** Buckets that are to keep their points for a shorter time than they do. */
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
  const rule = `kept ${sayRule(bucket.rule)}`
  if (found === undefined) {
    const summary = `create bucket ${bucket.name}, ${rule}`
    const organizationId = content.organization.id
    return step({ resource, action: 'create', summary }, { type: 'create-bucket', organizationId, bucket })
  }
  const differences = [
    ...difference('retention', sayRetention(found.rule.seconds), sayRetention(bucket.rule.seconds)),
    ...difference('shardGroup', sayTime(found.rule.shardGroupSeconds), sayTime(bucket.rule.shardGroupSeconds)),
    ...difference('description', found.description, bucket.description),
  ]
  if (differences.length === 0) return asDeclared(resource)
  const loss = isShorter(bucket.rule, found.rule) ? shorterRetention(bucket, found, old) : null
  const summary = `update bucket ${bucket.name}, ${rule}`
  // Always the complete rule: half of one is what influx-cli fills up with 30 days, and people lost points (influxdb#24765).
  return step(
    { resource, action: 'update', summary, differences, loss },
    { type: 'update-bucket', id: found.id, bucket },
  )
}

function sayRule({ seconds, shardGroupSeconds }: RetentionRule): string {
  return `${sayRetention(seconds)} in shard groups of ${sayTime(shardGroupSeconds)}`
}

function isShorter(declared: RetentionRule, observed: RetentionRule): boolean {
  return declared.seconds !== 0 && (observed.seconds === 0 || declared.seconds < observed.seconds)
}

/** Many measurements say no more than the largest of them and how many they are. */
const shown = 20

function shorterRetention(bucket: BucketDeclaration, found: ObservedBucket, old: readonly OldPoints[]): StoreLoss {
  const points = old.reduce((sum, one) => sum + one.points, 0)
  const series = old.reduce((sum, one) => sum + one.series, 0)
  const largest = old.toSorted((one, other) => other.points - one.points)
  const rest = largest.length - shown
  const kept = `is kept ${sayRetention(bucket.rule.seconds)} instead of ${sayRetention(found.rule.seconds)}`
  const gone =
    points === 0
      ? 'Nothing in it is that old today.'
      : `${sayCount(points, 'point')} of ${sayCount(series, 'series')} are older and go as soon as the server looks, within half an hour.`
  return {
    code: 'shorter-retention',
    why: `What is written to ${bucket.name} ${kept}. ${gone}`,
    affected: [
      ...largest
        .slice(0, shown)
        .map((one) => `${one.measurement} (${sayCount(one.points, 'point')} of ${sayCount(one.series, 'series')})`),
      ...(rest > 0 ? [`${sayCount(rest, 'more measurement')}`] : []),
    ],
  }
}
