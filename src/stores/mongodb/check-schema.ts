import { isPlainObject } from '../../core/interpolate.ts'
import { type Objection, suggest } from '../declare/check-documents.ts'

type Kind = 'value' | 'schema' | 'schemas' | 'named schemas' | 'schema or schemas'

/** What MongoDB knows of JSON Schema (its draft 4, without $ref, format, default and integer), and what stands behind each word. */
const keywords: Readonly<Record<string, Kind>> = {
  additionalItems: 'schema',
  additionalProperties: 'schema',
  allOf: 'schemas',
  anyOf: 'schemas',
  bsonType: 'value',
  dependencies: 'named schemas',
  description: 'value',
  enum: 'value',
  exclusiveMaximum: 'value',
  exclusiveMinimum: 'value',
  items: 'schema or schemas',
  maximum: 'value',
  maxItems: 'value',
  maxLength: 'value',
  maxProperties: 'value',
  minimum: 'value',
  minItems: 'value',
  minLength: 'value',
  minProperties: 'value',
  multipleOf: 'value',
  not: 'schema',
  oneOf: 'schemas',
  pattern: 'value',
  patternProperties: 'named schemas',
  properties: 'named schemas',
  required: 'value',
  title: 'value',
  type: 'value',
  uniqueItems: 'value',
}

const bsonTypes = [
  'double',
  'string',
  'object',
  'array',
  'binData',
  'objectId',
  'bool',
  'date',
  'null',
  'regex',
  'javascript',
  'int',
  'timestamp',
  'long',
  'decimal',
  'number',
  'minKey',
  'maxKey',
] as const

/** Keywords that a `$jsonSchema` of MongoDB does not know at any level. */
export function checkSchema(schema: unknown, path: readonly PropertyKey[]): readonly Objection[] {
  if (!isPlainObject(schema)) return []
  return Object.entries(schema).flatMap(([word, value]): readonly Objection[] => {
    const here = [...path, word]
    const kind = Object.hasOwn(keywords, word) ? keywords[word] : undefined
    if (kind === undefined)
      return [{ path: here, says: 'is not known to MongoDB’s JSON Schema', ...suggest(word, Object.keys(keywords)) }]
    if (word === 'bsonType') return checkTypes(value, here)
    return inside(kind, value, here)
  })
}

function inside(kind: Kind, value: unknown, path: readonly PropertyKey[]): readonly Objection[] {
  if (kind === 'value') return []
  if (Array.isArray(value)) return value.flatMap((part, at) => checkSchema(part, [...path, at]))
  if (kind === 'named schemas' && isPlainObject(value)) {
    return Object.entries(value).flatMap(([name, part]) => checkSchema(part, [...path, name]))
  }
  return checkSchema(value, path)
}

function checkTypes(value: unknown, path: readonly PropertyKey[]): readonly Objection[] {
  const types: readonly unknown[] = Array.isArray(value) ? value : [value]
  const wrong = types.find((type) => !bsonTypes.some((known) => known === type))
  if (wrong === undefined) return []
  return [
    { path, says: `names the type ${JSON.stringify(wrong)}, which BSON has not`, ...suggest(String(wrong), bsonTypes) },
  ]
}
