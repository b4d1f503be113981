/** Makes JSON of an object with one field. */
export type RenderField = (field: Readonly<Record<string, unknown>>) => string

/** Items of a long list that are rendered together: less than 128 KiB, for the reason given in json-reporter.ts. */
const together = 100

/** How deep lists that may be long can be in the document: `targets[].passes`. */
const nearest = 4

/**
 * A document as pieces of JSON whose concatenation equals what `render` makes of the whole. A list of 200,000 entries is rendered in parts, so that its text is
 * never in memory as a whole.
 */
export function* jsonPieces(fields: object, render: RenderField, depth = nearest): Generator<string> {
  let separator = '{'
  for (const [name, field] of Object.entries<unknown>({ ...fields })) {
    if (holdsLong(field, depth)) {
      yield `${separator}${JSON.stringify(name)}:`
      yield* valuePieces(name, field, render, depth)
    } else {
      const inner = render({ [name]: field }).slice(1, -1)
      // JSON omits a field that is undefined.
      if (inner === '') continue
      yield `${separator}${inner}`
    }
    separator = ','
  }
  yield separator === '{' ? '{}' : '}'
}

function* valuePieces(name: string, value: unknown, render: RenderField, depth: number): Generator<string> {
  if (!Array.isArray(value)) {
    yield* jsonPieces(Object(value), render, depth - 1)
    return
  }
  const before = render({ [name]: [] }).length - 2
  const isLong = value.length > together
  const step = isLong ? together : 1
  let separator = '['
  for (let at = 0; at < value.length; at += step) {
    yield separator
    if (!isLong && holdsLong(value[at], depth - 1)) yield* valuePieces(name, value[at], render, depth - 1)
    else yield render({ [name]: value.slice(at, at + step) }).slice(before, -2)
    separator = ','
  }
  yield ']'
}

function holdsLong(value: unknown, depth: number): boolean {
  if (depth === 0 || typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.length > together || value.some((item) => holdsLong(item, depth - 1))
  return isPlain(value) && Object.values(value).some((field) => holdsLong(field, depth - 1))
}

/** A value with a `toJSON`, or a Map, is rendered as a whole. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && !('toJSON' in value)
}
