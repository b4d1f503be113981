import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { Excerpt, Fault, Location } from '../../core/tool-error.ts'

/** A file of declarations that was read, but not yet held against a schema. */
export interface DeclarationDocument {
  /** As a person would type it. */
  readonly file: string
  readonly value: unknown
  /** Where the key or item at a path stands; the nearest one that is there. */
  readonly locate: (path: readonly PropertyKey[]) => { readonly where: Location; readonly excerpt?: Excerpt }
}

/**
 * Reads YAML 1.2, of which JSON is a part, and remembers where everything stands. A key that is given twice, an unknown
 * tag or a second document is a fault.
 */
export function readDeclarationDocument(text: string, file: string): DeclarationDocument | readonly Fault[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const problems = [...document.errors, ...document.warnings]
  if (problems.length > 0) {
    return problems.map(({ message, pos }) => ({
      what: 'This is no YAML that can be read.',
      where: placeAt(file, lines, pos[0]),
      why: `${message.replace(/\.?$/, '.')}`,
    }))
  }
  const value = toValue(document)
  if (value.type === 'fault') return [{ what: 'This is no YAML that can be read.', where: { file }, why: value.why }]
  return { file, value: value.value, locate: (path) => ({ where: placeAt(file, lines, offsetOf(document, path)) }) }
}

/** Aliases that would multiply without end are refused by the library when the value is made. */
function toValue(
  document: Document,
): { readonly type: 'value'; readonly value: unknown } | { readonly type: 'fault'; readonly why: string } {
  try {
    return { type: 'value', value: document.toJS() }
  } catch (error) {
    return { type: 'fault', why: error instanceof Error ? error.message : String(error) }
  }
}

function placeAt(file: string, lines: LineCounter, offset: number): Location {
  const { line, col } = lines.linePos(offset)
  return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
}

/** Where the last part of a path begins: a key where it is one, else an item's text. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const segment of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(segment))
      if (pair === undefined) return offset
      offset = startOf(pair.key) ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(segment)]
      offset = startOf(node) ?? offset
    } else {
      return offset
    }
  }
  return offset
}

function startOf(node: unknown): number | null {
  return typeof node === 'object' && node !== null && 'range' in node ? ((node as Node).range?.[0] ?? null) : null
}
