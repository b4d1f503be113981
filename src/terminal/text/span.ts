import type { Line, Span, Tone } from '../../core/page.ts'
import { displayWidth, takeColumns } from './display-width.ts'

export type { Line, Span, Tone } from '../../core/page.ts'

/** A piece of text with a tone. */
export function toned(tone: Tone, text: string): Span {
  return { tone, text }
}

/** A piece of text that stays together, such as a number with its unit. */
export function whole(tone: Tone, text: string): Span {
  return { tone, text, whole: true }
}

/** A span's characters. */
export function spanText(span: Span): string {
  return typeof span === 'string' ? span : span.text
}

/** The span with other characters and the same tone. */
export function withText(span: Span, text: string): Span {
  return typeof span === 'string' ? text : { tone: span.tone, text }
}

/** Columns that a line takes. */
export function lineWidth(line: Line): number {
  return line.reduce((width, span) => width + displayWidth(spanText(span)), 0)
}

/** The line in at most `columns`, ending in `…` where something was cut off. */
export function cutLine(line: Line, columns: number): Line {
  if (lineWidth(line) <= columns) return line
  if (columns < 1) return []
  const kept: Span[] = []
  let room = columns - 1
  for (const span of line) {
    const text = spanText(span)
    const width = displayWidth(text)
    if (width > room) {
      kept.push(withText(span, `${takeColumns(text, room)}…`))
      break
    }
    kept.push(span)
    room -= width
  }
  return kept
}

/** The line filled up with blanks to `columns`. */
export function padLine(line: Line, columns: number): Line {
  const missing = columns - lineWidth(line)
  return missing > 0 ? [...line, ' '.repeat(missing)] : line
}
