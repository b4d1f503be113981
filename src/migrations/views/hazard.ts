import { type Hazard, stopsRun } from '../../lint/rule.ts'
import { type Page, paragraph, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { Annotation } from '../../terminal/view.ts'

/** A hazard under its statement: what it is, why, what to do instead, and who accepted it. @param place its position, where that is not visible */
export function renderHazard(hazard: Hazard, place: string, indent: number, page: Page): readonly Line[] {
  const blanks = ' '.repeat(indent)
  const tone = stopsRun(hazard) && hazard.accepted === null ? 'bad' : 'warning'
  const heading: Line = [
    blanks,
    hazard.accepted === null ? toned(tone, '!') : symbol('idle'),
    ' ',
    toned(tone, `${hazard.kind} ${hazard.code}`),
    toned('faint', `  ${place}`),
  ]
  return [
    ...wrapLine(heading, page.columns, indent + 2),
    ...paragraph([`${blanks}  `], hazard.why, indent + 2, page),
    ...renderAlternative(hazard, `${blanks}  `, indent + 2, page),
  ]
}

function renderAlternative(hazard: Hazard, blanks: string, indent: number, page: Page): readonly Line[] {
  if (hazard.accepted !== null) {
    return paragraph([blanks, toned('good', 'Accepted: ')], hazard.accepted, indent + 10, page)
  }
  return paragraph([blanks, toned('strong', 'Instead: ')], hazard.instead, indent + 9, page)
}

/** True when the hazard would stop a run: it is not accepted. */
export function isOpenHazard(hazard: Hazard): boolean {
  return stopsRun(hazard) && hazard.accepted === null
}

/** A hazard as an annotation: an error where it stops a run. */
export function annotateHazard(hazard: Hazard): Annotation {
  const { file, line, code, kind, why, instead, accepted } = hazard
  const level = accepted !== null ? 'notice' : stopsRun(hazard) ? 'error' : 'warning'
  const message = accepted === null ? `${why}\n${instead}` : `${why}\nAccepted: ${accepted}`
  return { level, title: `${kind} ${code}`, message, file, line }
}
