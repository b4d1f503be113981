import { findOpenBody } from './compound.ts'
import type { Directive } from './directive.ts'
import { codes } from './lexical.ts'
import { PendingText } from './pending-text.ts'
import type { Piece } from './piece.ts'
import { PositionCounter } from './position.ts'
import { compoundBody, type ErrorPlace } from './scan-error.ts'

/** Gathers the text of the piece under way and turns it into pieces, each with its place in the file. */
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

  /** True from a statement's first token to its end; else a gap is under way. */
  get inStatement(): boolean {
    return this.#inStatement
  }

  /** Lets what was not yet `scanned` of the window be followed by `chunk`; the new window begins with that rest. */
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
   * Ends the statement under way, if there is one; a gap begins after its last token.
   *
   * @param refusesOpenBody whether a compound body that goes on is an error, SQL_COMPOUND
   */
  endStatement(index: number, refusesOpenBody: boolean): void {
    if (!this.#inStatement) return
    const pending = this.#pending.take(index)
    const text = pending.slice(0, this.#tokenEnd)
    const verb = refusesOpenBody ? findOpenBody(text) : null
    if (verb !== null) throw compoundBody(verb, this.#placeIn(text, 0))
    const { line, column } = this.#position
    this.#pieces.push({ type: 'statement', text, source: text, file: this.#file, line, column })
    this.#position.advance(text)
    this.#pending.hold(pending.slice(this.#tokenEnd))
    this.#inStatement = false
  }

  /** Writes a directive that stands at `index`, between statements. */
  writeDirective(index: number, directive: Directive, source: string): void {
    this.endGap(index)
    const { line, column } = this.#position
    this.#pieces.push({ type: 'directive', ...directive, source, file: this.#file, line, column })
    this.#position.advance(this.#pending.take(index + source.length))
  }

  /** How far into the pending piece the window's `index` lies. Unlike the index it stays when the window moves on. */
  offsetOf(index: number): number {
    return this.#pending.offsetOf(index)
  }

  /** Where an offset of the pending piece lies in the file. */
  placeOf(offset: number): ErrorPlace {
    return this.#placeIn(this.#pending.peek(this.window.length), offset)
  }

  /** Where an index of the window lies in the file. */
  placeAt(index: number): ErrorPlace {
    return this.placeOf(this.offsetOf(index))
  }

  #placeIn(text: string, offset: number): ErrorPlace {
    const place = this.#position.locate(text, offset)
    return { file: this.#file, ...place, excerpt: this.#position.excerpt(text, offset) }
  }
}
