import type { StoreDifference } from '../../core/store.ts'
import { isJsonObject, type Json } from './json.ts'

/** Longer values are cut: a schema of a hundred lines tells nobody what is wrong. */
const longest = 120

/**
 * Where two documents differ, leaf by leaf; the order of keys means nothing.
 * @param path of both, `validator`; what is below is added with dots.
 */
export function compareDocuments(
  path: string,
  actual: Json | undefined,
  declared: Json | undefined,
): readonly StoreDifference[] {
  if (isJsonObject(actual) && isJsonObject(declared)) {
    const keys = [...new Set([...Object.keys(actual), ...Object.keys(declared)])]
    return keys.flatMap((key) => compareDocuments(path === '' ? key : `${path}.${key}`, actual[key], declared[key]))
  }
  if (sameDocument(actual, declared)) return []
  return [{ path, actual: describe(actual), declared: describe(declared) }]
}

export function sameDocument(one: Json | undefined, other: Json | undefined): boolean {
  return canonicalText(one) === canonicalText(other)
}

/** JSON with the keys of every object in one order. */
export function canonicalText(value: Json | undefined): string {
  return (
    JSON.stringify(value, (_, part: Json) =>
      isJsonObject(part)
        ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
        : part,
    ) ?? ''
  )
}

function describe(value: Json | undefined): string | null {
  if (value === undefined || value === null) return null
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}
