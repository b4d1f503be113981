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
  type Scalar,
} from 'yaml'
import type { Fault } from '../../core/tool-error.ts'
import type { SeedPlace, SeedValue } from '../seed.ts'

/** What a file comes to: its tree, or what is wrong with its syntax. */
export type SeedDocument =
  | { readonly type: 'tree'; readonly node: SeedNode }
  | { readonly type: 'faults'; readonly faults: readonly Fault[] }

/** Anchors can name one list a thousand times over; no seed file has this many parts. */
const mostNodes = 500_000

/** Reads YAML 1.2, or JSON as a strict part of it, with the place of everything in it. */
export function readDocument(text: string, file: string): SeedDocument {
  const strict = file.endsWith('.json')
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    schema: strict ? 'json' : 'core',
  })
  const placeOf = (offset: number): SeedPlace => {
    const { line, col } = lines.linePos(offset)
    return { file, line, column: col }
  }
  const wrong = [...document.errors, ...document.warnings]
  if (wrong.length > 0)
    return { type: 'faults', faults: wrong.map(({ message, pos }) => syntaxFault(message, placeOf(pos[0]), strict)) }
  const refused = strict ? refuseLooseJson(text, file) : null
  if (refused !== null) return { type: 'faults', faults: [refused] }
  if (document.contents === null)
    return {
      type: 'faults',
      faults: [{ what: 'The file is empty.', where: { file }, next: 'Write rows, or remove it.' }],
    }
  try {
    const aliases = (node: Node): Node | undefined => (isAlias(node) ? node.resolve(document) : node)
    return { type: 'tree', node: new TreeMaker(placeOf, aliases).make(document.contents) }
  } catch (error) {
    if (!(error instanceof NodeFault)) throw error
    return { type: 'faults', faults: [error.fault] }
  }
}

function syntaxFault(message: string, place: SeedPlace, strict: boolean): Fault {
  const said = message.charAt(0).toLowerCase() + message.slice(1)
  return { what: `This is no ${strict ? 'JSON' : 'YAML'}: ${said.replace(/\.$/, '')}.`, where: place }
}

/** YAML takes comments and bare words that JSON has not; programs that read the file as JSON would fail on them. */
function refuseLooseJson(text: string, file: string): Fault | null {
  try {
    JSON.parse(text)
    return null
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { what: 'The file is no JSON.', where: { file }, why, next: 'Put it right, or name the file .yaml.' }
  }
}

class NodeFault extends Error {
  readonly fault: Fault

  constructor(fault: Fault) {
    super(fault.what)
    this.fault = fault
  }
}

class TreeMaker {
  readonly #placeOf: (offset: number) => SeedPlace
  readonly #resolve: (node: Node) => Node | undefined
  #count = 0

  constructor(placeOf: (offset: number) => SeedPlace, resolve: (node: Node) => Node | undefined) {
    this.#placeOf = placeOf
    this.#resolve = resolve
  }

  make(given: Node): SeedNode {
    const place = this.#placeOf(given.range?.[0] ?? 0)
    this.#count += 1
    if (this.#count > mostNodes)
      throw new NodeFault({ what: `The file comes to more than ${mostNodes} values.`, where: place, next: 'Split it.' })
    const node = this.#resolve(given)
    if (isScalar(node)) return { type: 'scalar', value: readScalar(node, place), place }
    if (isSeq(node)) return { type: 'list', items: node.items.map((item) => this.#item(item, place)), place }
    if (isMap(node)) return { type: 'map', entries: node.items.map((pair) => this.#entry(pair, place)), place }
    throw new NodeFault({ what: 'This alias names no anchor before it.', where: place })
  }

  #item(item: unknown, place: SeedPlace): SeedNode {
    return isNode(item) ? this.make(item) : { type: 'scalar', value: { type: 'null' }, place }
  }

  #entry({ key, value }: Pair, parent: SeedPlace): SeedEntry {
    if (!isScalar(key)) throw new NodeFault({ what: 'A key must be one word.', where: parent })
    const place = this.#placeOf(key.range?.[0] ?? 0)
    return { name: key.source ?? String(key.value), place, value: this.#item(value, place) }
  }
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isCollection(value) || isAlias(value)
}

/** A number keeps its digits as written: 1.10 of a DECIMAL is not 1.1. */
function readScalar({ value, source }: Scalar, place: SeedPlace): SeedValue {
  switch (typeof value) {
    case 'string':
      return { type: 'text', text: value }
    case 'boolean':
      return { type: 'json', text: String(value) }
    case 'number':
    case 'bigint':
      return { type: 'number', text: readNumber(value, source, place) }
    default:
      if (value === null) return { type: 'null' }
      throw new NodeFault({ what: 'This value is of a kind that no column takes.', where: place })
  }
}

function readNumber(value: number | bigint, source: string | undefined, place: SeedPlace): string {
  if (source !== undefined && /^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/.test(source)) return source
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return String(value)
  throw new NodeFault({ what: `${source ?? value} is no number that MySQL has.`, where: place })
}

/** What is in a seed file, each part with its place: the same for YAML and JSON. */
export type SeedNode =
  | { readonly type: 'scalar'; readonly value: SeedValue; readonly place: SeedPlace }
  | { readonly type: 'list'; readonly items: readonly SeedNode[]; readonly place: SeedPlace }
  | { readonly type: 'map'; readonly entries: readonly SeedEntry[]; readonly place: SeedPlace }

export interface SeedEntry {
  readonly name: string
  readonly place: SeedPlace
  readonly value: SeedNode
}

/** What a node is, for the sentence about one that should be something else. */
export function describeNode(node: SeedNode): string {
  switch (node.type) {
    case 'list':
      return 'a list'
    case 'map':
      return 'a map'
    case 'scalar':
      return node.value.type === 'null' ? 'empty' : `"${node.value.text}"`
  }
}

/** The node as JSON text, for columns of that type. */
function toJsonText(node: SeedNode): string {
  switch (node.type) {
    case 'list':
      return `[${node.items.map(toJsonText).join(',')}]`
    case 'map':
      return `{${node.entries.map(({ name, value }) => `${JSON.stringify(name)}:${toJsonText(value)}`).join(',')}}`
    case 'scalar':
      return scalarJson(node.value)
  }
}

function scalarJson(value: SeedValue): string {
  switch (value.type) {
    case 'null':
      return 'null'
    case 'text':
      return JSON.stringify(value.text)
    case 'number':
    case 'json':
      return value.text
  }
}

/** What a cell of a row holds: lists and maps, as booleans inside them, are for JSON columns. */
export function cellValue(node: SeedNode): SeedValue {
  if (node.type !== 'scalar') return { type: 'json', text: toJsonText(node) }
  const { value } = node
  return value.type === 'json' ? { type: 'number', text: value.text === 'true' ? '1' : '0' } : value
}
