import type { RunEvent } from '../../command/event.ts'
import { formatDuration } from '../../core/duration.ts'
import { type Page, paragraph, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import { describeBeyond } from '../reading.ts'

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>

/** `! user_db pauses: replica b is 9.0 s behind (at most 5.0 s)`. */
export function describePause(event: EventOf<'throttle-paused'>, page: Page): readonly Line[] {
  const [first] = event.because
  if (first === undefined) return []
  const text = ` pauses: ${describeBeyond(first, 'is')}`
  return paragraph([symbol('warning'), ' ', toned('strong', event.target.database)], text, 2, page)
}

/** Nothing where work did not continue: the error or the end of the run says so. */
export function describePauseEnd(event: EventOf<'throttle-ended'>, page: Page): readonly Line[] {
  if (event.how !== 'went-on') return []
  const text: Line = [
    '  ',
    toned('strong', event.target.database),
    ` goes on after ${formatDuration(event.milliseconds)}`,
  ]
  return wrapLine(text, page.columns, 4)
}
