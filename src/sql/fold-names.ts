import type { RecordedObject, RecordedSchema } from './recorded-schema.ts'
import {
  type CodeSnapshot,
  fingerprintObject,
  objectKey,
  type RecordedSnapshot,
  type TableSnapshot,
} from './snapshot.ts'

/** The key of an object where the server ignores the case of tables and views (`lower_case_table_names` other than 0). */
export function foldedKey(object: Pick<RecordedSnapshot, 'type' | 'name'>): string {
  const { type } = object
  return type === 'table' || type === 'view' ? objectKey(object).toLowerCase() : objectKey(object)
}

/**
 * An object with its names as such a server compares them. In the text of code all but its literals is folded: nothing else there is distinguished by its case.
 * Pure.
 */
export function foldObject(object: RecordedSnapshot): RecordedSnapshot {
  switch (object.type) {
    case 'schema':
      return object
    case 'table':
      return foldTable(object)
    default:
      return foldCode(object)
  }
}

function foldTable(table: TableSnapshot): TableSnapshot {
  return {
    ...table,
    name: table.name.toLowerCase(),
    foreignKeys: table.foreignKeys.map((key) => ({
      ...key,
      parent: key.parent.toLowerCase(),
      text: key.text.replace(/(?<= REFERENCES )(?:`(?:[^`]|``)*`\.?)+/i, (parent) => parent.toLowerCase()),
    })),
  }
}

function foldCode(code: CodeSnapshot): CodeSnapshot {
  const isCased = code.type === 'view'
  return {
    ...code,
    name: isCased ? code.name.toLowerCase() : code.name,
    text: foldText(code.text),
    table: code.table?.toLowerCase() ?? null,
  }
}

/** Literals in either kind of quotes stay: what they hold is data. */
function foldText(text: string): string {
  return text.replace(/'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|[^'"]+/gs, (part) =>
    part.startsWith("'") || part.startsWith('"') ? part : part.toLowerCase(),
  )
}

/** Whether two objects are the same to such a server. */
export function areSameFolded(one: RecordedSnapshot | null, other: RecordedSnapshot): boolean {
  return one !== null && fingerprintObject(foldObject(one)) === fingerprintObject(foldObject(other))
}

/**
 * A record by the names as the server compares them: one that was written where the case of names counts (`Users`) is found again where it does not (`users`). The
 * same record where it has no other names.
 */
export function foldRecord(recorded: RecordedSchema): RecordedSchema {
  const { objects } = recorded
  const entries = [...objects.values()].map((object): [string, RecordedObject] => [foldedKey(object), object])
  return entries.every(([key]) => objects.has(key))
    ? recorded
    : { ...recorded, objects: new Map(entries), isFolded: true }
}
