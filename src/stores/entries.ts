/** A map of a declaration: neither a list nor a plain value. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A map, or an empty one in place of anything else. */
export function asMap(value: unknown): Readonly<Record<string, unknown>> {
  return isMap(value) ? value : {}
}

/** Whether a value has the entry at a path. */
export function hasEntry(value: unknown, [segment, ...rest]: readonly string[]): boolean {
  if (segment === undefined) return true
  return isMap(value) && Object.hasOwn(value, segment) && hasEntry(value[segment], rest)
}

/** A value in the server's form: scalars are texts, keys are sorted. Equal values have equal texts. */
export function normalText(value: unknown): string {
  if (isMap(value) || Array.isArray(value)) return JSON.stringify(canonical(value))
  return String(value)
}

/** Keys in order, at every depth; scalars as texts. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (!isMap(value)) return String(value)
  const keys = Object.keys(value).toSorted()
  return Object.fromEntries(keys.map((key) => [key, canonical(value[key])]))
}
