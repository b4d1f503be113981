import { type JSONSchema, toJSONSchema } from 'zod/v4/core'
import { influxdbSchema } from './schema.ts'

/** The JSON Schema of a file of `migrations/influxdb`, for editors (draft 7, which all of them know). */
export function influxdbJsonSchema(): object {
  const schema = toJSONSchema(influxdbSchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => acceptReferences(jsonSchema),
  })
  return { ...schema, title: 'wwdb declaration of InfluxDB' }
}

/** A text with `${NAME}` in it passes: references are replaced before a value is checked. */
function acceptReferences(schema: JSONSchema.BaseSchema): void {
  if (schema.pattern !== undefined) schema.pattern = `${schema.pattern}|\\$\\{`
}
