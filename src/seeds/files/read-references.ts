import type { SeedReference } from '../seed.ts'
import type { SeedEntry } from './seed-node.ts'
import type { Fields, TreeReader } from './tree-reader.ts'

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
