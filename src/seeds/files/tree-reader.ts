import { closestName } from '../../core/closest-name.ts'
import type { Fault } from '../../core/tool-error.ts'
import type { SeedPlace, SeedReference } from '../seed.ts'
import { describeNode, type SeedEntry, type SeedNode } from './read-document.ts'

/** The entries of a map, by name. */
export type Fields = ReadonlyMap<string, SeedEntry>

/** Reads parts of a tree as what they should be; collects what is wrong instead of stopping at the first. */
export class TreeReader {
  readonly faults: Fault[] = []

  /** A map whose keys are all known. Null, with a fault, where it is something else. */
  fields(node: SeedNode, what: string, known: readonly string[]): Fields | null {
    if (node.type !== 'map') return this.#refuse(node, `${what} must be a map, and is ${describeNode(node)}.`)
    for (const { name, place } of node.entries) {
      if (!known.includes(name)) this.fault(`${what} has no key "${name}".`, place, meant(name, known))
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
    return this.#refuse(node, `${what} must be a name, and is ${describeNode(node)}.`)
  }

  choice<Choice extends string>(node: SeedNode, what: string, choices: readonly Choice[]): Choice | null {
    const word = this.word(node, what)
    const chosen = choices.find((choice) => choice === word)
    if (chosen !== undefined || word === null) return chosen ?? null
    return this.#refuse(node, `${what} cannot be "${word}".`, meant(word, choices))
  }

  list(node: SeedNode, what: string): readonly SeedNode[] | null {
    if (node.type === 'list') return node.items
    return this.#refuse(node, `${what} must be a list, and is ${describeNode(node)}.`)
  }

  fault(what: string, place: SeedPlace, next?: string): void {
    this.faults.push({ what, where: place, ...(next === undefined ? {} : { next }) })
  }

  #refuse(node: SeedNode, what: string, next?: string): null {
    this.fault(what, node.place, next)
    return null
  }
}

/** What was probably meant, and what there is. */
export function meant(written: string, known: readonly string[]): string {
  const close = closestName(written, known)
  const all = `Known are ${known.join(', ')}.`
  return close === null ? all : `Did you mean "${close}"? ${all}`
}

const referenceKeys = ['column', 'table', 'key', 'value', 'label'] as const

/** The references that a file declares, by the words its rows use. */
export function readReferences(entry: SeedEntry | undefined, reader: TreeReader): readonly SeedReference[] {
  if (entry === undefined) return []
  const { value } = entry
  if (value.type === 'map') return value.entries.flatMap((one) => readReference(one, reader))
  reader.fault('"references" must be a map of what rows call them.', value.place)
  return []
}

function readReference(entry: SeedEntry, reader: TreeReader): readonly SeedReference[] {
  const what = `The reference "${entry.name}"`
  const fields = reader.fields(entry.value, what, referenceKeys)
  if (fields === null) return []
  const table = need(fields, 'table', what, entry, reader)
  const keyEntry = fields.get('key')
  const key = keyEntry === undefined ? null : reader.words(keyEntry.value, `${what}, "key",`)
  if (keyEntry === undefined)
    reader.fault(`${what} does not say by which columns its rows are named.`, entry.place, 'Write "key: COLUMN".')
  if (table === null || key === null) return []
  if (table.includes('.'))
    reader.fault(
      `${what} goes to another schema.`,
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
  reader.fault(`${what} names no ${name}.`, at.place, `Write "${name}: NAME".`)
  return null
}
