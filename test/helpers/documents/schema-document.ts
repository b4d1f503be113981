import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const folder = join(import.meta.dirname, '../../../schemas')

/** JSON Schema, as far as it is read here. */
const schemaNode = z.looseObject({
  $ref: z.optional(z.string()),
  $defs: z.optional(z.record(z.string(), z.unknown())),
  anyOf: z.optional(z.array(z.unknown())),
  properties: z.optional(z.record(z.string(), z.looseObject({ const: z.optional(z.unknown()) }))),
})

type SchemaNode = z.infer<typeof schemaNode>

/** A published JSON Schema as it is in its file. */
function readSchemaDocument(file: string): SchemaNode {
  return schemaNode.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))
}

/** What the published file says, as a reader in another language has it. */
export function readPublishedSchema(file: string): z.ZodType {
  return z.fromJSONSchema(JSON.parse(readFileSync(join(folder, file), 'utf8')))
}

/** The same without a field more: published schemas allow more, since readers ignore what they do not know. */
export function exactSchema(file: string): z.ZodType {
  return z.fromJSONSchema(JSON.parse(JSON.stringify(close(readSchemaDocument(file)))))
}

function close(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(close)
  if (typeof value !== 'object' || value === null) return value
  const closed = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, close(one)]))
  return 'type' in value && value.type === 'object' && 'properties' in value
    ? { ...closed, additionalProperties: false }
    : closed
}

/** Every object that a schema allows, through unions and definitions. */
function membersOf(node: SchemaNode, root: SchemaNode): readonly SchemaNode[] {
  if (node.$ref !== undefined) {
    const name = node.$ref.replace('#/$defs/', '')
    return membersOf(schemaNode.parse(root.$defs?.[name]), root)
  }
  if (node.anyOf === undefined) return [node]
  return node.anyOf.flatMap((member) => membersOf(schemaNode.parse(member), root))
}

/** The values that a field has among the objects of one `type` that a schema allows. */
export function typesOf(file: string, field: string, type: string): readonly string[] {
  const schema = readSchemaDocument(file)
  return membersOf(schema, schema)
    .filter(({ properties }) => properties?.['type']?.const === type)
    .map(({ properties }) => String(properties?.[field]?.const))
}

/** The types of the events of a run, sorted. */
export function eventTypes(): readonly string[] {
  const schema = readSchemaDocument('run-line.schema.json')
  const types = membersOf(schema, schema).map(({ properties }) => String(properties?.['type']?.const))
  return [...new Set(types)].filter((type) => !['version', 'result', 'error'].includes(type)).sort()
}
