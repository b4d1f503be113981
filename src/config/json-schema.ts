import { type JSONSchema, toJSONSchema } from 'zod/v4/core'
import { durationPattern } from '../core/duration.ts'
import { fileSchema } from './schema.ts'
import { defaultSettings } from './settings.ts'

/** Accepts a text with `${NAME}` in it: references are replaced before a value is checked. */
const reference = '\\$\\{'

const duration = `^\\s*none\\s*$|${durationPattern}|${reference}`

/**
 * The JSON Schema of the configuration file, for editors (draft 7, which all of them know). Loaded by `config schema` only.
 * It covers the structure, the names and the defaults; rules about several values are left to `config validate`.
 */
export function configJsonSchema(): object {
  const schema = toJSONSchema(fileSchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema, path }) => {
      const names = path.filter((segment) => segment !== 'properties')
      if (names.at(-2) === 'timeouts') jsonSchema.pattern = duration
      acceptReferences(jsonSchema)
      addDefault(jsonSchema, names.join('.'))
    },
  })
  return { ...schema, title: 'wwdb configuration', required: ['databases'] }
}

function acceptReferences(schema: JSONSchema.BaseSchema): void {
  if (schema.type !== 'string' || schema.enum === undefined) return
  const { type, enum: choices } = schema
  schema.anyOf = [
    { type, enum: choices },
    { type, pattern: reference },
  ]
  delete schema.type
  delete schema.enum
}

/** The default of `concurrency` depends on the number of databases, so it is not a constant. */
function addDefault(schema: JSONSchema.BaseSchema, path: string): void {
  const value = defaultSettings([]).get(path)
  if (value !== undefined && path !== 'concurrency') schema.default = value
}
