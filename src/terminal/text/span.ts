import { eastAsianWidth } from 'get-east-asian-width'

/** What a piece of text means, shown by its color. The text alone must convey it, too: many people see no color. */
export type Tone = 'good' | 'bad' | 'warning' | 'active' | 'faint' | 'strong'

/** A piece of a line: plain, or with a tone. A `whole` one is not broken at its blanks if it fits on a line. */
export type Span = string | { readonly tone: Tone; readonly text: string; readonly whole?: true }

/**
 * One line, without its line end. Lines are laid out first and colored last, so that no escape sequence is ever
 * measured.
 */
export type Line = readonly Span[]

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

/** The width of a line in columns. */
export function lineWidth(line: Line): number {
  return line.reduce((width, span) => width + displayWidth(spanText(span)), 0)
}

/** The line cut to at most `columns`, ending in `…` where something was cut off. */
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

/** The line padded with blanks to `columns`. */
export function padLine(line: Line, columns: number): Line {
  const missing = columns - lineWidth(line)
  return missing > 0 ? [...line, ' '.repeat(missing)] : line
}

/** Marks that combine with the preceding character, and format characters: they take no column. */
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u

/** Requests the emoji form of the preceding character, which is two columns wide. */
const emojiSelector = 0xfe0f

/** Columns that one code point takes in a terminal: 0, 1 or 2. Control characters count as none: they must not be printed. */
export function characterWidth(character: string): 0 | 1 | 2 {
  const codePoint = character.codePointAt(0) ?? 0
  if (codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0)) return 0
  if (codePoint < 0x300) return codePoint === 0xad ? 0 : 1
  // One more column for the preceding character, for terminals that draw it as an emoji.
  if (codePoint === emojiSelector) return 1
  if (zeroWidth.test(character)) return 0
  return eastAsianWidth(codePoint)
}

const onlyAscii = /^[\x20-\x7e]*$/

/** The width of a text in columns of a terminal. The text must not contain control characters (see `printable`). */
export function displayWidth(text: string): number {
  if (onlyAscii.test(text)) return text.length
  let width = 0
  for (const character of text) width += characterWidth(character)
  return width
}

/** The longest beginning of a text that takes at most `columns`; marks that join its last character stay with it. */
export function takeColumns(text: string, columns: number): string {
  if (onlyAscii.test(text)) return text.slice(0, Math.max(0, columns))
  let width = 0
  let length = 0
  for (const character of text) {
    width += characterWidth(character)
    if (width > columns) break
    length += character.length
  }
  return text.slice(0, length)
}
