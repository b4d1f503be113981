import { isAsRecorded, isComparable } from './as-recorded.ts'
import type { RecordedSchema } from './recorded-schema.ts'
import {
  fingerprintObject,
  type ObjectSnapshot,
  objectKey,
  type SchemaSnapshot,
  type SnapshotReading,
  sortObjects,
} from './snapshot.ts'

/**
 * A reading of a keyspace whose shards differ, with the definition that is not the wanted one for each object that differs: of two different ones, one at most is wanted, so that
 * what a shard has of its own is a difference. Pure.
 */
function choose(
  reading: SnapshotReading,
  isWanted: (key: string, object: ObjectSnapshot | null) => boolean,
): SnapshotReading {
  const { uneven = [], snapshot } = reading
  if (uneven.length === 0) return reading
  const chosen = new Map(
    uneven.map((one) => {
      const key = objectKey(one)
      return [key, one.variants.find(({ object }) => !isWanted(key, object))?.object ?? null] as const
    }),
  )
  const kept = snapshot.objects.filter((object) => !chosen.has(objectKey(object)))
  const own = [...chosen.values()].flatMap((object) => object ?? [])
  return { ...reading, snapshot: { ...snapshot, objects: sortObjects([...kept, ...own]) } }
}

/** The same beside a record. */
export function unlikeRecord(reading: SnapshotReading, { objects }: Pick<RecordedSchema, 'objects'>): SnapshotReading {
  return choose(reading, (key, object) => {
    const record = objects.get(key)
    if (object === null || record === undefined) return object === null && record === undefined
    return isComparable(record) && isAsRecorded(record, object)
  })
}

/** The same beside a schema. */
export function unlikeSnapshot(
  reading: SnapshotReading,
  { objects }: Pick<SchemaSnapshot, 'objects'>,
): SnapshotReading {
  const wanted = new Map(objects.map((object) => [objectKey(object), fingerprintObject(object)]))
  return choose(reading, (key, object) => (object === null ? undefined : fingerprintObject(object)) === wanted.get(key))
}
