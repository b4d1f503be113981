import { normalText } from '../entries.ts'
import type { StoreDifference } from '../store-plan.ts'
import type { JsonObject } from './declaration.ts'

/** Leaves of a declared tree that are missing from another or differ there. Lists count as leaves. */
export function compareTrees(declared: JsonObject, actual: JsonObject, path: string): readonly StoreDifference[] {
  return Object.entries(declared).flatMap(([key, value]): readonly StoreDifference[] => {
    const place = path === '' ? key : `${path}.${key}`
    const other = actual[key]
    if (isObject(value) && isObject(other)) return compareTrees(value, other, place)
    const texts = { actual: other === undefined ? null : normalText(other), declared: normalText(value) }
    return texts.actual === texts.declared ? [] : [{ path: place, ...texts }]
  })
}

/** Branches of the other tree that the declared one does not have. */
export function extraBranches(declared: JsonObject, actual: JsonObject, path: string): readonly StoreDifference[] {
  return Object.entries(actual).flatMap(([key, value]): readonly StoreDifference[] => {
    const place = path === '' ? key : `${path}.${key}`
    const own = declared[key]
    if (own === undefined) return [{ path: place, actual: normalText(value), declared: null }]
    return isObject(own) && isObject(value) ? extraBranches(own, value, place) : []
  })
}

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object under a key; an empty one where there is none. */
export function childOf(value: unknown, key: string): JsonObject {
  const child = isObject(value) ? value[key] : undefined
  return isObject(child) ? child : {}
}

/**
 * Settings as flat keys below `index.`, whichever of the three notations was used: nested, dotted, or without `index`.
 * Lists are kept as a whole.
 */
export function flattenSettings(settings: JsonObject): ReadonlyMap<string, string> {
  const flat = new Map<string, string>()
  const visit = (value: unknown, path: string): void => {
    if (isObject(value))
      for (const [key, child] of Object.entries(value)) visit(child, path === '' ? key : `${path}.${key}`)
    else flat.set(path === 'index' || path.startsWith('index.') ? path : `index.${path}`, normalText(value))
  }
  visit(settings, '')
  return flat
}

/** Nested settings of anything but an index as dotted keys, with their values. */
export function flattenKeys(settings: JsonObject): JsonObject {
  const flat: Record<string, unknown> = {}
  const visit = (value: unknown, path: string): void => {
    if (isObject(value))
      for (const [key, child] of Object.entries(value)) visit(child, path === '' ? key : `${path}.${key}`)
    else flat[path] = value
  }
  visit(settings, '')
  return flat
}

/** Later settings override earlier ones, as flat keys with their original values. */
export function mergeSettings(parts: readonly JsonObject[]): JsonObject {
  const merged: Record<string, unknown> = {}
  const visit = (value: unknown, path: string): void => {
    if (isObject(value))
      for (const [key, child] of Object.entries(value)) visit(child, path === '' ? key : `${path}.${key}`)
    else merged[path === 'index' || path.startsWith('index.') ? path : `index.${path}`] = value
  }
  for (const part of parts) visit(part, '')
  return merged
}
