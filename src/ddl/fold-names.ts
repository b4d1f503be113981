import type { RecordedObject, RecordedSchema } from './recorded-schema.ts'
import { type ForeignKeySnapshot, objectKey, type RecordedSnapshot, type TableSnapshot } from './snapshot.ts'

/** The key of an object where the server ignores the case of tables and views (`lower_case_table_names` other than 0). */
function foldedKey(object: Pick<RecordedSnapshot, 'type' | 'name'>): string {
  const { type } = object
  return type === 'table' || type === 'view' ? objectKey(object).toLowerCase() : objectKey(object)
}

function foldKey({ text }: ForeignKeySnapshot): string {
  return text.replace(/(?<= REFERENCES )(?:`(?:[^`]|``)*`\.?)+/i, (parent) => parent.toLowerCase())
}

/**
 * In the text of code, everything but its literals is folded, because only literals are data: nothing else is
 * distinguished by its case.
 */
function foldText(text: string): string {
  return text.replace(/'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|[^'"]+/gs, (part) =>
    part.startsWith("'") || part.startsWith('"') ? part : part.toLowerCase(),
  )
}

/** An object of a record under the names of the existing one, so that names that differ only in case do not differ. Pure. */
export function nameAsFound(recorded: RecordedSnapshot | null, found: RecordedSnapshot): RecordedSnapshot | null {
  if (recorded?.type === 'table' && found.type === 'table') return nameTable(recorded, found)
  const areCode = recorded !== null && 'text' in recorded && 'text' in found
  if (!areCode) return recorded
  const isSame = foldText(recorded.text) === foldText(found.text)
  return { ...recorded, name: found.name, table: found.table, text: isSame ? found.text : recorded.text }
}

function nameTable(recorded: TableSnapshot, found: TableSnapshot): TableSnapshot {
  const keys = new Map(found.foreignKeys.map((key) => [foldKey(key), key]))
  const foreignKeys = recorded.foreignKeys.map((key) => keys.get(foldKey(key)) ?? key)
  return { ...recorded, name: found.name, foreignKeys }
}

/**
 * A record under the names as both servers compare them, where at most one of the server that wrote it and the server that reads it distinguishes case: `Users` is found as `users`, and `users` as `Users`. Where a record has both, the existing one counts; where several existing objects match, none is chosen. Returns the same record where no name changes. @param live the keys of existing objects, by `objectKey`
 */
export function foldRecord(recorded: RecordedSchema, live: ReadonlyMap<string, RecordedSnapshot>): RecordedSchema {
  const names = new Map<string, string | undefined>()
  for (const [key, object] of live) names.set(foldedKey(object), names.has(foldedKey(object)) ? undefined : key)
  const own = new Map(recorded.objects)
  const moved = new Map<string, RecordedObject>()
  for (const [key, object] of recorded.objects) {
    const there = live.has(key) ? undefined : names.get(foldedKey(object))
    if (there === undefined) continue
    own.delete(key)
    moved.set(there, object)
  }
  return moved.size === 0 ? recorded : { ...recorded, objects: new Map([...moved, ...own]), isFolded: true }
}
