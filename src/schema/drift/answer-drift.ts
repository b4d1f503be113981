import { ToolError } from '../../core/tool-error.ts'
import { fingerprintObject, listRecorded, objectKey, type SnapshotReading } from '../../ddl/snapshot.ts'
import type { SchemaPair } from '../diff.ts'
import { wantedSchema } from '../recorded-drift.ts'
import type { RenamePair } from '../resolve-renames.ts'
import type { FoundDrift } from './find-drift.ts'

/** The differing objects, each with its expected state: an answer turns one side into the other. */
export function pairDrifts(found: readonly FoundDrift[], becomes: 'wanted' | 'found'): readonly SchemaPair[] {
  return found
    .filter(({ differences }) => differences.length > 0)
    .map(({ reading, differences }) => {
      const [wanted, live] = [wantedSchema(reading, differences), reading.snapshot]
      const { hidden } = reading
      return becomes === 'wanted' ? { wanted, found: live, hidden } : { wanted: live, found: wanted, hidden }
    })
}

/** From the recorded to the current state: migrations gave the old names. */
export function sidesOf(found: readonly FoundDrift[]): readonly RenamePair[] {
  return pairDrifts(found, 'found').map((pair) => ({ before: pair.found, after: pair.wanted }))
}

export function changedMeanwhile(database: string): ToolError {
  return new ToolError('PLAN_STALE', {
    what: `\`${database}\` changed after it was compared.`,
    where: { database },
    next: 'Run the command again.',
  })
}

/** A difference whose expected state is not recorded cannot be answered from the record. */
export function refuseUnproven(found: readonly FoundDrift[]): void {
  const unproven = found.flatMap(({ target, differences }) =>
    differences.flatMap(({ type, name, change }) =>
      change === 'unproven' ? [{ database: target.database.name, type, name }] : [],
    ),
  )
  if (unproven.length === 0) return
  throw new ToolError(
    'DRIFT',
    unproven.map(({ database, type, name }) => ({
      what: `The expected definition of the ${type} \`${name}\` of \`${database}\` is not recorded.`,
      where: { database },
      why: 'It was changed by hand before a migration changed it.',
      next: 'Add `--replay`, which replays the applied migrations in a scratch schema.',
    })),
  )
}

/** Whether the differing objects are still the same. */
export function areAsFound(differences: FoundDrift['differences'], live: SnapshotReading | undefined): boolean {
  const recorded = live === undefined ? [] : listRecorded(live.snapshot)
  const present = new Map(recorded.map((one) => [objectKey(one), fingerprintObject(one)]))
  return differences.every(
    ({ key, found }) => present.get(key) === (found === null ? undefined : fingerprintObject(found)),
  )
}
