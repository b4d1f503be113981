import type { Config } from '../../config/config.ts'
import { findPlaceholders, schemaPlaceholder } from '../../sql/placeholders.ts'
import type { ObjectName } from '../../sql/statement.ts'

/** The schema of each logical database, by name. */
export type Schemas = ReadonlyMap<string, string>

/** The schemas that a configuration gives its logical databases. */
export function schemasOf({ databases }: Pick<Config, 'databases'>): Schemas {
  return new Map(databases.map(({ name, schema }) => [name, schema]))
}

const placeholder = /\{\{schema:([^{}\s]+)\}\}/g

function lookUp(schemas: Schemas, database: string): string {
  const schema = schemas.get(database)
  if (schema === undefined)
    throw new Error(`no logical database ${database}: sources should have refused the placeholder`)
  return schema
}

/** `{{schema:user_db}}` becomes the quoted name of that database's schema, wherever it is code. */
export function resolveText(text: string, schemas: Schemas): string {
  const parts: string[] = []
  let end = 0
  for (const { inside, start, end: after, place } of findPlaceholders(text)) {
    const database = schemaPlaceholder(inside)
    if (database === null || place !== 'code') continue
    parts.push(text.slice(end, start), `\`${lookUp(schemas, database).replaceAll('`', '``')}\``)
    end = after
  }
  return parts.length === 0 ? text : parts.join('') + text.slice(end)
}

/** The same for the names that the classifier found in the text. */
export function resolveObjects(objects: readonly ObjectName[], schemas: Schemas): readonly ObjectName[] {
  const resolve = (name: string): string =>
    name.replace(placeholder, (_, database: string) => lookUp(schemas, database))
  return objects.map((object) => {
    if (object.type === 'schema' && object.name.includes('{{')) return { ...object, name: resolve(object.name) }
    if (object.schema === null || !object.schema.includes('{{')) return object
    return { ...object, schema: resolve(object.schema) }
  })
}
