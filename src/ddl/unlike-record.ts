import { isAsRecorded, isComparable } from './as-recorded.ts'
import type { RecordedSchema } from './recorded-schema.ts'
import {
  fingerprintObject,
  isOfShard,
  listRecorded,
  objectKey,
  type RecordedSnapshot,
  type SchemaSnapshot,
  type SnapshotReading,
  sortObjects,
} from './snapshot.ts'
import { withWrittenChecks } from './vitess-checks.ts'

/**
 * A reading of a keyspace whose shards differ, with the definition that is not the wanted one for each object that differs: of two different ones, one at most is wanted, so that
 * what a shard has of its own is a difference. Where all count as wanted, as only their definers differ and none is recorded, the first one stays. Pure.
 */
function choose(
  reading: SnapshotReading,
  isWanted: (key: string, object: RecordedSnapshot | null) => boolean,
): SnapshotReading {
  const { uneven = [], snapshot } = reading
  if (uneven.length === 0) return reading
  const chosen = new Map(
    uneven.map((one) => {
      const key = objectKey(one)
      const own = one.variants.find(({ object }) => !isWanted(key, object)) ?? one.variants[0]
      return [key, own?.object ?? null] as const
    }),
  )
  const kept = snapshot.objects.filter((object) => !chosen.has(objectKey(object)))
  const all = [...chosen.values()].flatMap((object) => object ?? [])
  const own = all.filter(isOfShard)
  const [defaults] = all.filter((object) => object.type === 'schema')
  return {
    ...reading,
    snapshot: {
      ...snapshot,
      ...(defaults !== undefined && { charset: defaults.charset, collation: defaults.collation }),
      objects: sortObjects([...kept, ...own]),
    },
  }
}

/** The same beside a record. */
export function unlikeRecord(reading: SnapshotReading, { objects }: Pick<RecordedSchema, 'objects'>): SnapshotReading {
  return choose(reading, (key, object) => {
    const record = objects.get(key)
    if (object === null || record === undefined) return object === null && record === undefined
    return isComparable(record) && isAsRecorded(record, object)
  })
}

/** The same beside a schema, whose names checks have that Vitess has named anew. */
export function unlikeSnapshot(reading: SnapshotReading, wanted: SchemaSnapshot): SnapshotReading {
  const prints = new Map(listRecorded(wanted).map((object) => [objectKey(object), fingerprintObject(object)]))
  const chosen = choose(
    reading,
    (key, object) => (object === null ? undefined : fingerprintObject(object)) === prints.get(key),
  )
  return { ...chosen, snapshot: withWrittenChecks(chosen.snapshot, wanted) }
}
