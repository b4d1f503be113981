import type { RecordChange, RecordedDifference, touchedBy } from './recorded-schema.ts'
import { objectKey, type SnapshotReading } from './snapshot.ts'

const keysOf = ({ uneven = [] }: SnapshotReading): ReadonlySet<string> => new Set(uneven.map(objectKey))

/** What shards that differ mean for the record of a run. */
interface ShardsOfRun {
  /** Drift without what the run has made alike on all shards: that is as the run has left it. */
  readonly left: readonly RecordedDifference[]
  /** Keys of what differs since the run, because some shards alone have carried out its statement: the record keeps what it has. */
  readonly unfinished: ReadonlySet<string>
}

/**
 * @param drift what differed from the record when the run began
 * @param isTouched whether a statement of this run, or of an earlier one behind the record, changes an object: what a person has made alike meanwhile stays drift. Pure.
 */
export function compareShards(
  drift: readonly RecordedDifference[],
  before: SnapshotReading,
  after: SnapshotReading,
  isTouched: ReturnType<typeof touchedBy>,
): ShardsOfRun {
  const [was, is] = [keysOf(before), keysOf(after)]
  const drifted = new Set(drift.map(({ key }) => key))
  return {
    left: drift.filter((one) => !was.has(one.key) || is.has(one.key) || ![one.found, one.wanted, one].some(isTouched)),
    unfinished: new Set([...is].filter((key) => !drifted.has(key))),
  }
}

/** The same change without these objects. Pure. */
export function withoutObjects(change: RecordChange, keys: ReadonlySet<string>): RecordChange {
  if (keys.size === 0) return change
  const isKept = (object: Parameters<typeof objectKey>[0]): boolean => !keys.has(objectKey(object))
  return {
    ...change,
    put: change.put.filter(isKept),
    unproven: change.unproven.filter(isKept),
    remove: change.remove.filter(isKept),
  }
}

/** The same change where shards differ of which nothing was recorded before: none of their definitions is known to be the wanted one. Pure. */
export function withoutProof(change: RecordChange, reading: SnapshotReading): RecordChange {
  const keys = keysOf(reading)
  const differing = change.put.filter((object) => keys.has(objectKey(object)))
  if (differing.length === 0) return change
  return {
    ...withoutObjects(change, new Set(differing.map(objectKey))),
    unproven: [...change.unproven, ...differing.map(({ type, name }) => ({ type, name }))],
  }
}
