import type { Excerpt } from '../core/tool-error.ts'
import { codes } from './lexical.ts'
import { maskLine } from './mask-passwords.ts'
import type { Directive, Piece } from './piece.ts'
import { compoundBody, type ErrorPlace, openAtDelimiter } from './piece.ts'
import { defaultDelimiter, findOpenBody, findSwallowedDelimiter } from './statement-ends.ts'

/** A place in a file, from 1. Columns count UTF-16 units; only LF ends a line, so CRLF does too and a lone CR does not. */
interface Position {
  readonly line: number
  readonly column: number
}

const byteOrderMark = '\ufeff'
/** How many characters of a line an excerpt shows before and after its position. */
const excerptReach = 80
/** How many characters of a line before and after a position are read for it. */
const longestLine = 2000

/** Follows a text piece by piece and knows where the next one begins. A byte order mark at the start takes no column. */
class PositionCounter {
  #line = 1
  #column = 1
  #started = false
  /** The end of the current line before the position reached, for excerpts. */
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

  /** The position of `text[offset]`, where `text` begins at the position reached. */
  locate(text: string, offset: number): Position {
    return this.#after(text.slice(0, offset))
  }

  /** The line around `text[offset]`, cut to a readable length; its column is the one within the cut text. */
  excerpt(text: string, offset: number): Excerpt {
    const { line } = this.locate(text, offset)
    const before = lastLine(this.#before, text.slice(0, offset)).replace(byteOrderMark, '')
    const end = text.indexOf('\n', offset)
    const after = text
      .slice(offset, end < 0 ? text.length : end)
      .slice(0, longestLine)
      .replace(/\r$/, '')
    // Masked as a whole first: a password that is cut could not be recognized any more.
    const masked = maskLine({ text: before + after, column: before.length + 1 })
    const from = Math.max(0, masked.column - 1 - excerptReach)
    const shown = masked.text.slice(from, masked.column - 1 + excerptReach)
    return { text: shown, line, column: masked.column - from }
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
  if (newline >= 0) return text.slice(Math.max(newline + 1, text.length - longestLine))
  return (before + text.slice(-longestLine)).slice(-longestLine)
}

/**
 * The text of the current piece: its parts from earlier windows and its part of the current window. A window is one
 * chunk of the input, preceded by the few undecided characters of the previous chunk.
 */
class PendingText {
  #window = ''
  /** Where the piece continues in the window. */
  #start = 0
  #held: string[] = []
  #heldLength = 0
  #codeBefore = Number.NaN

  get window(): string {
    return this.#window
  }

  /** The character before the window, NaN at the start of the input. */
  get codeBefore(): number {
    return this.#codeBefore
  }

  /** How far into the piece the window's `index` lies. */
  offsetOf(index: number): number {
    return this.#heldLength + index - this.#start
  }

  /** Keeps what was scanned of the window, up to `scanned`, and continues the rest with `chunk`. */
  extend(scanned: number, chunk: string): void {
    this.hold(this.#window.slice(this.#start, scanned))
    if (scanned > 0) this.#codeBefore = this.#window.charCodeAt(scanned - 1)
    const rest = this.#window.slice(scanned)
    this.#window = rest === '' ? chunk : rest + chunk
    this.#start = 0
  }

  /** Adds text to the piece that is not (or no longer) in the window. */
  hold(text: string): void {
    if (text === '') return
    this.#held.push(text)
    this.#heldLength += text.length
  }

  /** The piece's text up to the window's `index`. */
  peek(index: number): string {
    const tail = this.#window.slice(this.#start, index)
    // Joined once: a text of 100 MB that is joined from two would be copied again when it is read.
    return this.#held.length === 0 ? tail : [...this.#held, tail].join('')
  }

  /** The same, and the next piece begins there. */
  take(index: number): string {
    const text = this.peek(index)
    this.#held = []
    this.#heldLength = 0
    this.#start = index
    return text
  }
}

/** Collects the text of the current piece and turns it into pieces, each with its place in the file. */
export class PieceWriter {
  readonly #file: string
  readonly #position = new PositionCounter()
  readonly #pending = new PendingText()
  #pieces: Piece[] = []
  #inStatement = false
  /** Length of the pending statement up to the end of its last token. */
  #tokenEnd = 0

  constructor(file: string) {
    this.#file = file
  }

  /** The part of the script under scan; all indexes count from its start. */
  get window(): string {
    return this.#pending.window
  }

  /** True from a statement's first token to its end; otherwise the current piece is a gap. */
  get inStatement(): boolean {
    return this.#inStatement
  }

  /** Continues the part of the window that was not `scanned` with `chunk`; the new window begins with that part. */
  extend(scanned: number, chunk: string): void {
    this.#pending.extend(scanned, chunk)
  }

  /** Adds text that never was in the window, such as a byte order mark. */
  hold(text: string): void {
    this.#pending.hold(text)
  }

  takePieces(): Piece[] {
    const pieces = this.#pieces
    this.#pieces = []
    return pieces
  }

  isLineStart(index: number): boolean {
    const before = index > 0 ? this.window.charCodeAt(index - 1) : this.#pending.codeBefore
    return before === codes.newline
  }

  beginStatement(index: number): void {
    if (this.#inStatement) return
    this.endGap(index)
    this.#inStatement = true
    this.#tokenEnd = 0
  }

  endToken(index: number): void {
    this.#tokenEnd = this.offsetOf(index)
  }

  endGap(index: number): void {
    const text = this.#pending.take(index)
    if (text === '') return
    this.#pieces.push({ type: 'gap', text, source: text })
    this.#position.advance(text)
  }

  /**
   * Ends the current statement, if there is one; a gap begins after its last token.
   *
   * @param delimiter what is in force: an unfinished compound body (SQL_COMPOUND) ends at `;` alone, and a statement runs past a DELIMITER command
   *   (SQL_DELIMITER) where another mark ends it
   */
  endStatement(index: number, delimiter: string): void {
    if (!this.#inStatement) return
    const pending = this.#pending.take(index)
    const text = this.#tokenEnd === pending.length ? pending : pending.slice(0, this.#tokenEnd)
    this.#refuseMisread(text, delimiter)
    const { line, column } = this.#position
    this.#pieces.push({ type: 'statement', text, source: text, file: this.#file, line, column })
    this.#position.advance(text)
    this.#pending.hold(pending.slice(this.#tokenEnd))
    this.#inStatement = false
  }

  #refuseMisread(text: string, delimiter: string): void {
    if (delimiter === defaultDelimiter) {
      const verb = findOpenBody(text)
      if (verb !== null) throw compoundBody(verb, this.#placeIn(text, 0))
      return
    }
    const swallowed = findSwallowedDelimiter(text)
    if (swallowed === null) return
    throw openAtDelimiter(delimiter, this.#position.locate(text, swallowed).line, this.#placeIn(text, 0))
  }

  /** Writes the directive at `index`, between statements. */
  writeDirective(index: number, directive: Directive, source: string): void {
    this.endGap(index)
    const { line, column } = this.#position
    this.#pieces.push({ type: 'directive', ...directive, source, file: this.#file, line, column })
    this.#position.advance(this.#pending.take(index + source.length))
  }

  /**
   * How far into the pending piece the window's `index` lies. Unlike the index, this does not change when the window
   * moves on.
   */
  offsetOf(index: number): number {
    return this.#pending.offsetOf(index)
  }

  /** The position in the file of an offset in the pending piece. */
  placeOf(offset: number): ErrorPlace {
    return this.#placeIn(this.#pending.peek(this.window.length), offset)
  }

  /** The position in the file of an index in the window. */
  placeAt(index: number): ErrorPlace {
    return this.placeOf(this.offsetOf(index))
  }

  #placeIn(text: string, offset: number): ErrorPlace {
    const place = this.#position.locate(text, offset)
    return { file: this.#file, ...place, excerpt: this.#position.excerpt(text, offset) }
  }
}
