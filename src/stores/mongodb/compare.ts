import type { StoreDifference } from '../store-plan.ts'
import { type IndexDeclaration, isJsonObject, type Json, type JsonObject } from './declaration.ts'
import type { ObservedIndex } from './ports.ts'

/** Longer values are cut: a schema of a hundred lines would hide the difference. */
const longest = 120

/**
 * Where two documents differ, leaf by leaf; the order of keys does not matter.
 * @param path of both, `validator`; deeper levels are appended with dots.
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

/** An index in one form, whether declared or read: MongoDB's defaults are filled in for both. */
export interface IndexForm {
  readonly name: string
  /** As a text, because the order of fields matters. */
  readonly key: string
  readonly unique: boolean
  readonly sparse: boolean
  readonly hidden: boolean
  readonly expireAfterSeconds: number | null
  readonly partialFilter: JsonObject | null
  readonly collation: JsonObject | null
  readonly weights: JsonObject
  readonly defaultLanguage: string | null
}

export function declaredForm(index: IndexDeclaration): IndexForm {
  const texts = index.key.filter(([, direction]) => direction === 'text').map(([field]) => field)
  const first = index.key.findIndex(([, direction]) => direction === 'text')
  const key = index.key.flatMap(([field, direction], at): readonly (readonly [string, number | string])[] => {
    if (direction !== 'text') return [[field, direction]]
    return at === first
      ? [
          ['_fts', 'text'],
          ['_ftsx', 1],
        ]
      : []
  })
  return {
    ...index,
    key: JSON.stringify(key),
    weights: Object.fromEntries(texts.map((field) => [field, index.weights[field] ?? 1])),
    defaultLanguage: texts.length > 0 ? (index.defaultLanguage ?? 'english') : null,
  }
}

export function observedForm({ name, specification }: ObservedIndex): IndexForm {
  const { key, weights, partialFilterExpression, collation } = specification
  const language = specification['default_language']
  return {
    name,
    key: JSON.stringify(isJsonObject(key) ? Object.entries(key) : []),
    unique: specification['unique'] === true,
    sparse: specification['sparse'] === true,
    hidden: specification['hidden'] === true,
    expireAfterSeconds:
      typeof specification['expireAfterSeconds'] === 'number' ? specification['expireAfterSeconds'] : null,
    partialFilter: isJsonObject(partialFilterExpression) ? partialFilterExpression : null,
    collation: isJsonObject(collation) ? collation : null,
    weights: isJsonObject(weights) ? weights : {},
    defaultLanguage: typeof language === 'string' ? language : null,
  }
}

export function compareIndexes(actual: IndexForm, declared: IndexForm): readonly StoreDifference[] {
  const plain = (
    ['name', 'key', 'unique', 'sparse', 'hidden', 'expireAfterSeconds', 'defaultLanguage'] as const
  ).flatMap((path) => compareDocuments(path, actual[path], declared[path]))
  return [
    ...plain,
    ...compareDocuments('weights', actual.weights, declared.weights),
    ...(sameDocument(actual.partialFilter, declared.partialFilter)
      ? []
      : compareDocuments('partialFilter', actual.partialFilter, declared.partialFilter)),
    ...compareCollations(actual.collation, declared.collation),
  ]
}

/** The server adds a dozen keys to a collation: those are compared that are declared, or that are the same in every language where they are not. */
export function compareCollations(actual: JsonObject | null, declared: JsonObject | null): readonly StoreDifference[] {
  if (declared === null) return actual === null ? [] : compareDocuments('collation', actual['locale'], undefined)
  const given: JsonObject = actual === null ? {} : { ...collationDefaults, ...actual }
  const wanted = actual === null ? declared : { ...collationDefaults, ...declared }
  return Object.entries(wanted).flatMap(([key, value]) => compareDocuments(`collation.${key}`, given[key], value))
}

/** What the server fills in whatever the language is. The others follow from it: French of Canada has `backwards`. */
export const collationDefaults = {
  strength: 3,
  caseLevel: false,
  numericOrdering: false,
  maxVariable: 'punct',
} as const

/** MongoDB treats two indexes as one if these are the same. */
export function sameIdentity(one: IndexForm, other: IndexForm): boolean {
  return (
    one.key === other.key &&
    sameDocument(one.partialFilter, other.partialFilter) &&
    (one.collation?.['locale'] ?? null) === (other.collation?.['locale'] ?? null) &&
    one.sparse === other.sparse
  )
}
