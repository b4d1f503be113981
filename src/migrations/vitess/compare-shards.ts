import type { ObjectName } from '../../sql/statement.ts'
import { digestDefinitions } from '../execute/recover.ts'

/** What the objects of a definition are on all shards, compared with what they were when its row was opened. */
export type Compared =
  | { readonly type: 'unchanged' }
  /** On every shard, and to the same. */
  | { readonly type: 'changed' }
  /** What they show does not say whether it ran. */
  | { readonly type: 'unclear'; readonly why: string }

type Definitions = readonly (string | null)[]

/** Definitions of one object on all shards as one: where they agree, how many shards there are does not count, as resharding changes it. */
export function combineShards(own: Definitions): string | null {
  const [first = null] = own
  if (own.every((one) => one === first)) return first
  return joinShards(own)
}

const joinShards = (own: Definitions): string | null => (own.every((one) => one === null) ? null : own.join('\n'))

interface OpenedRow {
  readonly fingerprint: string | null
  readonly objects: readonly ObjectName[]
  /** The shards of then; absent where the row does not have them. */
  readonly shards?: readonly string[]
}

/** Compares each shard for itself, as a definition may have run on some of them. @param ofObjects for each object of the row, its definition on each of the shards, in their order */
export function compareShards(
  { fingerprint, objects, shards: before }: OpenedRow,
  shards: readonly string[],
  ofObjects: readonly Definitions[],
): Compared {
  if (fingerprint === null || objects.length === 0)
    return { type: 'unclear', why: 'the state of no object shows whether it ran' }
  const isAsBefore = (definitions: Definitions): boolean => digestDefinitions(objects, definitions) === fingerprint
  // Earlier versions joined the definitions of all shards where they agreed, too.
  if (isAsBefore(ofObjects.map(combineShards)) || isAsBefore(ofObjects.map(joinShards))) return { type: 'unchanged' }
  for (const [index, own] of ofObjects.entries()) {
    const differing = own.findIndex((one) => one !== own[0])
    if (differing > 0)
      return {
        type: 'unclear',
        why: `\`${objects[index]?.name}\` is not the same on the shards ${shards[0]} and ${shards[differing]}: it may have run on some of them`,
      }
  }
  if (before !== undefined && before.join() !== shards.join())
    return {
      type: 'unclear',
      why: `its objects have changed, and the keyspace was sharded again since: it had the shards ${before.join(', ')}, and has ${shards.join(', ')}`,
    }
  const isGone = ofObjects.every((own) => own.every((one) => one === null))
  if (objects.length > 1 && !isGone)
    return { type: 'unclear', why: 'its objects have changed, and whether each of them has is not known' }
  return { type: 'changed' }
}
