import type { RecordedDifference } from '../ddl/recorded-schema.ts'
import type { SnapshotReading } from '../ddl/snapshot.ts'
import { diffDatabases, type SchemaDiff } from './diff.ts'
import { type HeldTable, holdInstead } from './held-tables.ts'
import { wantedSchema } from './recorded-drift.ts'
import { invertAll, type RenamesAround } from './renames.ts'

/** The differences in one database. */
interface DriftedSchema {
  readonly reading: SnapshotReading
  readonly differences: readonly RecordedDifference[]
  readonly held: readonly HeldTable[]
}

/**
 * The differences with the SQL for both directions: `forward` reverts them, `backward` recreates them. There is no SQL where the expected state is unknown. @param renames from the recorded names to the current ones
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
