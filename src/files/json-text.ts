import type { DocumentEntry, DocumentNode, DocumentOutcome, Position } from './document.ts'

class JsonFault extends Error {
  readonly offset: number
  readonly next: string

  constructor(offset: number, why: string, next: string) {
    super(why)
    this.offset = offset
    this.next = next
  }
}

/** Deeper than any configuration, and far from a stack overflow. */
const deepest = 64

/**
 * Reads strict JSON (RFC 8259) with the place of everything in it. JSON.parse is not used: not every supported Node
 * reports line and column, it keeps no positions, and it accepts duplicate keys.
 */
export function parseJson(text: string): Exclude<DocumentOutcome, { readonly type: 'empty' }> {
  const reader = new JsonReader(text)
  try {
    return { type: 'tree', node: reader.readDocument() }
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error
    const { message: why, next, offset } = error
    return { type: 'faults', faults: [{ why, next, position: new JsonReader(text).positionOf(offset) }] }
  }
}

class JsonReader {
  readonly #text: string
  #at = 0
  /** The last position: lines are counted from there, because positions are requested in order. */
  #counted = { offset: 0, line: 1, start: 0 }

  constructor(text: string) {
    this.#text = text
  }

  readDocument(): DocumentNode {
    const node = this.#readValue(0)
    this.#skipBlanks()
    if (this.#at < this.#text.length) throw this.#fault('there is text after the end of the document', 'Remove it.')
    return node
  }

  /** @param offset not before that of the last call */
  positionOf(offset: number): Position {
    let { line, start } = this.#counted
    for (let end = this.#text.indexOf('\n', start); end >= 0 && end < offset; end = this.#text.indexOf('\n', start)) {
      line += 1
      start = end + 1
    }
    this.#counted = { offset, line, start }
    return { line, column: offset - start + 1 }
  }

  #readValue(depth: number): DocumentNode {
    this.#skipBlanks()
    if (depth > deepest) throw this.#fault(`it is nested deeper than ${deepest} levels`, 'Flatten it.')
    const character = this.#text[this.#at]
    const start = this.#at
    if (character === '{') return this.#readObject(depth)
    if (character === '[') return this.#readList(depth)
    const value = character === '"' ? this.#readString() : this.#readWord()
    return { type: 'scalar', value, source: this.#text.slice(start, this.#at), position: this.positionOf(start) }
  }

  #readObject(depth: number): DocumentNode {
    const position = this.positionOf(this.#at)
    const entries: DocumentEntry[] = []
    const names = new Set<string>()
    this.#at++
    this.#skipBlanks()
    while (this.#text[this.#at] !== '}') {
      const entry = this.#readEntry(names, depth)
      names.add(entry.name)
      entries.push(entry)
      this.#readSeparator('}')
    }
    this.#at++
    return { type: 'map', entries, position }
  }

  #readEntry(names: ReadonlySet<string>, depth: number): DocumentEntry {
    const start = this.#at
    if (this.#text[this.#at] !== '"') throw this.#expected('a key in double quotes')
    const name = this.#readString()
    if (names.has(name))
      throw new JsonFault(start, `the key ${JSON.stringify(name)} is given twice`, 'Keep one of them.')
    if (name === '__proto__') throw new JsonFault(start, 'the key `__proto__` cannot be used', 'Remove it.')
    const position = this.positionOf(start)
    this.#skipBlanks()
    if (this.#text[this.#at] !== ':') throw this.#expected(`":" after the key ${JSON.stringify(name)}`)
    this.#at++
    return { name, position, value: this.#readValue(depth + 1) }
  }

  #readList(depth: number): DocumentNode {
    const position = this.positionOf(this.#at)
    const items: DocumentNode[] = []
    this.#at++
    this.#skipBlanks()
    while (this.#text[this.#at] !== ']') {
      items.push(this.#readValue(depth + 1))
      this.#readSeparator(']')
    }
    this.#at++
    return { type: 'list', items, position }
  }

  /** Between two members: a comma that something follows, or the closing bracket, which the caller reads. */
  #readSeparator(closing: string): void {
    this.#skipBlanks()
    if (this.#text[this.#at] === closing) return
    if (this.#text[this.#at] !== ',') throw this.#expected(`"," or "${closing}"`)
    const comma = this.#at
    this.#at++
    this.#skipBlanks()
    if (this.#text[this.#at] === closing)
      throw new JsonFault(comma, `there is a comma before "${closing}"`, 'Remove the comma.')
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
          'a string continues past the end of its line or contains a control character',
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
    throw this.#fault('a string contains an invalid JSON escape', 'Write `\\\\` for a backslash.')
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
    if (found === undefined) return this.#fault(`it ends where ${what} is expected`, 'Is a closing bracket missing?')
    const next = adviceFor(this.#text.slice(this.#at, this.#at + 2))
    return this.#fault(`${what} is expected here`, next)
  }

  #fault(why: string, next: string): JsonFault {
    return new JsonFault(this.#at, why, next)
  }
}

function adviceFor(found: string): string {
  if (found === '//' || found === '/*' || found.startsWith('#')) {
    return 'JSON has no comments: remove it, or write the configuration as wwdb.config.mjs.'
  }
  if (found.startsWith("'")) return 'JSON allows only double quotes.'
  if (found.startsWith('"')) return 'Is a comma missing before it?'
  return `Found ${JSON.stringify(found.charAt(0))}: keys and strings need double quotes, and members are separated by commas.`
}
