import type { Fault } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import type { MigrationEntry } from './folder.ts'
import { canonicalVersion } from './version.ts'

/** The order in which a folder's migrations run: versions as numbers, then the repeatable ones by name. */
export function compareEntries(left: MigrationEntry, right: MigrationEntry): number {
  const leftAgain = left.name.kind === 'repeatable'
  const rightAgain = right.name.kind === 'repeatable'
  if (leftAgain !== rightAgain) return leftAgain ? 1 : -1
  if (!leftAgain) {
    const order = compareVersions(left.name.version, right.name.version)
    if (order !== 0) return order
  }
  return left.name.fileName < right.name.fileName ? -1 : 1
}

/** What is wrong with the versions of one folder, taken together: duplicates, two schemes, gaps. `entries` are in order. */
export function findOrderFaults(entries: readonly MigrationEntry[]): readonly Fault[] {
  const mixed = findMixedSchemes(entries)
  return [...findDuplicates(entries), ...(mixed === null ? findGaps(entries) : [mixed])]
}

function findDuplicates(entries: readonly MigrationEntry[]): readonly Fault[] {
  const faults: Fault[] = []
  const first = new Map<string, MigrationEntry>()
  for (const entry of entries) {
    const key = identity(entry)
    const other = first.get(key)
    if (other === undefined) first.set(key, entry)
    else faults.push(duplicateFault(other, entry))
  }
  return faults
}

/** Two entries with one identity cannot be told apart in the journal; names are compared as MySQL's collations do. */
function identity(entry: MigrationEntry): string {
  return entry.name.kind === 'repeatable' ? entry.name.version.toLowerCase() : canonicalVersion(entry.name.version)
}

function duplicateFault(first: MigrationEntry, second: MigrationEntry): Fault {
  const repeatable = second.name.kind === 'repeatable'
  return {
    what: repeatable
      ? `${first.name.fileName} and ${second.name.fileName} are two repeatable migrations with one name.`
      : `${first.name.fileName} and ${second.name.fileName} have the same version.`,
    where: { file: second.file },
    next: repeatable
      ? 'Rename one of them.'
      : 'Rename the one that has been applied nowhere, with a version after all others.',
  }
}

function findMixedSchemes(entries: readonly MigrationEntry[]): Fault | null {
  const timestamp = entries.find((entry) => entry.name.scheme === 'timestamp')
  const sequence = entries.find((entry) => entry.name.scheme === 'sequence')
  if (timestamp === undefined || sequence === undefined) return null
  return {
    what: `${sequence.name.fileName} has a sequence number and ${timestamp.name.fileName} a timestamp, in one folder.`,
    where: { file: sequence.file },
    why: 'Their order would not be the order in which they were written.',
    next: 'Use one of the two in a folder: rename the files that have been applied nowhere.',
  }
}

function findGaps(entries: readonly MigrationEntry[]): readonly Fault[] {
  const faults: Fault[] = []
  let before: MigrationEntry | null = null
  for (const entry of entries) {
    if (entry.name.scheme !== 'sequence') continue
    const missing: number = before === null ? 0 : Number(before.name.version) + 1
    if (before !== null && Number(entry.name.version) > missing) faults.push(gapFault(before, entry, missing))
    before = entry
  }
  return faults
}

function gapFault(before: MigrationEntry, after: MigrationEntry, missing: number): Fault {
  const number = String(missing).padStart(before.name.version.length, '0')
  const filled = after.name.fileName.replace(/^\d+/, number)
  return {
    what: `The sequence has a gap: ${number} is missing between ${before.name.fileName} and ${after.name.fileName}.`,
    where: { file: after.file },
    next: `Put the missing file back, or rename ${after.name.fileName} to ${filled}.`,
  }
}
