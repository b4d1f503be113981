import { isDeepStrictEqual } from 'node:util'
import { textOfTable } from './shown-table.ts'
import {
  identityOf,
  isOfShard,
  listRecorded,
  type ObjectVariant,
  objectKey,
  type RecordedSnapshot,
  type SnapshotReading,
  sortObjects,
  type UnevenObject,
} from './snapshot.ts'

/** What one shard of a keyspace has. */
export interface ShardReading {
  readonly shard: string
  readonly reading: SnapshotReading
}

/** The schema of a keyspace. Where shards differ, it has what the first one has that has the object, and `uneven` says what the others have. Pure. */
export function mergeShards(readings: readonly [ShardReading, ...ShardReading[]]): SnapshotReading {
  const [{ reading: first }] = readings
  const shards = readings.map(({ shard, reading }) => ({
    ...{ shard, objects: objectsOf(reading) },
    hidden: new Set(reading.hidden),
  }))
  const all = new Map<string, RecordedSnapshot>()
  for (const { objects } of shards) for (const [key, object] of objects) if (!all.has(key)) all.set(key, object)
  const uneven = [...all].flatMap(([key, { type, name }]): readonly UnevenObject[] => {
    // Of a shard where it may not be read, nothing is known.
    const seen = shards.filter(({ hidden }) => !hidden.has(`${type} ${name}`))
    const variants = variantsOf(seen.map(({ shard, objects }) => ({ shard, object: objects.get(key) ?? null })))
    return variants.length < 2 ? [] : [{ type, name, variants }]
  })
  const united = (list: (reading: SnapshotReading) => readonly string[]): readonly string[] => [
    ...new Set(readings.flatMap(({ reading }) => list(reading))),
  ]
  const triggers = united((reading) => reading.leftOutTriggers ?? [])
  const objects = [...all.values()].filter(isOfShard)
  return {
    ...first,
    snapshot: { ...first.snapshot, objects: sortObjects(objects) },
    hidden: united(({ hidden }) => hidden),
    leftOut: united(({ leftOut }) => leftOut),
    ...(triggers.length > 0 && { leftOutTriggers: triggers }),
    ...(uneven.length > 0 && { uneven: sortObjects(uneven) }),
  }
}

const objectsOf = ({ snapshot }: SnapshotReading): ReadonlyMap<string, RecordedSnapshot> =>
  new Map(listRecorded(snapshot).map((object) => [objectKey(object), object]))

function variantsOf(
  shards: readonly { readonly shard: string; readonly object: RecordedSnapshot | null }[],
): readonly ObjectVariant[] {
  const found: { readonly shards: string[]; readonly object: RecordedSnapshot | null }[] = []
  for (const { shard, object } of shards) {
    const known = found.find((one) => areAlike(one.object, object))
    if (known === undefined) found.push({ shards: [shard], object })
    else known.shards.push(shard)
  }
  return found
}

/** Texts first: they are alike on almost all shards, and a table whose text is not read need not be parsed. */
function areAlike(one: RecordedSnapshot | null, other: RecordedSnapshot | null): boolean {
  if (one === null || other === null) return one === other
  const text = textOfTable(one)
  if (text !== null && text === textOfTable(other)) return true
  if ('text' in one && isDeepStrictEqual(one, other)) return true
  return identityOf(one) === identityOf(other)
}

/** `-80 and 80-`. */
const listShards = (shards: readonly string[]): string =>
  `${shards.length === 1 ? 'shard' : 'shards'} ${shards.join(', ')}`

/** `table messages: one definition on shard -80, another one on shard 80-`. */
export function describeUneven({ type, name, variants }: UnevenObject): string {
  let isFirst = true
  const parts = variants.map(({ shards, object }) => {
    if (object === null) return `none on ${listShards(shards)}`
    if (object.type === 'schema') return `${object.collation} on ${listShards(shards)}`
    const which = isFirst ? 'one definition' : 'another one'
    isFirst = false
    return `${which}${describeOwner(object, variants)} on ${listShards(shards)}`
  })
  return `${type === 'schema' ? 'collation of the schema' : `${type} \`${name}\``}: ${parts.join(', ')}`
}

/** Who its definer is, where definers differ. */
function describeOwner(object: RecordedSnapshot, variants: readonly ObjectVariant[]): string {
  const definerOf = (one: RecordedSnapshot | null): string | null =>
    one !== null && 'definer' in one ? one.definer : null
  const definers = new Set(variants.flatMap((one) => definerOf(one.object) ?? []))
  return definers.size > 1 ? ` of ${definerOf(object)}` : ''
}
