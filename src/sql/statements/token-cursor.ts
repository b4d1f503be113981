import type { ObjectName, StatementFacts } from '../statement.ts'
import type { Token } from '../tokens.ts'
import { Lexer } from '../tokens.ts'

/** The facts that the reader of a statement returns; the others have defaults. */
export type Findings = Pick<StatementFacts, 'class' | 'verb'> & Partial<Omit<StatementFacts, 'userVariables'>>

/** Reads a statement whose first word has been consumed; null when no such statement exists. */
export type StatementReader = (cursor: TokenCursor) => Findings | null

export function completeFacts(findings: Findings, userVariables: readonly string[]): StatementFacts {
  return {
    class: findings.class,
    verb: findings.verb,
    objects: findings.objects ?? [],
    references: findings.references ?? [],
    userVariables,
    sessionVariables: findings.sessionVariables ?? [],
    prepared: findings.prepared ?? null,
    refusal: findings.refusal ?? null,
    idempotent: findings.idempotent ?? false,
  }
}

export function refuse(verb: string, why: string, next: string): Findings {
  return { class: 'refused', verb, refusal: { why, next } }
}

/** Reads tokens forward and looks ahead only as far as needed. */
export class TokenCursor {
  readonly text: string
  readonly #lexer: Lexer
  readonly #ahead: Token[] = []
  #last: Token | null = null

  /** @param from the offset in the text at which to begin, outside quotes and comments */
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

/**
 * Reads `name` or `schema.name`; null, consuming nothing, where there is no name. A text in double quotes counts as a name: under
 * ANSI_QUOTES it is one; otherwise the server refuses it here.
 */
export function readName(cursor: TokenCursor, type: ObjectName['type']): ObjectName | null {
  const first = cursor.peek()
  if (!isName(first, cursor)) return null
  cursor.next()
  if (cursor.mark() !== '.' || !isName(cursor.peek(1), cursor)) return { type, schema: null, name: first.text }
  cursor.next()
  const second = cursor.next()
  return { type, schema: first.text, name: second?.text ?? '' }
}

/** Reads names separated by commas. */
export function readNames(cursor: TokenCursor, type: ObjectName['type']): ObjectName[] {
  const names: ObjectName[] = []
  do {
    const name = readName(cursor, type)
    if (name !== null) names.push(name)
  } while (cursor.acceptMark(','))
  return names
}

/** The single name that follows, as a list with at most one item. */
export function readOneName(cursor: TokenCursor, type: ObjectName['type']): ObjectName[] {
  const name = readName(cursor, type)
  return name === null ? [] : [name]
}

/** Reads an account or role: `user@host`, with the host `%` that the server assumes where none is written. */
export function readAccount(cursor: TokenCursor): ObjectName | null {
  const token = cursor.next()
  if (token === null || (token.type !== 'string' && !isName(token, cursor))) return null
  if (cursor.acceptMark('(')) {
    cursor.acceptMark(')')
    return currentUser
  }
  if (token.type === 'word' && token.text.toUpperCase() === 'CURRENT_USER') return currentUser
  return { type: 'account', schema: null, name: `${token.text}@${readHost(cursor)}` }
}

const currentUser: ObjectName = { type: 'account', schema: null, name: 'CURRENT_USER' }

function readHost(cursor: TokenCursor): string {
  if (cursor.peek()?.type === 'user-variable') return cursor.next()?.text ?? '%'
  if (!cursor.acceptMark('@')) return '%'
  return cursor.next()?.text ?? '%'
}

function isName(token: Token | null, { text }: TokenCursor): token is Token {
  if (token?.type === 'string') return text[token.start] === '"'
  return token?.type === 'name' || token?.type === 'word'
}
