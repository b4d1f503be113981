import type { SeedPlace, SeedValue } from '../seed.ts'

/** What stands in a seed file, each part with its place: the same for YAML and JSON. */
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
