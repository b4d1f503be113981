import type { DriftConfig, IgnoredDrift } from '../config/config.ts'
import type { RecordedDifference } from '../ddl/recorded-schema.ts'
import type { UnevenObject } from '../ddl/snapshot.ts'
import { objectKey } from '../ddl/snapshot.ts'
import { compilePattern } from '../sql/object-pattern.ts'

/** A difference that the configuration ignores until a date. */
export interface IgnoredDifference extends Pick<IgnoredDrift, 'reason' | 'until'> {
  readonly database: string
  readonly type: RecordedDifference['type']
  readonly name: string
}

/** The differences of one database, and what the configuration says about them. */
export interface JudgedDrift {
  readonly differences: readonly RecordedDifference[]
  readonly ignored: readonly IgnoredDifference[]
  /** Entries of the configuration that have expired: what they name is a finding again. */
  readonly ended: readonly IgnoredDrift[]
}

/** @param today in UTC, as `2026-12-31`: an entry applies to the end of its last day */
export function judgeDrift(
  database: string,
  found: readonly RecordedDifference[],
  { ignore }: Pick<DriftConfig, 'ignore'>,
  today: string,
): JudgedDrift {
  const differences: RecordedDifference[] = []
  const stateOf = stateOfEntries(database, ignore, today)
  const ignored: IgnoredDifference[] = []
  const ended = new Set<IgnoredDrift>()
  for (const one of found) {
    const { own, entry } = stateOf(one.name)
    if (entry === undefined) {
      differences.push(one)
      for (const late of own) ended.add(late)
    } else ignored.push({ database, type: one.type, name: one.name, reason: entry.reason, until: entry.until })
  }
  return { differences, ignored, ended: [...ended] }
}

/** The entries for an object, and the one of them that has not expired. */
function stateOfEntries(
  database: string,
  ignore: readonly IgnoredDrift[],
  today: string,
): (name: string) => { readonly own: readonly IgnoredDrift[]; readonly entry: IgnoredDrift | undefined } {
  return (name) => {
    const own = ignore.filter(({ object }) => compilePattern(object)(database, name))
    return { own, entry: own.find(({ until }) => until >= today) }
  }
}

/** What differs between shards and is not ignored: it is a finding, also where what is recorded of it cannot be compared. */
export function judgeUneven(
  database: string,
  uneven: readonly UnevenObject[],
  { ignore }: Pick<DriftConfig, 'ignore'>,
  today: string,
): readonly UnevenObject[] {
  const stateOf = stateOfEntries(database, ignore, today)
  return uneven.filter(({ name }) => stateOf(name).entry === undefined)
}

/** Objects that differ from what is wanted, or between shards. */
export function countDiffering({
  differences,
  uneven,
}: Pick<JudgedDrift, 'differences'> & { readonly uneven: readonly UnevenObject[] }): number {
  return new Set([...differences.map(({ key }) => key), ...uneven.map(objectKey)]).size
}
