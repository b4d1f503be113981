import type { RunEvent } from '../../command/event.ts'
import { type Page, paragraph } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'

const verbs = { hidden: 'hid', held: 'put aside', watched: 'watches', back: 'put back' } as const

/** `  user_db hid users.nick. wwdb retire run drops it from ... on, if nothing uses it until then.`. */
export function describeRetirement(
  { target, name, how, notes }: Extract<RunEvent, { readonly type: 'object-retired' }>,
  page: Page,
): readonly Line[] {
  const text = [` ${verbs[how]} \`${name}\`.`, ...notes].join(' ')
  return paragraph(['  ', toned('strong', target.database)], text, 4, page)
}
