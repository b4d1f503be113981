import type { RunEvent } from '../../command/event.ts'
import { type Page, paragraph, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { describeSession } from '../kill-blockers.ts'

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>

/** `! user_db killed connection 42 of app from 10.0.0.3, in a transaction of 61 s, 2 rows changed`. */
export function describeKilled({ target, session, isGone }: EventOf<'blocker-killed'>, page: Page): readonly Line[] {
  const end = isGone ? '' : '; the server still rolls its transaction back'
  const text = ` killed ${describeSession(session)}${end}`
  return paragraph([symbol('warning'), ' ', toned('strong', target.database)], text, 2, page)
}

export function describeSpared({ target, session, why }: EventOf<'blocker-spared'>, page: Page): readonly Line[] {
  const text = ` does not kill ${describeSession(session)}: ${why}`
  return paragraph([symbol('warning'), ' ', toned('strong', target.database)], text, 2, page)
}
