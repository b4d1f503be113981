import * as lexical from './lexical.ts'
import { codes, type Mode } from './lexical.ts'
import * as pieces from './piece.ts'
import { PieceWriter } from './piece-writer.ts'
import { defaultDelimiter, isDelimiterCommand, readDelimiterArgument } from './statement-ends.ts'

export interface ScanOptions {
  /** The name of the file in pieces and faults. */
  readonly file: string
}

/**
 * Splits a MySQL script like the `mysql` client. Chunks may end anywhere: the pieces do not depend on
 * them. Memory is bounded by the longest statement.
 *
 * Assumes the server's default sql_mode in this one respect: a backslash escapes in strings (NO_BACKSLASH_ESCAPES is off).
 * `\g` and `\G` are not delimiters here: they stay in the text and the classifier refuses them.
 *
 * Both methods throw ToolError `SQL_UNTERMINATED`, `SQL_DELIMITER`, `SQL_COMPOUND` or `SQL_NUL`.
 */
export class Scanner {
  readonly #writer: PieceWriter
  /** Where in the window scanning continues. */
  #at = 0
  #started = false
  #final = false
  #mode: Mode = 'code'
  /** Offset in the pending text where the present quote or comment was opened. */
  #opening = 0
  /** Whether a backslash in the present quote escapes its closing mark. */
  #escapes = false
  /** Offset in the pending text of the executable comment that is open, or -1. */
  #executable = -1
  #delimiter = defaultDelimiter
  #runs = lexical.runsUnder(defaultDelimiter)

  constructor(options: ScanOptions) {
    this.#writer = new PieceWriter(options.file)
  }

  /** Accepts the next part of the script and returns the pieces that are complete. */
  feed(chunk: string): pieces.Piece[] {
    const nul = chunk.indexOf('\0')
    this.#extend(nul < 0 ? chunk : chunk.slice(0, nul))
    this.#scan()
    if (nul >= 0) throw pieces.nulCharacter(this.#writer.placeAt(this.#writer.window.length))
    return this.#writer.takePieces()
  }

  /** Ends the script and returns what is left of it. */
  finish(): pieces.Piece[] {
    this.#final = true
    this.#scan()
    this.#endPart(this.#at)
    this.#writer.endGap(this.#at)
    return this.#writer.takePieces()
  }

  #extend(chunk: string): void {
    let text = chunk
    if (!this.#started && text !== '') {
      this.#started = true
      if (text.startsWith('\ufeff')) {
        this.#writer.hold('\ufeff')
        text = text.slice(1)
      }
    }
    this.#writer.extend(this.#at, text)
    this.#at = 0
  }

  /** Scans until the window is used up, or more input is needed to decide. */
  #scan(): void {
    const end = this.#writer.window.length
    while (this.#at < end) {
      if (!this.#step()) return
    }
  }

  /** Each step consumes at least one character, or returns false to wait for more. */
  #step(): boolean {
    switch (this.#mode) {
      case 'code':
        return this.#scanCode()
      case 'single':
        return this.#scanQuoted(codes.singleQuote)
      case 'double':
        return this.#scanQuoted(codes.doubleQuote)
      case 'backtick':
        return this.#scanQuoted(codes.backtick)
      case 'line':
        return this.#scanLineComment()
      case 'block':
      case 'hint':
        return this.#scanBlock()
    }
  }

  #scanCode(): boolean {
    if (this.#writer.inStatement) this.#skipRun()
    else this.#at = lexical.findNext(this.#runs.notBlank, this.#writer.window, this.#at)
    const { window } = this.#writer
    const at = this.#at
    if (at === window.length) return true
    if (!this.#final && window.length - at < lexical.longestToken) return false
    const isCommand = !this.#writer.inStatement && isDelimiterCommand(window, at)
    // At the start of a line the client looks for its own commands first, even where the delimiter is the letter that they
    // begin with.
    if (isCommand && this.#writer.isLineStart(at)) return this.#obeyDelimiterCommand(at)
    if (window.startsWith(this.#delimiter, at)) return this.#endAtDelimiter(at)
    if (isCommand) return this.#obeyDelimiterCommand(at)
    return this.#scanSpecial(at, window.charCodeAt(at))
  }

  /** Inside a statement: moves to the next character that may be special. */
  #skipRun(): void {
    const { window } = this.#writer
    const end = lexical.findNext(this.#runs.special, window, this.#at)
    const tokenEnd = lexical.skipBlanksBack(window, this.#at, end)
    if (tokenEnd > this.#at) this.#writer.endToken(tokenEnd)
    this.#at = end
  }

  /** Characters that are part of a token. */
  #scanToken(at: number, end: number): boolean {
    this.#writer.beginStatement(at)
    return this.#closeToken(end)
  }

  #scanSpecial(at: number, code: number): boolean {
    switch (code) {
      case codes.singleQuote:
        return this.#openToken('single', at, 1)
      case codes.doubleQuote:
        return this.#openToken('double', at, 1)
      case codes.backtick:
        return this.#openToken('backtick', at, 1)
      case codes.hash:
        return this.#openComment('line', at, 1)
      case codes.dash:
        return this.#scanDash(at)
      case codes.slash:
        return this.#scanSlash(at)
      case codes.asterisk:
        return this.#scanAsterisk(at)
      case codes.backslash:
        return this.#scanBackslash(at)
      default:
        // The beginning of a statement, or the first character of the delimiter without the rest of it.
        return lexical.isBlank(code) ? this.#moveTo(at + 1) : this.#scanToken(at, at + 1)
    }
  }

  #moveTo(at: number): true {
    this.#at = at
    return true
  }

  #scanDash(at: number): boolean {
    const { window } = this.#writer
    const opens = window.charCodeAt(at + 1) === codes.dash && lexical.endsDashes(window.charCodeAt(at + 2))
    if (!opens) return this.#scanToken(at, at + 1)
    return this.#scanDirective(at) ?? this.#openComment('line', at, 2)
  }

  /** Null when the comment at `at` is not a directive. */
  #scanDirective(at: number): boolean | null {
    const { window } = this.#writer
    if (this.#writer.inStatement && !this.#writer.isLineStart(at)) return null
    if (!pieces.mayBeDirective(window, at)) return !this.#final && pieces.needsWholeLine(window, at) ? false : null
    const source = lexical.readLine(window, at, this.#final)
    if (source === null) return false
    const directive = pieces.readDirective(source)
    if (directive === null || (this.#writer.inStatement && !pieces.beginsPart(directive))) return null
    this.#endPart(at)
    this.#writer.writeDirective(at, directive, source)
    return this.#moveTo(at + source.length)
  }

  /** The client takes the next character as a command, so it opens no quote and is not a delimiter. */
  #scanBackslash(at: number): boolean {
    const next = this.#writer.window.charCodeAt(at + 1)
    return this.#scanToken(at, Number.isNaN(next) || lexical.isBlank(next) ? at + 1 : at + 2)
  }

  #scanSlash(at: number): boolean {
    const { window } = this.#writer
    if (window.charCodeAt(at + 1) !== codes.asterisk) return this.#scanToken(at, at + 1)
    const third = window.charCodeAt(at + 2)
    if (third === codes.plus) return this.#openToken('hint', at, 3)
    if (third !== codes.bang) return this.#openComment('block', at, 2)
    this.#writer.beginStatement(at)
    this.#executable = this.#writer.offsetOf(at)
    return this.#scanToken(at, at + 3)
  }

  #scanAsterisk(at: number): boolean {
    if (this.#executable < 0 || this.#writer.window.charCodeAt(at + 1) !== codes.slash) {
      return this.#scanToken(at, at + 1)
    }
    this.#executable = -1
    return this.#scanToken(at, at + 2)
  }

  #openToken(mode: Mode, at: number, length: number): boolean {
    this.#writer.beginStatement(at)
    return this.#openComment(mode, at, length)
  }

  #openComment(mode: Mode, at: number, length: number): boolean {
    this.#mode = mode
    this.#escapes = false
    this.#opening = this.#writer.offsetOf(at)
    this.#at = at + length
    return true
  }

  #scanQuoted(quote: number): boolean {
    const { window } = this.#writer
    const at = lexical.findQuoteEnd(window, this.#at, quote)
    this.#at = at
    if (at === window.length) return true
    if (at + 1 === window.length && !this.#final) return false
    const isQuote = window.charCodeAt(at) === quote
    if (!isQuote || window.charCodeAt(at + 1) === quote) {
      if (!isQuote && window.charCodeAt(at + 1) === quote) this.#escapes = true
      this.#at = Math.min(at + 2, window.length)
      return true
    }
    return this.#closeToken(at + 1)
  }

  #scanLineComment(): boolean {
    const { window } = this.#writer
    const newline = window.indexOf('\n', this.#at)
    this.#at = newline < 0 ? window.length : newline
    if (newline >= 0) this.#mode = 'code'
    return true
  }

  #scanBlock(): boolean {
    const { window } = this.#writer
    const end = window.indexOf('*/', this.#at)
    if (end >= 0) {
      if (this.#mode === 'hint') return this.#closeToken(end + 2)
      this.#mode = 'code'
      this.#at = end + 2
      return true
    }
    const half = window.charCodeAt(window.length - 1) === codes.asterisk && !this.#final
    this.#at = half ? window.length - 1 : window.length
    return !half
  }

  #closeToken(end: number): boolean {
    this.#mode = 'code'
    this.#at = end
    this.#writer.endToken(end)
    return true
  }

  #endAtDelimiter(at: number): boolean {
    this.#endStatement(at)
    return this.#moveTo(at + this.#delimiter.length)
  }

  #obeyDelimiterCommand(at: number): boolean {
    const line = lexical.readLine(this.#writer.window, at, this.#final)
    if (line === null) return false
    const argument = readDelimiterArgument(line)
    if (argument.type === 'fault') throw pieces.badDelimiterCommand(argument.why, this.#writer.placeAt(at))
    this.#delimiter = argument.text
    this.#runs = lexical.runsUnder(argument.text)
    return this.#moveTo(at + line.length)
  }

  /** The end of the file, or of the part that a directive at `at` ends. */
  #endPart(at: number): void {
    const mode = this.#mode
    if (mode !== 'code' && mode !== 'line')
      throw pieces.unterminated(mode, this.#writer.placeOf(this.#opening), this.#escapes)
    const begin = this.#writer.inStatement && this.#delimiter !== defaultDelimiter ? this.#writer.placeOf(0) : null
    this.#endStatement(at)
    if (begin !== null) throw pieces.delimiterNeverMet(this.#delimiter, begin)
  }

  #endStatement(at: number): void {
    if (this.#executable >= 0) throw pieces.unterminatedExecutable(this.#writer.placeOf(this.#executable))
    this.#writer.endStatement(at, this.#delimiter)
  }
}

/** Splits a whole script; see `Scanner`. */
export function scan(text: string, options: ScanOptions): pieces.Piece[] {
  const scanner = new Scanner(options)
  return [...scanner.feed(text), ...scanner.finish()]
}
