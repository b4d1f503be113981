import type { RecordChange, RecordedDifference } from './recorded-schema.ts'
import { objectKey, type SnapshotReading } from './snapshot.ts'

const keysOf = ({ uneven = [] }: SnapshotReading): ReadonlySet<string> => new Set(uneven.map(objectKey))

/** What shards that differ mean for the record of a run. */
interface ShardsOfRun {
  /** Drift without what the run has made alike on all shards: that is as the run has left it. */
  readonly left: readonly RecordedDifference[]
  /** Keys of what differs since the run, because some shards alone have carried out its statement: the record keeps what it has. */
  readonly unfinished: ReadonlySet<string>
}

/** @param drift what differed from the record when the run began. Pure. */
export function compareShards(
  drift: readonly RecordedDifference[],
  before: SnapshotReading,
  after: SnapshotReading,
): ShardsOfRun {
  const [was, is] = [keysOf(before), keysOf(after)]
  const drifted = new Set(drift.map(({ key }) => key))
  return {
    left: drift.filter(({ key }) => !was.has(key) || is.has(key)),
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
