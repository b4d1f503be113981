import type { JsonObject } from './declaration.ts'
import { isObject } from './normal-form.ts'

/**
 * The mappings of several templates in one, as the server joins them: objects are joined, a field that is defined again is replaced with all its
 * parameters, dynamic templates are replaced by name, everything else is replaced.
 */
export function mergeMappings(parts: readonly JsonObject[]): JsonObject {
  return parts.reduce<JsonObject>(mergeLevel, {})
}

function mergeLevel(under: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...under }
  for (const [key, value] of Object.entries(over)) merged[key] = mergeValue(key, merged[key], value)
  return merged
}

function mergeValue(key: string, before: unknown, value: unknown): unknown {
  if (key === 'dynamic_templates') return mergeDynamicTemplates(before, value)
  if (!isObject(before) || !isObject(value)) return value
  return key === 'properties' ? mergeFields(before, value) : mergeLevel(before, value)
}

function mergeFields(under: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...under }
  for (const [name, field] of Object.entries(over)) {
    const before = merged[name]
    const joins = isObject(before) && isObject(field) && holdsFields(before) && holdsFields(field)
    merged[name] = joins ? mergeLevel(before, field) : field
  }
  return merged
}

/** A field that is none itself. */
function holdsFields({ type, properties }: JsonObject): boolean {
  return type === undefined ? isObject(properties) : type === 'object' || type === 'nested'
}

/** Each is an object with one key, its name; one that is there keeps its place. */
function mergeDynamicTemplates(before: unknown, value: unknown): unknown {
  if (!Array.isArray(before) || !Array.isArray(value)) return value
  const named = (list: readonly unknown[]): readonly (readonly [string, unknown])[] =>
    list.map((one) => [isObject(one) ? (Object.keys(one)[0] ?? '') : '', one])
  return [...new Map([...named(before), ...named(value)]).values()]
}
