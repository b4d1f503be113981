import { type JSONSchema, toJSONSchema } from 'zod/v4/core'
import { fileSchema } from './schema.ts'

/**
 * The JSON Schema of the configuration file, for editors (draft 7, which all of them know). Loaded by `config schema` only.
 * A text with `${NAME}` is accepted wherever a text is, since it is replaced before the value is checked.
 */
export function configJsonSchema(): object {
  const schema = toJSONSchema(fileSchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => acceptReferences(jsonSchema),
  })
  return {
    ...schema,
    title: 'wwdb configuration',
    required: ['databases'],
  }
}

function acceptReferences(schema: JSONSchema.BaseSchema): void {
  if (schema.type !== 'string' || schema.enum === undefined) return
  const { type, enum: choices } = schema
  schema.anyOf = [
    { type, enum: choices },
    { type, pattern: '\\$\\{' },
  ]
  delete schema.type
  delete schema.enum
}
