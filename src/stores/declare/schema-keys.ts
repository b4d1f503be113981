/** The part of a zod/mini schema that tells what it is made of. */
export interface SchemaShape {
  readonly def: object
}

/** The keys that a schema knows at a path of its document; none where that is no object. */
export function keysAt(schema: SchemaShape, path: readonly PropertyKey[]): readonly string[] {
  let found: readonly SchemaShape[] = [schema]
  for (const segment of path) found = found.flatMap((one) => objectsOf(one)).flatMap((one) => below(one, segment))
  return [...new Set(found.flatMap(objectsOf).flatMap((one) => Object.keys(shapeOf(one) ?? {})))]
}

/** What a schema is behind what makes it optional, and each of a union's kinds. */
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
