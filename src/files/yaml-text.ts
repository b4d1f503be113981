import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  stringify,
} from 'yaml'
import type { DocumentEntry, DocumentNode, DocumentOutcome, Position, SyntaxFault } from './document.ts'
import { parseJson } from './json-text.ts'

/** Anchors can repeat one list a thousand times; no file that a person writes has this many parts. */
const mostNodes = 500_000

/** Deeper than any file that a person writes, and far from a stack overflow. */
const deepest = 64

/** Reads a file by its extension: strict JSON, or YAML 1.2. */
export function parseByName(
  text: string,
  file: string,
): { readonly syntax: 'JSON' | 'YAML'; readonly outcome: DocumentOutcome } {
  const isJson = file.endsWith('.json')
  return { syntax: isJson ? 'JSON' : 'YAML', outcome: isJson ? parseJson(text) : parseYaml(text) }
}

/** A value as YAML that `parseByName` reads as the same value. */
export function formatYaml(value: unknown): string {
  return stringify(value, { schema: 'core', lineWidth: 160, aliasDuplicateObjects: false })
}

/** Reads YAML 1.2. A duplicate key, an unknown tag or a second document is a fault. */
function parseYaml(text: string): DocumentOutcome {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, schema: 'core' })
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const [first, ...others] = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    why: message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, ''),
    position: positionOf(pos[0]),
  }))
  if (first !== undefined) return { type: 'faults', faults: [first, ...others] }
  if (document.contents === null) return { type: 'empty' }
  const resolve = (node: Node): Node | undefined => (isAlias(node) ? node.resolve(document) : node)
  try {
    return { type: 'tree', node: new TreeMaker(positionOf, resolve).make(document.contents, 0) }
  } catch (error) {
    if (!(error instanceof NodeFault)) throw error
    return { type: 'faults', faults: [error.fault] }
  }
}

class NodeFault extends Error {
  readonly fault: SyntaxFault

  constructor(why: string, position: Position, next?: string) {
    super(why)
    this.fault = { why, position, ...(next === undefined ? {} : { next }) }
  }
}

class TreeMaker {
  readonly #positionOf: (offset: number) => Position
  readonly #resolve: (node: Node) => Node | undefined
  #count = 0

  constructor(positionOf: (offset: number) => Position, resolve: (node: Node) => Node | undefined) {
    this.#positionOf = positionOf
    this.#resolve = resolve
  }

  make(given: Node, depth: number): DocumentNode {
    const position = this.#positionOf(given.range?.[0] ?? 0)
    this.#count += 1
    if (this.#count > mostNodes) throw new NodeFault(`it has more than ${mostNodes} values`, position, 'Split it.')
    if (depth > deepest) throw new NodeFault(`it is nested deeper than ${deepest} levels`, position, 'Flatten it.')
    const node = this.#resolve(given)
    if (isSeq(node))
      return { type: 'list', items: node.items.map((item) => this.#item(item, position, depth)), position }
    if (isMap(node))
      return { type: 'map', entries: node.items.map((pair) => this.#entry(pair, position, depth)), position }
    if (!isScalar(node)) throw new NodeFault('this alias has no anchor before it', position)
    const { value, source } = node
    if (isPlain(value)) return { type: 'scalar', value, source: source ?? String(value), position }
    throw new NodeFault('this value is not a string, a number, true, false or null', position)
  }

  /** An empty item is null, at the position of its list or map. */
  #item(item: unknown, position: Position, depth: number): DocumentNode {
    const isNode = isScalar(item) || isCollection(item) || isAlias(item)
    return isNode ? this.make(item, depth + 1) : { type: 'scalar', value: null, source: '', position }
  }

  #entry({ key, value }: Pair, parent: Position, depth: number): DocumentEntry {
    if (!isScalar(key)) throw new NodeFault('a key must be a single word', parent)
    const position = this.#positionOf(key.range?.[0] ?? 0)
    return { name: key.source ?? String(key.value), position, value: this.#item(value, position, depth) }
  }
}

function isPlain(value: unknown): value is string | number | bigint | boolean | null {
  return value === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
}
