import { type JSONSchema, toJSONSchema } from 'zod/v4/core'
import { redisSchema } from './schema.ts'

/** The JSON Schema of a file of `migrations/redis`, for editors (draft 7, which all of them know). */
export function redisJsonSchema(): object {
  const schema = toJSONSchema(redisSchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => acceptReferences(jsonSchema),
  })
  return { ...schema, title: 'wwdb declaration of Redis' }
}

/** A text with `${NAME}` in it passes: references are replaced before a value is checked. */
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
