import type { RunEvent } from '../../command/event.ts'
import { type Page, paragraph } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'

const adverbs = { instant: 'instantly', 'in place': 'in place', 'by a copy': 'by a copy' } as const

/** `  user_db changed orders by a copy. 20,000 rows were compared ...`. */
export function describeOnlineChange(
  { target, table, how, notes }: Extract<RunEvent, { readonly type: 'online-changed' }>,
  page: Page,
): readonly Line[] {
  const done = how === 'back' ? `put \`${table}\` back as it was` : `changed \`${table}\` ${adverbs[how]}`
  const text = [` ${done}.`, ...notes].join(' ')
  return paragraph(['  ', toned('strong', target.database)], text, 4, page)
}
