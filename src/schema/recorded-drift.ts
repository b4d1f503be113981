import {
  findDrift,
  nothingTouched,
  type RecordedDifference,
  type RecordedSchema,
  touchedBy,
} from '../ddl/recorded-schema.ts'
import type { UnevenObject } from '../ddl/snapshot.ts'
import {
  isOfShard,
  isVschemaPart,
  objectKey,
  type RecordedSnapshot,
  type SchemaSnapshot,
  type SnapshotReading,
} from '../ddl/snapshot.ts'
import { unlikeRecord } from '../ddl/unlike-record.ts'
import { advanceBehind } from '../migrations/behind-record.ts'
import type { Pass } from '../migrations/journal/journal.ts'
import type { RecordOptions } from '../migrations/record-schema.ts'
import { findStalePasses, findUnrecorded } from '../migrations/stale-schema.ts'
import { type OpenTarget, refreshTarget } from '../migrations/targets.ts'

/** A database compared with its record. */
export interface DatabaseDrift {
  readonly target: OpenTarget
  readonly recorded: RecordedSchema
  readonly reading: SnapshotReading
  readonly differences: readonly RecordedDifference[]
  /** For a keyspace: what differs between its shards, without what a run in progress changes. */
  readonly uneven: readonly UnevenObject[]
  /**
   * True where a run whose statements do not show what they change is in progress, or was stopped: nothing is known until the next run.
   */
  readonly isUnknown: boolean
  /** True where objects are left out that a run changed after the record. */
  readonly isPartial: boolean
  /** Why it is unknown what was changed by hand among the objects that a killed run changed; null where it is known. */
  readonly why: string | null
  /** Passes of the journal after the record of which the schema shows nothing: it was restored to an earlier time. */
  readonly stale: readonly Pass[]
}

/** A run that ends between two queries changes the record: then both are repeated, at most this often. */
const mostAttempts = 5

/**
 * Compares a database with its record: one query for the record, and the current schema. Only where they differ is the journal read again, for what a
 * run in progress has changed since. Null where the database has no record yet, and where a row of it was lost.
 */
export async function compareWithRecord(opened: OpenTarget, options: RecordOptions): Promise<DatabaseDrift | null> {
  let target = opened
  const { record } = target.session
  if (record === undefined) return null
  const { schema } = target.session.target
  for (let attempt = 1; ; attempt += 1) {
    const [recorded, live] = await Promise.all([record.read(), record.readLive(options)])
    if (recorded === null || recorded.isDamaged === true) return null
    const reading = unlikeRecord(live, recorded)
    const none = {
      target,
      recorded,
      reading,
      differences: [],
      uneven: [],
      isUnknown: false,
      isPartial: false,
      why: null,
      stale: [],
    }
    const isBehind = findUnrecorded(recorded, target.snapshot.passes).length > 0
    const { uneven = [] } = reading
    const isAlike = uneven.length === 0 && findDrift(recorded, reading, nothingTouched, schema).length === 0
    if (!isBehind && isAlike) return none
    const fresh = await refreshTarget(target)
    const again = await record.read()
    if (again !== null && !isSame(recorded, again) && attempt < mostAttempts) continue
    // A run in progress continues during the comparison: what it closed meanwhile is not in the schema that was read.
    const isQuiet = isAsBefore(target, fresh)
    if (isBehind && options.replay !== undefined && !isQuiet && attempt < mostAttempts) {
      target = fresh
      continue
    }
    const neighbors = options.neighbors.map((one) => one.schema)
    const stale = isBehind ? await findStalePasses(fresh, { recorded, reading }) : []
    const replay = isQuiet && stale.length === 0 ? options.replay : undefined
    const { touched, why, ...behind } = await advanceBehind(fresh, recorded, reading, neighbors, replay)
    const differences = findDrift(behind.recorded, reading, touched, schema)
    const isTouched = touchedBy(touched, schema)
    return {
      ...none,
      target: fresh,
      differences,
      uneven: touched.everything
        ? []
        : uneven.filter((one) => ![one, ...one.variants.map(({ object }) => object)].some(isTouched)),
      isUnknown: touched.everything,
      isPartial: touched.objects.length > 0,
      why,
      stale,
    }
  }
}

/** Whether nothing ran between two readings of a journal. */
function isAsBefore({ snapshot: before }: OpenTarget, { snapshot: after }: OpenTarget): boolean {
  const stateOf = (passes: readonly Pass[]): string =>
    passes.map(({ pass, closed, open }) => `${pass}:${closed}/${open}`).join()
  return stateOf(before.passes) === stateOf(after.passes)
}

const isSame = (one: RecordedSchema, other: RecordedSchema): boolean =>
  one.through === other.through && [...one.partial].join(' ') === [...other.partial].join(' ')

/**
 * The live schema with the differing objects and defaults as they should be: the result of `drift --revert`. Objects whose expected state is unknown stay as they are.
 */
export function wantedSchema(
  { snapshot }: SnapshotReading,
  differences: readonly RecordedDifference[],
): SchemaSnapshot {
  const known = differences.filter(({ change }) => change !== 'unproven')
  const keys = new Set(known.map(({ key }) => key))
  const isKept = (object: RecordedSnapshot): boolean => !keys.has(objectKey(object))
  const kept = snapshot.objects.filter(isKept)
  const wanted = known.flatMap((one) => one.wanted ?? [])
  const [defaults] = wanted.filter((one) => one.type === 'schema')
  return {
    ...snapshot,
    ...(defaults !== undefined && { charset: defaults.charset, collation: defaults.collation }),
    objects: [...kept, ...wanted.filter(isOfShard)],
    ...(snapshot.vschema !== undefined && {
      vschema: [...snapshot.vschema.filter(isKept), ...wanted.filter(isVschemaPart)],
    }),
  }
}
