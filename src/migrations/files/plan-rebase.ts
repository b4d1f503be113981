import { type Fault, ToolError } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import type { MigrationEntry } from './folder.ts'
import { canonicalVersion, momentOf, timestampOf } from './migration-name.ts'

/** What the journals of one logical database record, in all environments that were read. */
export interface RanSomewhere {
  /** The highest version that is applied or in progress in any; null where nothing ran. */
  readonly highest: string | null
  /** Where this file ran, or counts as applied: the name of an environment; null where it ran nowhere. */
  readonly whereRan: (version: string, name: string) => string | null
}

/** A file that gets another version. */
export interface Renaming {
  readonly entry: MigrationEntry
  readonly version: string
  readonly fileName: string
}

/**
 * The files of one database that ran nowhere, where one of them sorts before an applied one: all get versions after it, in their order. A file that
 * sorts before an applied one in one environment but ran in another stays. Pure. Throws ToolError `REBASE_REFUSED` for such a file, which would run
 * again under a new version.
 */
export function planRebase(
  entries: readonly MigrationEntry[],
  ran: RanSomewhere,
  lacking: (version: string, name: string) => string | null,
  now: Date,
): readonly Renaming[] {
  const versioned = entries
    .filter(({ name }) => name.kind !== 'repeatable')
    .toSorted((one, other) => compareVersions(one.name.version, other.name.version))
  const { highest } = ran
  if (highest === null) return []
  const faults = versioned.flatMap((entry): readonly Fault[] => {
    const where = ran.whereRan(entry.name.version, entry.name.name)
    const late = where === null ? null : lacking(entry.name.version, entry.name.name)
    return where === null || late === null ? [] : [ranFault(entry, where, late)]
  })
  if (faults.length > 0) throw new ToolError('REBASE_REFUSED', faults)
  const pending = versioned.filter(({ name }) => ran.whereRan(name.version, name.name) === null)
  const first = pending.findIndex(({ name }) => compareVersions(name.version, highest) <= 0)
  if (first < 0) return []
  let last = highest
  const renamings = pending.slice(first).map((entry) => {
    last = next(entry, last, now)
    return { entry, version: last, fileName: entry.name.fileName.replace(/^\d+/, last) }
  })
  return renamings.filter(({ entry, fileName }) => fileName !== entry.name.fileName)
}

function next({ name }: MigrationEntry, last: string, now: Date): string {
  if (name.scheme === 'sequence')
    return String(Number(canonicalVersion(last)) + 1).padStart(Math.max(name.version.length, last.length), '0')
  const version = timestampOf(now)
  return compareVersions(version, last) > 0 ? version : timestampOf(new Date(momentOf(last).getTime() + 1000))
}

function ranFault({ file, database }: MigrationEntry, where: string, late: string): Fault {
  return {
    what: `\`${file}\` ran in ${where}, but sorts before what ran in ${late}.`,
    where: { file, database },
    why: 'With a new version it would run again where it already ran.',
    next: `Run it in ${late} with \`wwdb migrate --out-of-order allow\`.`,
  }
}

/** The text of a file with the new versions in its `wwdb:requires` headers. Pure. */
export function renameRequired(text: string, versions: ReadonlyMap<string, string>): string {
  return text.replaceAll(/^([ \t]*(?:--|\/\/)[ \t]*wwdb:requires)(.*)$/gm, (_, header: string, list: string) => {
    const renamed = list.replaceAll(/[^\s/]+\/\d+/g, (reference) => versions.get(reference) ?? reference)
    return header + renamed
  })
}
