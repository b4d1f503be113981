import { type $ZodType, type JSONSchema, toJSONSchema } from 'zod/v4/core'
import { closestName } from '../../core/closest-name.ts'
import { explainIssue, type Issue, type Synonyms } from '../../core/document-issue.ts'
import { pathText } from '../../core/interpolate.ts'
import type { Fault } from '../../core/tool-error.ts'
import type { DeclarationDocument } from './read-declarations.ts'

/** The part of a zod/mini schema that is used here: whether a document is valid, and its parsed form. */
interface DocumentSchema<Value> extends SchemaShape {
  readonly safeParse: (
    document: unknown,
  ) =>
    | { readonly success: true; readonly data: Value }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } }
}

/** A document that fits its schema. */
export interface CheckedDocument<Value> {
  readonly value: Value
  readonly document: DeclarationDocument
}

/** Checks all documents of a folder against a schema: returns their values, or a sentence with a position for everything invalid. */
export function checkDocuments<Value>(
  documents: readonly DeclarationDocument[],
  schema: DocumentSchema<Value>,
  synonyms: Synonyms = {},
):
  | { readonly type: 'values'; readonly checked: readonly CheckedDocument<Value>[] }
  | { readonly type: 'faults'; readonly faults: readonly Fault[] } {
  const outcomes = documents.map((document) => checkDocument(document, schema, synonyms))
  const faults = outcomes.flatMap((outcome) => (outcome.type === 'faults' ? outcome.faults : []))
  if (faults.length > 0) return { type: 'faults', faults }
  return { type: 'values', checked: outcomes.flatMap((outcome) => (outcome.type === 'value' ? [outcome] : [])) }
}

/** Checks one document. */
export function checkDocument<Value>(
  document: DeclarationDocument,
  schema: DocumentSchema<Value>,
  synonyms: Synonyms = {},
):
  | (CheckedDocument<Value> & { readonly type: 'value' })
  | { readonly type: 'faults'; readonly faults: readonly Fault[] } {
  const outcome = schema.safeParse(document.value ?? {})
  if (outcome.success) return { type: 'value', value: outcome.data, document }
  const faults = outcome.error.issues
    .flatMap((issue) => explainIssue(issue, document.value, (path) => keysAt(schema, path), synonyms))
    .map(({ path, text: { says, next } }) => toFault(document, { path, says, ...(next === undefined ? {} : { next }) }))
  return { type: 'faults', faults }
}

/** What is wrong at a place of a document: the rest of a sentence that begins with the place, without its full stop. */
export interface Objection {
  readonly path: readonly PropertyKey[]
  readonly says: string
  readonly next?: string
}

/** An objection as a fault with file, line and column. */
export function toFault(document: DeclarationDocument, { path, says, next }: Objection): Fault {
  const what = `${path.length === 0 ? 'The document' : pathText(path)} ${says}.`
  return { what, ...document.locate(path), ...(next === undefined ? {} : { next }) }
}

/** What may be declared only once in all files of a folder. */
export interface DeclaredThing {
  /** Equal keys mean the same thing. Default: the path. */
  readonly key?: string
  readonly path: readonly PropertyKey[]
}

/** A fault for everything that is declared twice; within one mapping YAML itself refuses it. */
export function findDoubles<Value>(
  checked: readonly CheckedDocument<Value>[],
  thingsOf: (value: Value) => readonly DeclaredThing[],
): readonly Fault[] {
  const first = new Map<string, string>()
  return checked.flatMap(({ document, value }) =>
    thingsOf(value).flatMap(({ path, key = pathText(path) }): readonly Fault[] => {
      const earlier = first.get(key)
      const { where } = document.locate(path)
      if (earlier === undefined) {
        first.set(key, `${where.file}${where.line === undefined ? '' : `:${where.line}`}`)
        return []
      }
      const why = `The first declaration is in ${earlier}.`
      return [{ ...toFault(document, { path, says: 'is declared twice', next: 'Keep one of them.' }), why }]
    }),
  )
}

/** "Did you mean" and a name as the next step, where a known name is similar to the written one. */
export function suggest(written: string, known: Iterable<string>): { readonly next?: string } {
  const meant = closestName(written, known)
  return meant === null ? {} : { next: `Did you mean \`${meant}\`?` }
}

/** The part of a zod/mini schema that describes its structure. */
interface SchemaShape {
  readonly def: object
}

/** The keys that a schema knows at a path of its document; none where that is not an object. */
function keysAt(schema: SchemaShape, path: readonly PropertyKey[]): readonly string[] {
  let found: readonly SchemaShape[] = [schema]
  for (const segment of path) found = found.flatMap((one) => objectsOf(one)).flatMap((one) => below(one, segment))
  return [...new Set(found.flatMap(objectsOf).flatMap((one) => Object.keys(shapeOf(one) ?? {})))]
}

/** The schema inside one that is optional, and each of a union's alternatives. */
function objectsOf(schema: SchemaShape): readonly SchemaShape[] {
  const { def } = schema
  if ('innerType' in def) return objectsOf(def.innerType as SchemaShape)
  if ('in' in def) return objectsOf(def.in as SchemaShape)
  if ('options' in def) return (def.options as readonly SchemaShape[]).flatMap(objectsOf)
  return [schema]
}

function below(schema: SchemaShape, segment: PropertyKey): readonly SchemaShape[] {
  const { def } = schema
  if ('element' in def) return [def.element as SchemaShape]
  if ('valueType' in def) return [def.valueType as SchemaShape]
  const member = shapeOf(schema)?.[String(segment)]
  return member === undefined ? [] : [member]
}

function shapeOf({ def }: SchemaShape): Readonly<Record<string, SchemaShape>> | null {
  return 'shape' in def ? (def.shape as Readonly<Record<string, SchemaShape>>) : null
}

/**
 * The JSON Schema of a file of declarations, for editors (draft 7, which all of them support).
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
