import { countOf } from '../../core/plural.ts'
import { printable } from '../text/printable.ts'
import { type Line, toned } from '../text/span.ts'
import { wrapLine } from '../text/wrap.ts'
import type { Page } from './page.ts'

/** Lines that a text is folded to, unless --verbose shows all. */
const mostLines = 3

/**
 * The width at which a folded text is broken where the output has no width: a log must not get an INSERT of a megabyte on one
 * line.
 */
const usualColumns = 160

/** Of a long text, only the lines that are shown are wrapped: wrapping all of it would take longer than everything else. */
export const longText = 20_000

/**
 * The text of a statement as it is written, without the indentation that all its lines share. Folded to three lines, the last of which says how many more there are; complete with --verbose. It comes from outside: characters that could control the terminal are made visible.
 * @param beyond characters that follow it in its file
 */
export function renderSql(text: string, indent: number, page: Page, beyond = 0): readonly Line[] {
  const written = unindent(text)
  const blanks = ' '.repeat(indent)
  const lineOf = (source: string): Line => [blanks, toned('faint', source)]
  if (page.verbose) {
    const rest = beyond === 0 ? [] : [lineOf(`(and ${countOf(beyond, 'character')} more)`)]
    return [...written.flatMap((source) => wrapLine(lineOf(source), page.columns, indent + 2)), ...rest]
  }
  const columns = Math.min(page.columns, usualColumns)
  const room = Math.max(1, columns - indent - 2)
  const shown: Line[] = []
  let more = Math.ceil(beyond / room)
  for (const source of written) {
    const isShown = text.length <= longText || shown.length < mostLines
    if (isShown) shown.push(...wrapLine(lineOf(source.slice(0, longText)), columns, indent + 2))
    const left = isShown ? Math.max(0, source.length - longText) : source.length
    more += isShown ? Math.ceil(left / room) : Math.max(1, Math.ceil(left / room))
  }
  more += Math.max(0, shown.length - mostLines)
  const folded =
    more === 0 ? [] : wrapLine([blanks, toned('faint', `(${countOf(more, 'more line')})`)], page.columns, indent)
  return [...shown.slice(0, mostLines), ...folded]
}

/** The lines of a text without blank lines and without the indentation that all but the first share. */
function unindent(text: string): readonly string[] {
  const [first = '', ...others] = text.split(/\r\n|[\n\r]/g).filter((line, index) => index === 0 || line.trim() !== '')
  const expanded = others.map((line) => line.replaceAll('\t', '  ').trimEnd())
  // Not as arguments of one call: 200,000 lines would overflow the stack.
  const shared = expanded.reduce(
    (least, line) => Math.min(least, line.length - line.trimStart().length),
    Number.POSITIVE_INFINITY,
  )
  const indented = expanded.map((line) => line.slice(Math.max(0, shared - 2)))
  return [first.trimEnd(), ...indented].map(printable)
}
