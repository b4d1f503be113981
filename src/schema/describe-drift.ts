import type { RecordedDifference } from '../sql/recorded-schema.ts'
import type { SnapshotReading } from '../sql/snapshot.ts'
import { diffSchemas, type SchemaDiff } from './diff.ts'
import { wantedSchema } from './recorded-drift.ts'

/** The differences with the SQL of both ways: `forward` takes them back, `backward` makes them. Where what should be is not known there is none. */
export function describeDrift(reading: SnapshotReading, differences: readonly RecordedDifference[]): SchemaDiff {
  const diff = diffSchemas(wantedSchema(reading, differences), reading.snapshot, [], reading.hidden)
  const unproven = differences.filter(({ change }) => change === 'unproven')
  return {
    ...diff,
    differences: [
      ...diff.differences,
      ...unproven.map(({ type, name, change }) => ({ type, name, change, parts: [] })),
    ],
  }
}
