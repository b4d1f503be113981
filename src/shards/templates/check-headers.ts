import type { CalendarSpan, Division, PeriodKind } from '../../core/shard-family.ts'
import { assertNever, type Fault } from '../../core/tool-error.ts'
import { isWord } from '../../sql/clauses.ts'
import { type HeaderName, headerFault } from './header.ts'
import type { WrittenPremake } from './header-values.ts'
import type { FamilyDraft } from './template-file.ts'

const day = 86_400_000

/** The default: three months for most, two weeks for days. */
export function defaultPremake(division: Division | null): WrittenPremake {
  if (division === null || division.type === 'key') return { periods: 0, days: 0 }
  return { periods: division.kind === 'day' ? 14 : 3, days: 0 }
}

/** Headers that have a meaning in families of periods alone. */
const periodOnly: readonly HeaderName[] = ['premake', 'view', 'time']

/** Contradictions between the headers of a family's policy. */
export function checkPolicy(draft: FamilyDraft, division: Division | null): readonly Fault[] {
  const faults = division?.type === 'key' ? checkKeyFamily(draft) : []
  return [...faults, ...checkKeep(draft, division), ...checkLate(draft), ...checkGrace(draft), ...checkArchive(draft)]
}

function checkKeyFamily({ headers }: FamilyDraft): readonly Fault[] {
  return periodOnly.flatMap((name) => {
    const header = headers.get(name)
    if (header === null || header.value === null) return []
    return [headerFault(header.place, { says: 'has no meaning in a family of keys', next: 'Remove it.' })]
  })
}

function checkKeep({ headers }: FamilyDraft, division: Division | null): readonly Fault[] {
  const keep = headers.get('keep')
  if (keep === null || keep.value === null || division?.type !== 'period') return []
  if (!isShorter(keep.value, division.kind)) return []
  const says = `keeps ${keep.value.count} ${keep.value.unit}s, which may be less than one ${division.kind}`
  return [headerFault(keep.place, { says, next: `Keep at least "1 ${division.kind}".` })]
}

const longestDays: Readonly<Record<PeriodKind, number>> = { day: 1, week: 7, month: 31, quarter: 92, year: 366 }

/** Units in months; the others are in days. */
const months: Readonly<Partial<Record<PeriodKind, number>>> = { month: 1, quarter: 3, year: 12 }

/** Whether a span may be shorter than one period: 3 months are never shorter than a quarter, 90 days may be. */
function isShorter(span: CalendarSpan, kind: PeriodKind): boolean {
  const [unit, period] = [months[span.unit], months[kind]]
  if (unit !== undefined && period !== undefined) return span.count * unit < period
  return shortestDays(span) < longestDays[kind]
}

function shortestDays({ count, unit }: CalendarSpan): number {
  switch (unit) {
    case 'day':
      return count
    case 'week':
      return count * 7
    case 'month':
      return shortestMonths(count)
    case 'quarter':
      return shortestMonths(count * 3)
    case 'year':
      return shortestMonths(count * 12)
    default:
      return assertNever(unit)
  }
}

/** Several months have a minimum length: twelve have 365 days, three have at least 89, and February has 28. */
function shortestMonths(count: number): number {
  const whole = Math.floor(count / 12)
  const rest = [0, 28, 59, 89, 120, 150, 181, 212, 242, 273, 303, 334][count % 12] ?? 0
  return whole * 365 + rest
}

/** A shard that retention removes before it was sealed would be counted while it is still written. */
function checkLate({ headers }: FamilyDraft): readonly Fault[] {
  const [late, keep] = [headers.get('late'), headers.get('keep')]
  if (late === null || keep === null || keep.value === null) return []
  if (late.value <= shortestDays(keep.value) * day) return []
  const says = 'accepts late rows for longer than the shard is kept'
  return [headerFault(late.place, { says, next: 'Shorten it, or make `keep` longer.' })]
}

const shortestGrace = 3_600_000

function checkGrace({ headers }: FamilyDraft): readonly Fault[] {
  const grace = headers.get('grace')
  if (grace === null || grace.value >= shortestGrace) return []
  const why = 'During the grace period a mistake can be undone by renaming the table.'
  return [
    headerFault(grace.place, { says: 'is shorter than an hour', why, next: 'Write `14 days`, or at least `1 hour`.' }),
  ]
}

function checkArchive({ headers, archives }: FamilyDraft): readonly Fault[] {
  const [archive, keep] = [headers.get('archive'), headers.get('keep')]
  if (archive?.value === 'directory' && !archives) {
    const says = 'requires a folder, but the configuration names none'
    const next = 'Write "rotation": {"archive": "archives"} into the configuration, or "-- wwdb:archive none".'
    return [headerFault(archive.place, { says, next })]
  }
  if (archive !== null || keep === null || keep.value === null) return []
  const says = 'removes shards without defining what happens to their rows'
  const next = 'Write `-- wwdb:archive directory`, or `-- wwdb:archive none` if they may be lost.'
  return [headerFault(keep.place, { says, next })]
}

/** The digits of each period's key, as a pattern: the only one that gives each period its own number, in order of time. */
const digitsOf: Readonly<Record<PeriodKind, string>> = {
  day: 'YYYYMMDD',
  week: 'GGGGWW',
  month: 'YYYYMM',
  quarter: 'YYYYQ',
  year: 'YYYY',
}

/** Numbers in JavaScript and JSON are exact below this. */
const exactLimit = 2n ** 53n

/** IDs must stay exact for a thousand years: the number of the last period of the year 2999. */
const lastYear = 2999n

/** Faults of the header that makes the IDs of a shard begin at its period. */
export function checkIds({ headers, content }: FamilyDraft, division: Division | null): readonly Fault[] {
  const ids = headers.get('ids')
  if (ids === null || ids.value === null || division === null) return []
  const { pattern, factor } = ids.value
  if (division.type === 'key') {
    const why = 'A key can be any 64-bit number, so there is no room for ids beside it.'
    return [headerFault(ids.place, { says: 'has no meaning in a family of keys', why, next: 'Remove it.' })]
  }
  const digits = digitsOf[division.kind]
  if (pattern !== digits) {
    const says = `counts by ${pattern}, which does not identify each ${division.kind}`
    return [headerFault(ids.place, { says, next: `Write "${digits} x ${factor}".` })]
  }
  const last = (lastYear + 1n) * 10n ** BigInt(digits.length - 4) * factor
  if (last > exactLimit) {
    const why = 'Larger numbers are not exact in JavaScript and JSON.'
    const most = exactLimit / ((lastYear + 1n) * 10n ** BigInt(digits.length - 4))
    const says = 'gives ids beyond 2^53 before the year 3000'
    return [headerFault(ids.place, { says, why, next: `The largest factor is ${most}.` })]
  }
  return checkColumn({ headers, content }, ids.place)
}

function checkColumn(
  { content }: Pick<FamilyDraft, 'headers' | 'content'>,
  place: Parameters<typeof headerFault>[0],
): readonly Fault[] {
  const { created } = content
  if (created === null) return []
  const column = created.columns.find(({ definition }) => definition.some((token) => isWord(token, 'AUTO_INCREMENT')))
  if (column === undefined) {
    return [
      headerFault(place, {
        says: 'needs a column with AUTO_INCREMENT, but the table has none',
        next: 'Add it, or remove the header.',
      }),
    ]
  }
  if (!isWord(column.definition[1], 'BIGINT')) {
    const says = `needs a BIGINT, but \`${column.name}\` is ${column.definition[1]?.text ?? 'something else'}`
    return [headerFault(place, { says, next: `Make \`${column.name}\` a BIGINT UNSIGNED.` })]
  }
  if (!created.options.some((token) => isWord(token, 'AUTO_INCREMENT'))) return []
  return [
    headerFault(place, {
      says: 'and the option AUTO_INCREMENT of the table contradict each other',
      next: 'Remove the option.',
    }),
  ]
}
