import type { RecordedDifference } from '../ddl/recorded-schema.ts'
import type { SnapshotReading } from '../ddl/snapshot.ts'
import { diffDatabases, type SchemaDiff } from './diff.ts'
import { type HeldTable, holdInstead } from './held-tables.ts'
import { wantedSchema } from './recorded-drift.ts'
import { invertAll, type RenamesAround } from './renames.ts'

/** What differs in one database. */
interface DriftedSchema {
  readonly reading: SnapshotReading
  readonly differences: readonly RecordedDifference[]
  readonly held: readonly HeldTable[]
}

/**
 * The differences with the SQL of both ways: `forward` takes them back, `backward` makes them. Where what should be is not known there is none.
 * @param renames from the names that are recorded to those of now
 */
export function describeDrifts(drifts: readonly DriftedSchema[], renames: RenamesAround): readonly SchemaDiff[] {
  const pairs = drifts.map(({ reading: { snapshot, hidden }, reading, differences }) => {
    return { wanted: wantedSchema(reading, differences), found: snapshot, hidden }
  })
  return diffDatabases(pairs, invertAll(renames), true).map((given, at) => {
    const diff = holdInstead(given, drifts[at]?.held ?? [])
    const unproven = drifts[at]?.differences.filter(({ change }) => change === 'unproven') ?? []
    const unknown = unproven.map(({ type, name, change }) => ({ type, name, change, parts: [] }))
    return { ...diff, differences: [...diff.differences, ...unknown] }
  })
}
