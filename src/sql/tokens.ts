import { codes, endsDashes, findNext, findQuoteEnd, isBlank } from './lexical.ts'

const wordCharacters = String.raw`\w$\u0080-\uffff`
const wordEnd = new RegExp(`[^${wordCharacters}]`, 'g')
const nameEnd = new RegExp(`[${wordCharacters}\`}]`)
const placeholder = /\{\{[^{}\n]*\}\}/y
const number = new RegExp(
  `(?:0x[\\da-f]{1,400}|0b[01]{1,400}|(?:\\d{1,400}(?:\\.\\d{0,400})?|\\.\\d{1,400})(?:e[+-]?\\d{1,9})?)(?![${wordCharacters}{])`,
  'iy',
)
const variableName = /(?:[\w$.\u0080-\uffff]|\{\{[^{}\n]*\}\}){1,400}/y
const systemVariable = /@@(?:[\w$\u0080-\uffff]+|`[^`]*`)(?:\s*\.\s*(?:[\w$\u0080-\uffff]+|`[^`]*`))*/y
const executable = /\/\*!\d*/y
/** An executable comment with a version that no server has is a comment for all servers. */
const neverExecuted = /^\/\*!9{5,6}$/

/** Reads a statement's tokens one by one, so that a long INSERT is not read to its end. */
export class Lexer {
  readonly #text: string
  #at: number
  #executable = false

  constructor(text: string, from = 0) {
    this.#text = text
    this.#at = from
  }

  /** The next token, or null at the end. Text that the scanner would refuse is read as far as it goes. */
  next(): Token | null {
    this.#skipGap()
    const start = this.#at
    if (start >= this.#text.length) return null
    const code = this.#text.charCodeAt(start)
    if (code === codes.singleQuote || code === codes.doubleQuote) return this.#quoted('string', start, code)
    if (code === codes.backtick) return this.#quoted('name', start, code)
    if (code === codes.at) return this.#variable(start)
    return this.#number(start, code) ?? this.#word(start) ?? this.#punctuation(start)
  }

  #skipGap(): void {
    const text = this.#text
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at)
      if (isBlank(code)) this.#at += 1
      else if (code === codes.hash || this.#isDashComment(code)) this.#skipPast('\n', 1)
      else if (code === codes.slash && text.charCodeAt(this.#at + 1) === codes.asterisk) this.#skipComment()
      else if (this.#executable && text.startsWith('*/', this.#at)) this.#closeExecutable()
      else return
    }
  }

  #isDashComment(code: number): boolean {
    if (code !== codes.dash || this.#text.charCodeAt(this.#at + 1) !== codes.dash) return false
    return endsDashes(this.#text.charCodeAt(this.#at + 2))
  }

  #skipComment(): void {
    const opening = this.#match(executable, this.#at)
    if (opening === null || neverExecuted.test(opening)) {
      this.#skipPast('*/', 2)
      return
    }
    this.#at += opening.length
    this.#executable = true
  }

  #closeExecutable(): void {
    this.#at += 2
    this.#executable = false
  }

  #skipPast(mark: string, from: number): void {
    const end = this.#text.indexOf(mark, this.#at + from)
    this.#at = end < 0 ? this.#text.length : end + mark.length
  }

  #match(pattern: RegExp, at: number): string | null {
    pattern.lastIndex = at
    return pattern.exec(this.#text)?.[0] ?? null
  }

  #token(type: Token['type'], start: number, end: number, text = this.#text.slice(start, end)): Token {
    this.#at = end
    return { type, text, start, end }
  }

  #quoted(type: Token['type'], start: number, quote: number, from = start): Token {
    const text = this.#text
    let at = findQuoteEnd(text, from + 1, quote)
    let escaped = false
    while (at < text.length && (text.charCodeAt(at) !== quote || text.charCodeAt(at + 1) === quote)) {
      escaped = true
      at = findQuoteEnd(text, at + 2, quote)
    }
    const content = text.slice(from + 1, at)
    return this.#token(type, start, Math.min(at + 1, text.length), escaped ? decode(content, quote) : content)
  }

  #variable(start: number): Token {
    const system = this.#match(systemVariable, start)
    if (system !== null) {
      const name = system.slice(2).replace(/[\s`]/g, '')
      return this.#token('system-variable', start, start + system.length, name)
    }
    const code = this.#text.charCodeAt(start + 1)
    if (code === codes.singleQuote || code === codes.doubleQuote || code === codes.backtick) {
      return this.#quoted('user-variable', start, code, start + 1)
    }
    const name = this.#match(variableName, start + 1)
    if (name === null) return this.#punctuation(start)
    return this.#token('user-variable', start, start + 1 + name.length, name)
  }

  #number(start: number, code: number): Token | null {
    const mayStart = (code >= codes.zero && code <= codes.nine) || code === codes.dot
    if (!mayStart || this.#isInName(start, code)) return null
    const found = this.#match(number, start)
    return found === null ? null : this.#token('number', start, start + found.length)
  }

  /** After a name, a dot begins no number, and neither do digits after that dot: t.1, `t`.2nd */
  #isInName(start: number, code: number): boolean {
    const before = this.#text.charAt(start - 1)
    return code === codes.dot ? nameEnd.test(before) : before === '.'
  }

  /** A word, or a name when placeholders are part of it. */
  #word(start: number): Token | null {
    let end = findNext(wordEnd, this.#text, start)
    let type: Token['type'] = 'word'
    while (this.#text.startsWith('{{', end)) {
      const found = this.#match(placeholder, end)
      if (found === null) break
      type = 'name'
      end = findNext(wordEnd, this.#text, end + found.length)
    }
    return end === start ? null : this.#token(type, start, end)
  }

  #punctuation(start: number): Token {
    const length = this.#text.startsWith(':=', start) ? 2 : 1
    return this.#token('punctuation', start, start + length)
  }
}

const escapes: Readonly<Record<string, string>> = { 0: '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\x1a' }

function decode(content: string, quote: number): string {
  if (quote === codes.backtick) return content.replaceAll('``', '`')
  const escaped = quote === codes.singleQuote ? /\\([\s\S])|''/g : /\\([\s\S])|""/g
  return content.replace(escaped, (_, character?: string) => {
    if (character === undefined) return String.fromCharCode(quote)
    // \% and \_ keep their backslash: they mean something to LIKE only.
    if (character === '%' || character === '_') return `\\${character}`
    return escapes[character] ?? character
  })
}

/**
 * - `word`            keyword, unquoted name or function: text as written
 * - `name`            a quoted name, unquoted; or one with a `{{placeholder}}` in it, verbatim
 * - `string`          its content, without quotes and escapes
 * - `number`          as written
 * - `user-variable`   `@x`, @`x`, @'x': its name without the @ and quotes. A host after an account's name
 *                     (`root`@`localhost`) is one, too: only the position distinguishes them
 * - `system-variable` `@@session.x`: `session.x`
 * - `punctuation`     one character, or `:=`
 */
export interface Token {
  readonly type: 'word' | 'name' | 'string' | 'number' | 'user-variable' | 'system-variable' | 'punctuation'
  readonly text: string
  /** Offsets in the statement's text; `end` is the one after its last character. */
  readonly start: number
  readonly end: number
}

/**
 * The tokens of one statement. Comments and optimizer hints are skipped; the text of an executable
 * comment is code, for any version.
 */
export function tokenize(text: string): readonly Token[] {
  if (text.length > longestKept) return readTokens(text)
  const known = recent.get(text)
  if (known !== undefined) return known
  const tokens = readTokens(text)
  const [oldest] = recent.keys()
  if (recent.size === mostKept && oldest !== undefined) recent.delete(oldest)
  recent.set(text, tokens)
  return tokens
}

/** Many callers ask about one statement in a row: the tokens of the last few are kept. */
const recent = new Map<string, readonly Token[]>()
const mostKept = 64
const longestKept = 16 * 1024

function readTokens(text: string): readonly Token[] {
  const lexer = new Lexer(text)
  const tokens: Token[] = []
  for (let token = lexer.next(); token !== null; token = lexer.next()) tokens.push(token)
  return tokens
}

/** A part of a statement's text and its replacement. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Applies edits that do not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const ordered = [...edits].sort((left, right) => right.start - left.start)
  return ordered.reduce((result, edit) => result.slice(0, edit.start) + edit.text + result.slice(edit.end), text)
}

/** A text with its tokens. */
export interface TokenizedText {
  readonly text: string
  readonly tokens: readonly Token[]
}

/** The same for a text whose tokens are known: it is tokenized again where something changes. */
export function editTokens(before: TokenizedText, edits: readonly Edit[]): TokenizedText {
  if (edits.length === 0) return before
  const text = applyEdits(before.text, edits)
  return { text, tokens: tokenize(text) }
}

export function replaceToken(token: Token, text: string): Edit {
  return { start: token.start, end: token.end, text }
}
