import { countOf } from '../../core/plural.ts'
import type { Result } from '../../core/result.ts'
import { type Line, toned } from '../text/span.ts'
import { wrapLine } from '../text/wrap.ts'
import { type Page, symbol } from './page.ts'

type PublicationResult = Extract<Result, { readonly kind: 'publication' }>

/** What was published, and the number that readers will see. */
export function renderPublication(result: PublicationResult, page: Page): readonly Line[] {
  const { server, keys, families, generation, changed } = result
  const what = `${countOf(families.length, 'family').replace('familys', 'families')}: ${families.join(', ')}`
  const said: Line = changed
    ? [symbol('good'), ` published as generation ${generation} of `, toned('strong', keys.catalogue), ` at ${server}`]
    : [symbol('idle'), ` generation ${generation} of `, toned('strong', keys.catalogue), ` at ${server} is the same`]
  return [...wrapLine(said, page.columns, 2), ...wrapLine([`  ${what} (${keys.generation})`], page.columns, 4)]
}
