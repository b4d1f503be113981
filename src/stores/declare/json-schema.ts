import { type $ZodType, type JSONSchema, toJSONSchema } from 'zod/v4/core'

/**
 * The JSON Schema of a file of declarations, for editors (draft 7, which all of them know).
 * @param product for people: `Redis`.
 */
export function declarationJsonSchema(schema: $ZodType, product: string): object {
  const options = { target: 'draft-7', io: 'input' } as const
  const made = toJSONSchema(schema, { ...options, override: ({ jsonSchema }) => acceptReferences(jsonSchema) })
  return { ...made, title: `wwdb declaration of ${product}` }
}

/** A text with `${NAME}` in it is valid: references are replaced before a value is checked. */
function acceptReferences(schema: JSONSchema.BaseSchema): void {
  if (schema.pattern !== undefined) schema.pattern = `${schema.pattern}|\\$\\{`
  if (schema.type !== 'string' || schema.enum === undefined) return
  const { type, enum: choices } = schema
  schema.anyOf = [
    { type, enum: choices },
    { type, pattern: '\\$\\{' },
  ]
  delete schema.type
  delete schema.enum
}
