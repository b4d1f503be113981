import type { UnseenTarget } from '../../shards/inspection.ts'
import type { Line } from '../text/span.ts'
import { wrapLine } from '../text/wrap.ts'
import { renderFault } from './fault.ts'
import { type Page, targetHeading } from './page.ts'

/** The first names of many, all with --verbose: `a, b, c and 9 more`. */
export function listSome(names: readonly string[], { verbose }: Page): string {
  const shown = verbose ? names : names.slice(0, 3)
  const more = names.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}

/** Databases that could not be looked at, each with the reason. */
export function renderUnseen(unseen: readonly UnseenTarget[], page: Page): readonly Line[] {
  return unseen.flatMap(({ target, fault }) => [
    ...wrapLine(targetHeading(target, 'not looked at'), page.columns, 2),
    ...renderFault(fault, page),
  ])
}
