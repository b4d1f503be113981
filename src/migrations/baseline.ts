import { compareVersions } from '../core/version.ts'
import type { Migration } from './migration.ts'
import type { OpenTarget } from './targets.ts'

/** The migrations that a baseline of this version counts as applied, in order. */
export function listCovered({ all }: Pick<OpenTarget, 'all'>, version: string): readonly Migration[] {
  return all
    .filter((migration) => migration.kind !== 'repeatable' && compareVersions(migration.version, version) <= 0)
    .toSorted((one, other) => compareVersions(one.version, other.version))
}
