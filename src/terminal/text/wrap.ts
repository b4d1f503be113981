import { displayWidth, type Line, type Span, spanText, takeColumns, withText } from './span.ts'

/**
 * Breaks a line at blanks so that no part is wider than `columns`; all but the first are indented. A word that is wider than
 * a whole line is broken where the line ends.
 */
export function wrapLine(line: Line, columns: number, indent = 0): readonly Line[] {
  if (columns === Number.POSITIVE_INFINITY) return [line]
  const hanging = Math.min(indent, Math.max(0, columns - 1))
  const wrapped = new WrappedLines(Math.max(1, columns), hanging)
  for (const span of line) {
    for (const word of wordsOf(span, wrapped.room)) wrapped.add(span, word)
  }
  return wrapped.finish()
}

function wordsOf(span: Span, room: number): readonly string[] {
  const text = spanText(span)
  if (typeof span !== 'string' && span.whole === true && displayWidth(text) <= room) return [text]
  return text.match(/\s+|\S+/gu) ?? []
}

class WrappedLines {
  readonly #columns: number
  readonly #indent: string
  readonly #lines: Line[] = []
  #line: Span[] = []
  #width = 0
  /** True while the line holds nothing but its indentation. */
  #empty = true

  constructor(columns: number, indent: number) {
    this.#columns = columns
    this.#indent = ' '.repeat(indent)
  }

  /** Columns of a line that is not the first. */
  get room(): number {
    return this.#columns - this.#indent.length
  }

  add(span: Span, word: string): void {
    const blank = word.trim() === ''
    const width = displayWidth(word)
    if (this.#width + width <= this.#columns) this.#append(span, word, width, blank)
    else if (blank) this.#break()
    else this.#addWide(span, word)
  }

  finish(): readonly Line[] {
    if (!this.#empty || this.#lines.length === 0) this.#lines.push(this.#line)
    return this.#lines
  }

  #append(span: Span, word: string, width: number, blank: boolean): void {
    // Blanks at the start of the first line are its indentation; after a break, they are where the line was broken.
    if (blank && this.#empty && this.#lines.length > 0) return
    this.#line.push(withText(span, word))
    this.#width += width
    if (!blank) this.#empty = false
  }

  #addWide(span: Span, word: string): void {
    if (!this.#empty) this.#break()
    let rest = word
    while (rest !== '') {
      const part = takeColumns(rest, this.#columns - this.#width)
      if (part !== '') {
        this.#append(span, part, displayWidth(part), false)
        rest = rest.slice(part.length)
        if (rest !== '') this.#break()
      } else if (this.#width > this.#indent.length) {
        this.#break()
      } else {
        // A two-column character on a line of one column can't be shown anywhere, so it is left out.
        rest = [...rest].slice(1).join('')
      }
    }
  }

  #break(): void {
    if (this.#empty && this.#lines.length > 0) return
    this.#lines.push(trimEnd(this.#line))
    this.#line = this.#indent === '' ? [] : [this.#indent]
    this.#width = this.#indent.length
    this.#empty = true
  }
}

function trimEnd(line: readonly Span[]): Line {
  const kept = [...line]
  for (let last = kept.at(-1); last !== undefined && spanText(last).trim() === ''; last = kept.at(-1)) kept.pop()
  return kept
}
