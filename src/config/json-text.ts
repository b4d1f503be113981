import { pathText } from '../core/interpolate.ts'

/** Both from 1; the column counts UTF-16 units, as editors do. */
export interface Position {
  readonly line: number
  readonly column: number
}

export type JsonOutcome =
  | {
      readonly type: 'value'
      readonly value: unknown
      /** Where each key stands, by its path as text. */
      readonly positions: ReadonlyMap<string, Position>
    }
  | { readonly type: 'fault'; readonly why: string; readonly next: string; readonly position: Position }

class JsonFault extends Error {
  readonly offset: number
  readonly next: string

  constructor(offset: number, why: string, next: string) {
    super(why)
    this.offset = offset
    this.next = next
  }
}

/** Deeper than any configuration, and far from the end of the stack. */
const deepest = 64

/**
 * Reads strict JSON (RFC 8259) and remembers where each key stands. Own code since JSON.parse says neither line nor column
 * on every supported Node, keeps no positions and lets a key that is given twice pass.
 */
export function parseJson(text: string): JsonOutcome {
  const reader = new JsonReader(text)
  try {
    return { type: 'value', value: reader.readDocument(), positions: reader.positions }
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error
    return { type: 'fault', why: error.message, next: error.next, position: reader.positionOf(error.offset) }
  }
}

class JsonReader {
  readonly positions = new Map<string, Position>()
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  readDocument(): unknown {
    const value = this.#readValue([])
    this.#skipBlanks()
    if (this.#at < this.#text.length) throw this.#fault('something follows the end of the document', 'Remove it.')
    return value
  }

  positionOf(offset: number): Position {
    const before = this.#text.slice(0, offset)
    const start = before.lastIndexOf('\n') + 1
    return { line: before.split('\n').length, column: offset - start + 1 }
  }

  #readValue(path: readonly PropertyKey[]): unknown {
    this.#skipBlanks()
    if (path.length > deepest) throw this.#fault(`it is nested deeper than ${deepest} levels`, 'Flatten it.')
    const character = this.#text[this.#at]
    if (character === '{') return this.#readObject(path)
    if (character === '[') return this.#readList(path)
    if (character === '"') return this.#readString()
    return this.#readWord()
  }

  #readObject(path: readonly PropertyKey[]): Readonly<Record<string, unknown>> {
    const result: Record<string, unknown> = {}
    this.#at++
    this.#skipBlanks()
    while (this.#text[this.#at] !== '}') {
      const start = this.#at
      if (this.#text[this.#at] !== '"') throw this.#expected('a key in double quotes')
      const key = this.#readString()
      if (Object.hasOwn(result, key))
        throw new JsonFault(start, `the key ${JSON.stringify(key)} is given twice`, 'Keep one of them.')
      if (key === '__proto__') throw new JsonFault(start, 'the key "__proto__" cannot be used', 'Remove it.')
      this.positions.set(pathText([...path, key]), this.positionOf(start))
      this.#skipBlanks()
      if (this.#text[this.#at] !== ':') throw this.#expected(`":" after the key ${JSON.stringify(key)}`)
      this.#at++
      result[key] = this.#readValue([...path, key])
      this.#readSeparator('}')
    }
    this.#at++
    return result
  }

  #readList(path: readonly PropertyKey[]): readonly unknown[] {
    const result: unknown[] = []
    this.#at++
    this.#skipBlanks()
    while (this.#text[this.#at] !== ']') {
      result.push(this.#readValue([...path, result.length]))
      this.#readSeparator(']')
    }
    this.#at++
    return result
  }

  /** Between two members: a comma that something follows, or the closing bracket (left to the caller). */
  #readSeparator(closing: string): void {
    this.#skipBlanks()
    if (this.#text[this.#at] === closing) return
    if (this.#text[this.#at] !== ',') throw this.#expected(`"," or "${closing}"`)
    const comma = this.#at
    this.#at++
    this.#skipBlanks()
    if (this.#text[this.#at] === closing)
      throw new JsonFault(comma, `a comma stands before "${closing}"`, 'Remove the comma.')
  }

  #readString(): string {
    const start = this.#at
    this.#at++
    for (;;) {
      const character = this.#text[this.#at]
      if (character === undefined) throw new JsonFault(start, 'a string is not closed', 'Add the closing double quote.')
      if (character === '"') break
      if (character < ' ')
        throw new JsonFault(
          start,
          'a string runs over the end of its line or holds a control character',
          'Close it with a double quote, or write the character as an escape such as \\n.',
        )
      if (character === '\\') this.#checkEscape()
      this.#at += character === '\\' ? 2 : 1
    }
    this.#at++
    return String(JSON.parse(this.#text.slice(start, this.#at)))
  }

  #checkEscape(): void {
    if (/^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(this.#text.slice(this.#at, this.#at + 6))) return
    throw this.#fault('a string holds an escape that JSON does not know', 'Write "\\\\" for a backslash.')
  }

  #readWord(): number | boolean | null {
    const word = /^[\w.+-]+/.exec(this.#text.slice(this.#at, this.#at + 400))?.[0] ?? ''
    if (
      word === 'true' ||
      word === 'false' ||
      word === 'null' ||
      /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(word)
    ) {
      this.#at += word.length
      return JSON.parse(word)
    }
    throw this.#expected('a value')
  }

  #skipBlanks(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'end')) this.#at++
  }

  #expected(what: string): JsonFault {
    const found = this.#text[this.#at]
    if (found === undefined) return this.#fault(`it ends where ${what} must stand`, 'Is a closing bracket missing?')
    const next = adviceFor(this.#text.slice(this.#at, this.#at + 2))
    return this.#fault(`${what} must stand here`, next)
  }

  #fault(why: string, next: string): JsonFault {
    return new JsonFault(this.#at, why, next)
  }
}

function adviceFor(found: string): string {
  if (found === '//' || found === '/*' || found.startsWith('#')) {
    return 'JSON has no comments: remove it, or write the configuration as wwdb.config.mjs.'
  }
  if (found.startsWith("'")) return 'JSON takes double quotes only.'
  if (found.startsWith('"')) return 'Is a comma missing before it?'
  return `Found ${JSON.stringify(found.charAt(0))}: keys and texts take double quotes, and members are parted by commas.`
}
