import { pathText } from '../core/interpolate.ts'
import type { Fault } from '../core/tool-error.ts'

/** Both count from 1; the column counts UTF-16 units, as editors do. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** The content of a document, each part with its position: the same for YAML and JSON. */
export type DocumentNode =
  | {
      readonly type: 'scalar'
      readonly value: string | number | bigint | boolean | null
      /** As it is written: to a DECIMAL, 1.10 differs from 1.1. */
      readonly source: string
      readonly position: Position
    }
  | { readonly type: 'list'; readonly items: readonly DocumentNode[]; readonly position: Position }
  | { readonly type: 'map'; readonly entries: readonly DocumentEntry[]; readonly position: Position }

export interface DocumentEntry {
  readonly name: string
  /** The position of its key. */
  readonly position: Position
  readonly value: DocumentNode
}

/** What is wrong with the syntax of a document: half a sentence without a full stop, and what to do. */
export interface SyntaxFault {
  readonly why: string
  readonly next?: string
  readonly position: Position
}

/** `empty`: the document exists but has no content. */
export type DocumentOutcome =
  | { readonly type: 'tree'; readonly node: DocumentNode }
  | { readonly type: 'empty' }
  | { readonly type: 'faults'; readonly faults: readonly [SyntaxFault, ...SyntaxFault[]] }

/** A syntax fault as people see it. */
export function toFault(syntax: 'JSON' | 'YAML', file: string, { why, next, position }: SyntaxFault): Fault {
  const what = `The file is not valid ${syntax}: ${why}.`
  return { what, where: { file, ...position }, ...(next === undefined ? {} : { next }) }
}

/** The document as JSON.parse would give it. */
export function toValue(node: DocumentNode): unknown {
  switch (node.type) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map(toValue)
    case 'map':
      return Object.fromEntries(node.entries.map(({ name, value }) => [name, toValue(value)]))
  }
}

/** The position of each key, by its path as text. */
export function positionsOf(node: DocumentNode): ReadonlyMap<string, Position> {
  const positions = new Map<string, Position>()
  const visit = (one: DocumentNode, path: readonly PropertyKey[]): void => {
    if (one.type === 'list') for (const [index, item] of one.items.entries()) visit(item, [...path, index])
    if (one.type !== 'map') return
    for (const { name, position, value } of one.entries) {
      positions.set(pathText([...path, name]), position)
      visit(value, [...path, name])
    }
  }
  visit(node, [])
  return positions
}

/** The position of the key or item at a path; else of the nearest existing part above it. */
export function positionAt(root: DocumentNode, path: readonly PropertyKey[]): Position {
  let node = root
  let { position } = root
  for (const segment of path) {
    const part = partOf(node, segment)
    if (part === undefined) return position
    position = part.position
    node = part.value
  }
  return position
}

function partOf(node: DocumentNode, segment: PropertyKey): Omit<DocumentEntry, 'name'> | undefined {
  if (node.type === 'map') return node.entries.find(({ name }) => name === String(segment))
  const item = node.type === 'list' ? node.items[Number(segment)] : undefined
  return item && { position: item.position, value: item }
}
