import type { Config, DatabaseConfig } from '../config/config.ts'
import { selectDatabases } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'
import type { NamedObject } from './name-uses.ts'
import type { NamedParts } from './ports.ts'

/** What a person typed: `TABLE`, `TABLE.PART`, `DATABASE.TABLE` or `DATABASE.TABLE.PART`. */
export interface TypedObject {
  /** The databases that may have the table. */
  readonly databases: readonly DatabaseConfig[]
  readonly table: string
  readonly part: string | null
}

/** Throws ToolError `USAGE` (64) for what names no table. A name of a database comes before that of a table. */
export function readTyped(text: string, config: Config, targets: readonly string[]): TypedObject {
  const names = text.split('.').map((name) => name.replace(/^`(.*)`$/, '$1'))
  const named = names.length > 1 ? config.databases.find(({ name }) => name === names[0]) : undefined
  const [table = '', part, ...more] = named === undefined ? names : names.slice(1)
  if (table === '' || part === '' || more.length > 0) {
    const next =
      'Write `TABLE`, `TABLE.COLUMN` or `TABLE.INDEX`, with `DATABASE.` before it where several databases have the table.'
    throw new ToolError('USAGE', { what: `\`${text}\` does not name a table, a column or an index.`, next })
  }
  return { databases: named === undefined ? selectDatabases(config, targets) : [named], table, part: part ?? null }
}

/** A table or a family of them in one database, with what carries the name behind its own. */
export interface FoundObject {
  readonly database: DatabaseConfig
  readonly tables: readonly string[]
  readonly column: string | null
  readonly index: string | null
  /** What statements are compared with: the table, its column, or its index; both where they have one name. */
  readonly objects: readonly NamedObject[]
  /** What all names of its tables begin with. */
  readonly word: string
  readonly parts: NamedParts
}

/** @param isMember whether a table is a shard of the family of the typed name. Null where the database has no such table, or the table no such part. */
export function findObject(
  database: DatabaseConfig,
  { table, part }: TypedObject,
  parts: NamedParts,
  isMember: (name: string) => boolean,
): FoundObject | null {
  const fold = (name: string): string => (parts.foldsNames ? name.toLowerCase() : name)
  const exact = parts.tables.filter((name) => fold(name) === fold(table))
  const tables = exact.length > 0 ? exact : parts.tables.filter(isMember)
  if (tables.length === 0) return null
  const known = new Set(tables.map(fold))
  const isTable = (name: string): boolean => known.has(fold(name))
  const columns = parts.columns.filter((one) => one.schema === database.schema && isTable(one.table))
  const indexes = parts.indexes.filter((one) => isTable(one.table))
  const [column, index] = [columns[0]?.column ?? null, indexes[0]?.index ?? null]
  const others = new Set(parts.columns.map((one) => `${one.schema}\0${fold(one.table)}`))
  const base = {
    ...{ schema: database.schema, isTable, foldsNames: parts.foldsNames },
    hasColumn: (schema: string, name: string) => others.has(`${schema}\0${fold(name)}`),
  }
  const objects: readonly NamedObject[] = [
    ...(part === null ? [{ ...base, part: null }] : []),
    ...(column === null ? [] : [{ ...base, part: { type: 'column' as const, name: column } }]),
    ...(index === null ? [] : [{ ...base, part: { type: 'index' as const, name: index } }]),
  ]
  if (objects.length === 0) return null
  return { database, tables, column, index, objects, word: commonBeginning(tables), parts }
}

function commonBeginning([first = '', ...others]: readonly string[]): string {
  let length = first.length
  for (const name of others) {
    let same = 0
    while (same < length && name[same]?.toLowerCase() === first[same]?.toLowerCase()) same += 1
    length = same
  }
  return first.slice(0, length)
}
