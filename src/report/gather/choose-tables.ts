import { countOf, groupDigits } from '../../core/plural.ts'
import { compilePattern } from '../../sql/object-pattern.ts'
import type { ReportGap } from '../report.ts'

/**
 * The most tables of a database that a report describes: a page of 20,000 takes minutes to write, and nobody reads it.
 */
export const mostDescribed = 2000

/** Which tables are described: the first ones that are asked about, up to `mostDescribed` of each database. */
export interface TableChoice {
  readonly isDescribed: (database: string, table: string) => boolean
  /** How many tables of a database were asked about but are not described. */
  readonly leftOut: (database: string) => number
  /** What the report says about them; null where none is left out. */
  readonly gap: (database: string) => ReportGap | null
}

/** @param patterns what `--tables` names; without any, all tables are meant */
export function chooseTables(patterns: readonly string[]): TableChoice {
  const named = patterns.map(compilePattern)
  const counts = new Map<string, { described: number; unnamed: number; tooMany: number }>()
  const countsOf = (database: string) => {
    const known = counts.get(database) ?? { described: 0, unnamed: 0, tooMany: 0 }
    counts.set(database, known)
    return known
  }
  const leftOut = (database: string): number => {
    const { unnamed, tooMany } = countsOf(database)
    return unnamed + tooMany
  }
  return {
    isDescribed: (database, table) => {
      const own = countsOf(database)
      const isNamed = named.length === 0 || named.some((matches) => matches(database, table))
      const counted = !isNamed ? 'unnamed' : own.described < mostDescribed ? 'described' : 'tooMany'
      own[counted] += 1
      return counted === 'described'
    },
    leftOut,
    gap: (database) => {
      const { described, tooMany } = countsOf(database)
      const left = leftOut(database)
      if (left === 0) return null
      const all = countOf(described + left, 'table')
      const isTooMany = tooMany > 0
      return {
        part: 'tables',
        place: database,
        why: isTooMany
          ? `The report leaves out ${groupDigits(left)} of ${all}: it describes at most ${groupDigits(mostDescribed)} tables of each database.`
          : `The report leaves out ${groupDigits(left)} of ${all}, whose names match no pattern of \`--tables\`.`,
        next: isTooMany ? 'Run `wwdb report --tables PATTERN`, which describes those whose names match.' : null,
      }
    },
  }
}
