import type { Division, PeriodKind } from '../../core/shard-family.ts'
import type { Fault } from '../../core/tool-error.ts'
import { isWord } from '../../sql/clauses.ts'
import type { FamilyDraft } from './family-draft.ts'
import { headerFault } from './template-file.ts'

/** The digits of each period's key, as a pattern: the only one that gives each period its own number, in order of time. */
const digitsOf: Readonly<Record<PeriodKind, string>> = {
  day: 'YYYYMMDD',
  week: 'GGGGWW',
  month: 'YYYYMM',
  quarter: 'YYYYQ',
  year: 'YYYY',
}

/** Numbers of JavaScript and JSON are exact below this. */
const exactLimit = 2n ** 53n

/** Ids must stay exact for as long as anybody will care: the number of the last period of the year 2999. */
const lastYear = 2999n

/** What is wrong with the header that lets the ids of a shard begin at its period. */
export function checkIds({ headers, content }: FamilyDraft, division: Division | null): readonly Fault[] {
  const ids = headers.get('ids')
  if (ids === null || ids.value === null || division === null) return []
  const { pattern, factor } = ids.value
  if (division.type === 'key') {
    const why = 'A key may be any number of 64 bits, so there is no room for ids beside it.'
    return [headerFault(ids.place, { says: 'has no meaning in a family of keys', why, next: 'Remove it.' })]
  }
  const digits = digitsOf[division.kind]
  if (pattern !== digits) {
    const says = `counts by ${pattern}, which does not tell each ${division.kind} from all others`
    return [headerFault(ids.place, { says, next: `Write "${digits} x ${factor}".` })]
  }
  const last = (lastYear + 1n) * 10n ** BigInt(digits.length - 4) * factor
  if (last > exactLimit) {
    const why = 'Numbers from there on are not exact in JavaScript and JSON.'
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
        says: 'needs a column with AUTO_INCREMENT, and the table has none',
        next: 'Add it, or remove the header.',
      }),
    ]
  }
  if (!isWord(column.definition[1], 'BIGINT')) {
    const says = `needs a BIGINT, and ${column.name} is ${column.definition[1]?.text ?? 'something else'}`
    return [headerFault(place, { says, next: `Make ${column.name} a BIGINT UNSIGNED.` })]
  }
  if (!created.options.some((token) => isWord(token, 'AUTO_INCREMENT'))) return []
  return [
    headerFault(place, {
      says: 'and the option AUTO_INCREMENT of the table contradict each other',
      next: 'Remove the option.',
    }),
  ]
}
