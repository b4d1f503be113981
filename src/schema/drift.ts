import type { DriftConfig, IgnoredDrift } from '../config/config.ts'
import type { RecordedDifference } from '../ddl/recorded-schema.ts'
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
  const ignored: IgnoredDifference[] = []
  const ended = new Set<IgnoredDrift>()
  for (const one of found) {
    const own = ignore.filter(({ object }) => compilePattern(object)(database, one.name))
    const entry = own.find(({ until }) => until >= today)
    if (entry === undefined) {
      differences.push(one)
      for (const late of own) ended.add(late)
    } else ignored.push({ database, type: one.type, name: one.name, reason: entry.reason, until: entry.until })
  }
  return { differences, ignored, ended: [...ended] }
}
