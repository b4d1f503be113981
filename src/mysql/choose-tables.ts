import type { Schema } from '../ddl/schema.ts'
import { quoteString } from '../sql/quote-name.ts'
import type { ObjectName } from '../sql/statement.ts'

/** Compared as the server compares names, like `tableKey`. */
export function chooseTables(
  { foldsNames }: Schema,
  schema: string,
  names: readonly ObjectName[],
  [schemaColumn, nameColumn]: readonly [schema: string, name: string] = ['TABLE_SCHEMA', 'TABLE_NAME'],
): string {
  const fold = (name: string): string => (foldsNames === true ? `LOWER(${name})` : name)
  const bySchema = new Map<string, Set<string>>()
  for (const name of names) {
    const own = name.schema ?? schema
    bySchema.set(own, (bySchema.get(own) ?? new Set()).add(name.name))
  }
  const parts = [...bySchema].map(([own, tables]) => {
    const list = [...tables].map((table) => fold(quoteString(table))).join(',')
    return `(${fold(schemaColumn)}=${fold(quoteString(own))} AND ${fold(nameColumn)} IN (${list}))`
  })
  return parts.join(' OR ')
}
