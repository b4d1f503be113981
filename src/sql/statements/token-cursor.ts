import { Lexer } from '../lexer.ts'
import type { Token } from '../token.ts'

/** Reads tokens forward, with as much looking ahead as is asked for and no more. */
export class TokenCursor {
  readonly text: string
  readonly #lexer: Lexer
  readonly #ahead: Token[] = []
  #last: Token | null = null

  /** @param from where in the text to begin, outside quotes and comments */
  constructor(text: string, from = 0) {
    this.text = text
    this.#lexer = new Lexer(text, from)
  }

  peek(distance = 0): Token | null {
    while (this.#ahead.length <= distance) {
      const token = this.#lexer.next()
      if (token === null) return null
      this.#ahead.push(token)
    }
    return this.#ahead[distance] ?? null
  }

  next(): Token | null {
    const token = this.peek()
    this.#ahead.shift()
    this.#last = token
    return token
  }

  /** The mark consumed last; empty when it was something else. */
  lastMark(): string {
    return this.#last?.type === 'punctuation' ? this.#last.text : ''
  }

  /** The unquoted word ahead in capitals; empty when there is something else. */
  keyword(distance = 0): string {
    const token = this.peek(distance)
    return token?.type === 'word' ? token.text.toUpperCase() : ''
  }

  mark(distance = 0): string {
    const token = this.peek(distance)
    return token?.type === 'punctuation' ? token.text : ''
  }

  /** Consumes these words if all of them come next, in this order. */
  accept(...words: readonly string[]): boolean {
    if (!words.every((word, index) => this.keyword(index) === word)) return false
    for (const _ of words) this.next()
    return true
  }

  acceptMark(mark: string): boolean {
    if (this.mark() !== mark) return false
    this.next()
    return true
  }

  /** Consumes words as long as they are among these. */
  skipWords(words: ReadonlySet<string>): void {
    while (words.has(this.keyword())) this.next()
  }

  /** Consumes tokens up to the first, outside parentheses, at which `stop` holds; false when there is none. */
  skipUntil(stop: () => boolean): boolean {
    let depth = 0
    while (this.peek() !== null) {
      if (depth === 0 && stop()) return true
      const mark = this.mark()
      if (mark === '(') depth += 1
      if (mark === ')') depth -= 1
      this.next()
    }
    return false
  }
}
