import type { StoreDifference } from '../../core/store.ts'
import type { JsonObject } from './declaration.ts'
import { isObject, normalText } from './normal-form.ts'

/** Leaves of a declared tree that another has otherwise, or not at all. Lists count as leaves. */
export function compareTrees(declared: JsonObject, actual: JsonObject, path: string): readonly StoreDifference[] {
  return Object.entries(declared).flatMap(([key, value]): readonly StoreDifference[] => {
    const place = path === '' ? key : `${path}.${key}`
    const other = actual[key]
    if (isObject(value) && isObject(other)) return compareTrees(value, other, place)
    const texts = { actual: other === undefined ? null : normalText(other), declared: normalText(value) }
    return texts.actual === texts.declared ? [] : [{ path: place, ...texts }]
  })
}

/** Branches that the other tree has beyond the declared one. */
export function extraBranches(declared: JsonObject, actual: JsonObject, path: string): readonly StoreDifference[] {
  return Object.entries(actual).flatMap(([key, value]): readonly StoreDifference[] => {
    const place = path === '' ? key : `${path}.${key}`
    const own = declared[key]
    if (own === undefined) return [{ path: place, actual: normalText(value), declared: null }]
    return isObject(own) && isObject(value) ? extraBranches(own, value, place) : []
  })
}
