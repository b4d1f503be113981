import type { StoreDifference } from '../../core/store.ts'
import type { IndexDifference } from './compare-mappings.ts'
import type { JsonObject } from './declaration.ts'
import { flattenSettings } from './normal-form.ts'
import { isFixedSetting } from './setting-kinds.ts'

/** Declared settings that are not so. What is not declared is not compared: defaults are none of our business. */
export function compareSettings(declared: JsonObject, actual: JsonObject): readonly IndexDifference[] {
  const found = flattenSettings(actual)
  return [...flattenSettings(declared)]
    .filter(([key, value]) => found.get(key) !== value)
    .map(([key, value]) => ({
      path: `settings.${key}`,
      actual: found.get(key) ?? null,
      declared: value,
      kind: isFixedSetting(key) ? 'fixed' : 'changeable',
    }))
}

/** Settings that are there and were not declared. */
export function extraSettings(declared: JsonObject, actual: JsonObject): readonly StoreDifference[] {
  const known = flattenSettings(declared)
  return [...flattenSettings(actual)]
    .filter(([key]) => !known.has(key))
    .map(([key, value]) => ({ path: `settings.${key}`, actual: value, declared: null }))
}
