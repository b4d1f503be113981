import { fingerprintObject, type ObjectSnapshot, objectKey, type SnapshotReading, sortObjects } from './snapshot.ts'

/** What one shard of a keyspace has. */
export interface ShardReading {
  readonly shard: string
  readonly reading: SnapshotReading
}

/** An object that is not the same on all shards of a keyspace. */
export interface UnevenObject {
  readonly type: ObjectSnapshot['type']
  readonly name: string
  /** One for each definition, in the order of the shards; null where the shards do not have it. */
  readonly variants: readonly ObjectVariant[]
}

interface ObjectVariant {
  readonly shards: readonly string[]
  readonly object: ObjectSnapshot | null
}

/** The schema of a keyspace. Where shards differ, it has what the first one has that has the object, and `uneven` says what the others have. Pure. */
export function mergeShards(readings: readonly [ShardReading, ...ShardReading[]]): SnapshotReading {
  const [{ reading: first }] = readings
  const objects = new Map<string, ObjectSnapshot>()
  for (const { reading } of readings)
    for (const object of reading.snapshot.objects)
      if (!objects.has(objectKey(object))) objects.set(objectKey(object), object)
  const uneven = [...objects].flatMap(([key, { type, name }]): readonly UnevenObject[] => {
    const variants = variantsOf(readings, key)
    return variants.length === 1 ? [] : [{ type, name, variants }]
  })
  const united = (list: (reading: SnapshotReading) => readonly string[]): readonly string[] => [
    ...new Set(readings.flatMap(({ reading }) => list(reading))),
  ]
  const triggers = united((reading) => reading.leftOutTriggers ?? [])
  return {
    ...first,
    snapshot: { ...first.snapshot, objects: sortObjects([...objects.values()]) },
    hidden: united(({ hidden }) => hidden),
    leftOut: united(({ leftOut }) => leftOut),
    ...(triggers.length > 0 && { leftOutTriggers: triggers }),
    ...(uneven.length > 0 && { uneven: sortObjects(uneven) }),
  }
}

function variantsOf(readings: readonly ShardReading[], key: string): readonly ObjectVariant[] {
  const found = new Map<string, { readonly shards: string[]; readonly object: ObjectSnapshot | null }>()
  for (const { shard, reading } of readings) {
    const object = reading.snapshot.objects.find((one) => objectKey(one) === key) ?? null
    const print = object === null ? '' : fingerprintObject(object)
    const known = found.get(print) ?? { shards: [], object }
    known.shards.push(shard)
    found.set(print, known)
  }
  return [...found.values()]
}

/** `-80 and 80-`. */
const listShards = (shards: readonly string[]): string =>
  `${shards.length === 1 ? 'shard' : 'shards'} ${shards.join(', ')}`

/** `table messages: one definition on shard -80, another one on shard 80-`. */
export function describeUneven({ type, name, variants }: UnevenObject): string {
  let isFirst = true
  const parts = variants.map(({ shards, object }) => {
    if (object === null) return `none on ${listShards(shards)}`
    const which = isFirst ? 'one definition' : 'another one'
    isFirst = false
    return `${which} on ${listShards(shards)}`
  })
  return `${type} \`${name}\`: ${parts.join(', ')}`
}
