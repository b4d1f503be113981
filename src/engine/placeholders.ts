import type { ObjectName } from '../domain/statement.ts'

/** The schema of each logical database, by name. */
export type Schemas = ReadonlyMap<string, string>

const placeholder = /\{\{\s*schema:([A-Za-z0-9_]+)\s*\}\}/g

function lookUp(schemas: Schemas, database: string): string {
  const schema = schemas.get(database)
  if (schema === undefined)
    throw new Error(`no logical database ${database}: sources should have refused the placeholder`)
  return schema
}

/** `{{schema:user_db}}` becomes the quoted name of that database's schema. */
export function resolveText(text: string, schemas: Schemas): string {
  if (!text.includes('{{')) return text
  return text.replace(placeholder, (_, database: string) => `\`${lookUp(schemas, database).replaceAll('`', '``')}\``)
}

/** The same for the names that the classifier found in the text. */
export function resolveObjects(objects: readonly ObjectName[], schemas: Schemas): readonly ObjectName[] {
  return objects.map((object) => {
    if (object.schema === null || !object.schema.includes('{{')) return object
    return { ...object, schema: object.schema.replace(placeholder, (_, database: string) => lookUp(schemas, database)) }
  })
}
