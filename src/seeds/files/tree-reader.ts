import { closestName } from '../../core/closest-name.ts'
import type { Fault } from '../../core/tool-error.ts'
import { type DocumentNode, type Position, toFault } from '../../files/document.ts'
import { parseByName } from '../../files/yaml-text.ts'
import type { SeedPlace, SeedReference, SeedValue } from '../seed.ts'

/** The content of a file: its tree, or its syntax fault. */
type SeedDocument =
  | { readonly type: 'tree'; readonly node: SeedNode }
  | { readonly type: 'faults'; readonly faults: readonly Fault[] }

/** Reads YAML 1.2 or JSON, with the position of everything in it. */
export function readDocument(text: string, file: string): SeedDocument {
  const { syntax, outcome } = parseByName(text, file)
  switch (outcome.type) {
    case 'faults':
      return { type: 'faults', faults: outcome.faults.map((fault) => toFault(syntax, file, fault)) }
    case 'empty':
      return {
        type: 'faults',
        faults: [{ what: 'The file is empty.', where: { file }, next: 'Write rows, or remove it.' }],
      }
    case 'tree':
      return makeSeedTree(outcome.node, file)
  }
}

class NumberFault extends Error {
  readonly fault: Fault

  constructor(source: string, place: SeedPlace) {
    super(source)
    this.fault = { what: `\`${source}\` is not a MySQL number.`, where: place }
  }
}

function makeSeedTree(root: DocumentNode, file: string): SeedDocument {
  const placeOf = (position: Position): SeedPlace => ({ file, ...position })
  const make = (node: DocumentNode): SeedNode => {
    const place = placeOf(node.position)
    if (node.type === 'scalar') return { type: 'scalar', value: readScalar(node, place), place }
    if (node.type === 'list') return { type: 'list', items: node.items.map(make), place }
    const entries = node.entries.map(({ name, position, value }) => ({
      name,
      place: placeOf(position),
      value: make(value),
    }))
    return { type: 'map', entries, place }
  }
  try {
    return { type: 'tree', node: make(root) }
  } catch (error) {
    if (!(error instanceof NumberFault)) throw error
    return { type: 'faults', faults: [error.fault] }
  }
}

/** A number keeps its digits as written: for a DECIMAL, 1.10 is not 1.1. */
function readScalar(node: Extract<DocumentNode, { readonly type: 'scalar' }>, place: SeedPlace): SeedValue {
  const { value, source } = node
  if (value === null) return { type: 'null' }
  if (typeof value === 'string') return { type: 'text', text: value }
  if (typeof value === 'boolean') return { type: 'json', text: String(value) }
  return { type: 'number', text: readNumber(value, source, place) }
}

function readNumber(value: number | bigint, source: string, place: SeedPlace): string {
  if (/^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/.test(source)) return source
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return String(value)
  throw new NumberFault(source, place)
}

/** The content of a seed file, each part with its position: the same for YAML and JSON. */
export type SeedNode =
  | { readonly type: 'scalar'; readonly value: SeedValue; readonly place: SeedPlace }
  | { readonly type: 'list'; readonly items: readonly SeedNode[]; readonly place: SeedPlace }
  | { readonly type: 'map'; readonly entries: readonly SeedEntry[]; readonly place: SeedPlace }

export interface SeedEntry {
  readonly name: string
  readonly place: SeedPlace
  readonly value: SeedNode
}

/** What a node is, for the message about a node of the wrong kind. */
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

/** The content of a cell: lists, maps and booleans inside them are for JSON columns. */
export function cellValue(node: SeedNode): SeedValue {
  if (node.type !== 'scalar') return { type: 'json', text: toJsonText(node) }
  const { value } = node
  return value.type === 'json' ? { type: 'number', text: value.text === 'true' ? '1' : '0' } : value
}

/** The entries of a map, by name. */
export type Fields = ReadonlyMap<string, SeedEntry>

/** Reads parts of a tree as the expected types; collects faults instead of stopping at the first. */
export class TreeReader {
  readonly faults: Fault[] = []

  /** A map whose keys are all known. Null, with a fault, for anything else. */
  fields(node: SeedNode, what: string, known: readonly string[]): Fields | null {
    if (node.type !== 'map') return this.#refuse(node, `${what} must be a map, but is ${describeNode(node)}.`)
    for (const { name, place } of node.entries) {
      if (!known.includes(name)) this.fault(`${what} has no key \`${name}\`.`, place, meant(name, known))
    }
    return new Map(node.entries.map((entry) => [entry.name, entry]))
  }

  /** One word or a list of words. */
  words(node: SeedNode, what: string): readonly string[] | null {
    const items = node.type === 'list' ? node.items : [node]
    const words = items.map((item) => this.word(item, what))
    if (words.length === 0) return this.#refuse(node, `${what} must not be empty.`)
    return words.includes(null) ? null : words.filter((word) => word !== null)
  }

  word(node: SeedNode, what: string): string | null {
    if (node.type === 'scalar' && node.value.type !== 'null' && node.value.text !== '') return node.value.text
    return this.#refuse(node, `${what} must be a name, but is ${describeNode(node)}.`)
  }

  choice<Choice extends string>(node: SeedNode, what: string, choices: readonly Choice[]): Choice | null {
    const word = this.word(node, what)
    const chosen = choices.find((choice) => choice === word)
    if (chosen !== undefined || word === null) return chosen ?? null
    return this.#refuse(node, `${what} cannot be "${word}".`, meant(word, choices))
  }

  list(node: SeedNode, what: string): readonly SeedNode[] | null {
    if (node.type === 'list') return node.items
    return this.#refuse(node, `${what} must be a list, but is ${describeNode(node)}.`)
  }

  fault(what: string, place: SeedPlace, next?: string): void {
    this.faults.push({ what, where: place, ...(next === undefined ? {} : { next }) })
  }

  #refuse(node: SeedNode, what: string, next?: string): null {
    this.fault(what, node.place, next)
    return null
  }
}

/** What was probably meant, and what exists. */
export function meant(written: string, known: readonly string[]): string {
  const close = closestName(written, known)
  const all = `Possible values: \`${known.join('`, `')}\`.`
  return close === null ? all : `Did you mean \`${close}\`? ${all}`
}

const referenceKeys = ['column', 'table', 'key', 'value', 'label'] as const

/** The references that a file declares, by the words its rows use. */
export function readReferences(entry: SeedEntry | undefined, reader: TreeReader): readonly SeedReference[] {
  if (entry === undefined) return []
  const { value } = entry
  if (value.type === 'map') return value.entries.flatMap((one) => readReference(one, reader))
  reader.fault('`references` must be a map of reference names.', value.place)
  return []
}

function readReference(entry: SeedEntry, reader: TreeReader): readonly SeedReference[] {
  const what = `The reference \`${entry.name}\``
  const fields = reader.fields(entry.value, what, referenceKeys)
  if (fields === null) return []
  const table = need(fields, 'table', what, entry, reader)
  const keyEntry = fields.get('key')
  const key = keyEntry === undefined ? null : reader.words(keyEntry.value, `${what}, "key",`)
  if (keyEntry === undefined)
    reader.fault(`${what} does not define the columns that identify its rows.`, entry.place, 'Write `key: COLUMN`.')
  if (table === null || key === null) return []
  if (table.includes('.'))
    reader.fault(
      `${what} points to another schema.`,
      entry.place,
      'References stay within one logical database: give the value itself.',
    )
  const optional = (name: string): string | null => {
    const given = fields.get(name)
    return given === undefined ? null : reader.word(given.value, `${what}, "${name}",`)
  }
  const column = optional('column') ?? `${entry.name}_id`
  return [
    {
      field: entry.name,
      column,
      table,
      key,
      value: optional('value') ?? 'id',
      label: optional('label'),
      place: entry.place,
    },
  ]
}

function need(fields: Fields, name: string, what: string, at: SeedEntry, reader: TreeReader): string | null {
  const entry = fields.get(name)
  if (entry !== undefined) return reader.word(entry.value, `${what}, "${name}",`)
  reader.fault(`${what} has no \`${name}\`.`, at.place, `Write \`${name}: NAME\`.`)
  return null
}
