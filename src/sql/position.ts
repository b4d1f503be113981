import type { Excerpt } from '../core/tool-error.ts'

/** A place in a file, from 1. Columns count UTF-16 units; only LF ends a line, so CRLF does too and a lone CR does not. */
export interface Position {
  readonly line: number
  readonly column: number
}

const byteOrderMark = '\ufeff'
/** How much of a line an excerpt shows before and after the place it points at. */
const excerptReach = 80

/** Follows a text piece by piece and knows where the next one begins. A byte order mark at the start takes no column. */
export class PositionCounter {
  #line = 1
  #column = 1
  #started = false
  /** The end of the present line's text before the place reached, for excerpts. */
  #before = ''

  get line(): number {
    return this.#line
  }

  get column(): number {
    return this.#column
  }

  advance(text: string): void {
    if (text === '') return
    const { line, column } = this.#after(text)
    this.#line = line
    this.#column = column
    this.#before = lastLine(this.#before, text)
    this.#started = true
  }

  /** The place of `text[offset]`, where `text` begins at the place reached. */
  locate(text: string, offset: number): Position {
    return this.#after(text.slice(0, offset))
  }

  /** The line around `text[offset]`, cut to a readable length; its column is the one within the cut text. */
  excerpt(text: string, offset: number): Excerpt {
    const { line } = this.locate(text, offset)
    const before = lastLine(this.#before, text.slice(0, offset)).replace(byteOrderMark, '')
    const end = text.indexOf('\n', offset)
    const after = text.slice(offset, Math.min(end < 0 ? text.length : end, offset + excerptReach)).replace(/\r$/, '')
    return { text: before + after, line, column: before.length + 1 }
  }

  #after(text: string): Position {
    let line = this.#line
    let lineStart = -1
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      line += 1
      lineStart = at
    }
    if (lineStart >= 0) return { line, column: text.length - lineStart }
    const unseen = !this.#started && text.startsWith(byteOrderMark) ? 1 : 0
    return { line, column: this.#column + text.length - unseen }
  }
}

function lastLine(before: string, text: string): string {
  const newline = text.lastIndexOf('\n')
  if (newline >= 0) return text.slice(Math.max(newline + 1, text.length - excerptReach))
  return (before + text.slice(-excerptReach)).slice(-excerptReach)
}
