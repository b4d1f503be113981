import type { UnreachedTarget } from '../../core/target.ts'
import { type Line, toned } from '../text/span.ts'
import { wrapLine } from '../text/wrap.ts'
import { joinSentences, type Page, paragraph, symbol, targetHeading } from './page.ts'

/** Databases that an answer lacks: which, on which server, why, and what to do. */
export function renderUnreached(unreached: readonly UnreachedTarget[], page: Page): readonly Line[] {
  return unreached.flatMap(({ target, fault }) => [
    ...wrapLine(
      [symbol('bad'), ' ', ...targetHeading(target), ': ', toned('bad', 'not reached'), '.'],
      page.columns,
      2,
    ),
    ...paragraph(['  Why:  '], joinSentences(fault), 8, page),
    ...(fault.next === undefined ? [] : paragraph(['  ', toned('strong', 'Next: ')], fault.next, 8, page)),
  ])
}
