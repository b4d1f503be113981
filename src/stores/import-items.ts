import { isDeepStrictEqual } from 'node:util'
import { closestName } from '../core/closest-name.ts'
import { ToolError } from '../core/tool-error.ts'
import { asMap, hasEntry, isMap } from './entries.ts'
import { isSameResource, type StoreResource } from './store-plan.ts'

/** A resource that exists, as a file would declare it. */
export interface ImportedItem {
  readonly resource: StoreResource
  /** The file that declares it, without its ending: `collections`. */
  readonly file: string
  /** Its place in the file: `databases`, `app`, `collections`, `orders`. One whose place begins with the place of another is a part of it. */
  readonly path: readonly string[]
  /** Null at a place that is a list: it is added to its end. */
  readonly key: string | null
  /** In the form of a declaration. */
  readonly value: unknown
  /** Keys of its value that hold a secret, which no server tells, each with the variable that is to hold it. */
  readonly secrets: Readonly<Record<string, string>>
  /** Resources that are declared with it, and have no item of their own. */
  readonly covers: readonly StoreResource[]
  /** What it has beside that and no file can declare, as half a sentence each: `its mail address`. */
  readonly undeclarable?: readonly string[]
  /** No file is read without it: it is imported whatever the patterns say. */
  readonly always?: true
}

/** Whether it declares a resource, by itself or with another one. */
export function isItemOf({ resource, covers }: ImportedItem, wanted: StoreResource): boolean {
  return [resource, ...covers].some((one) => isSameResource(one, wanted))
}

/** A resource that exists and cannot be declared: a sentence says why. */
export interface NotDeclarable {
  readonly resource: StoreResource
  readonly why: string
  /** It stands for a list that could not be read: what is in it has names that were not seen. */
  readonly unread?: true
}

/** What a store has, apart from what belongs to the server and to wwdb. */
export interface StoreContents {
  /** Digits only; null where the store does not report it. */
  readonly version: string | null
  /** A part comes after what it is a part of. */
  readonly items: readonly ImportedItem[]
  readonly notDeclarable: readonly NotDeclarable[]
}

/** A file of declarations; secrets are references to variables. */
export interface ImportedDocument {
  readonly file: string
  readonly value: unknown
}

/** Stands for a secret in a trial: a store compares everything but that. */
export const unknownSecret = 'a secret that no server tells'

/** A plain item without secrets. */
export function toItem(
  resource: StoreResource,
  file: string,
  path: readonly [string, ...string[]],
  value: unknown,
): ImportedItem {
  return { resource, file, path: path.slice(0, -1), key: path.at(-1) ?? null, value, secrets: {}, covers: [] }
}

/** The name of a variable for the secret of a resource: `MONGODB_APP_USER_PASSWORD`. */
export function nameVariable(...words: readonly string[]): string {
  const name = words
    .map((word) => word.replaceAll(/([a-z\d])([A-Z])/g, '$1_$2').replaceAll(/[^A-Za-z\d]+/g, '_'))
    .join('_')
  return name.toUpperCase().replaceAll(/_+/g, '_').replaceAll(/^_|_$/g, '')
}

/** Names of variables that differ by nothing but what a variable cannot hold get a number. */
export function separateVariables(items: readonly ImportedItem[]): readonly ImportedItem[] {
  const taken = new Set<string>()
  const choose = (wanted: string): string => {
    let name = wanted
    for (let number = 2; taken.has(name); number += 1) name = `${wanted}_${number}`
    taken.add(name)
    return name
  }
  return items.map((item) => ({
    ...item,
    secrets: Object.fromEntries(Object.entries(item.secrets).map(([key, name]) => [key, choose(name)])),
  }))
}

/** Two resources at one place of a file cannot both be declared: roles of two databases with one name. */
export function separatePlaces(items: readonly ImportedItem[]): {
  readonly items: readonly ImportedItem[]
  readonly notDeclarable: readonly NotDeclarable[]
} {
  const first = new Map<string, ImportedItem>()
  for (const item of items) {
    const place = placeOf(item)
    if (item.key !== null && !first.has(place)) first.set(place, item)
  }
  const isFirst = (item: ImportedItem): boolean => item.key === null || first.get(placeOf(item)) === item
  return {
    items: items.filter(isFirst),
    notDeclarable: items
      .filter((item) => !isFirst(item))
      .map((item) => ({
        resource: item.resource,
        why: `The files name each once, and \`${first.get(placeOf(item))?.resource.name ?? ''}\` has the same name.`,
      })),
  }
}

function placeOf({ path, key }: ImportedItem): string {
  return JSON.stringify([...path, key])
}

/** Whether an item is another one or a part of it. */
export function isPartOf(item: ImportedItem, whole: ImportedItem): boolean {
  if (item === whole) return true
  if (item.file !== whole.file || whole.key === null) return false
  const place = [...whole.path, whole.key]
  return place.every((segment, at) => item.path[at] === segment)
}

/** The items that declare a resource, or are a part of one, which has a name that matches one of the patterns; `*` stands for any characters. */
export function chooseItems(items: readonly ImportedItem[], patterns: readonly string[]): readonly ImportedItem[] {
  if (patterns.length === 0) return items
  const matched = items.filter(
    ({ resource, covers, always }) =>
      always === true || [resource, ...covers].some(({ name }) => matchesAny(name, patterns)),
  )
  return items.filter((item) => matched.some((whole) => isPartOf(item, whole)))
}

/** How many names are given as examples. */
const shownNames = 5

/**
 * Throws ToolError `USAGE` where a pattern matches no name: a wrong one would look like a store that has nothing to declare. Where a list could not be read, any name may be in it.
 */
export function requireMatches(
  patterns: readonly string[],
  items: readonly Pick<ImportedItem, 'resource' | 'covers'>[],
  notDeclarable: readonly NotDeclarable[],
): void {
  if (notDeclarable.some(({ unread }) => unread === true)) return
  const resources = [
    ...items.flatMap(({ resource, covers }) => [resource, ...covers]),
    ...notDeclarable.map(({ resource }) => resource),
  ]
  const names = [...new Set(resources.map(({ name }) => name))]
  const unmatched = patterns.filter((pattern) => !names.some((name) => matchesAny(name, [pattern])))
  if (unmatched.length === 0) return
  const likely = unmatched.flatMap((pattern) => closestName(pattern, names) ?? [])
  const shown = [...new Set([...likely, ...names])].slice(0, shownNames)
  throw new ToolError('USAGE', {
    what: `${unmatched.map((pattern) => `\`${pattern}\``).join(', ')}: nothing that could be declared has such a name.`,
    why:
      names.length === 0
        ? 'Nothing that could be declared was found.'
        : `The store has ${shown.map((name) => `\`${name}\``).join(', ')}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}.`,
    next: 'Name a whole name, or a part of it with `*`; leave out `--only` to import everything.',
  })
}

export function matchesAny(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    return new RegExp(`^${parts.join('.*')}$`, 's').test(name)
  })
}

/** The items that no document has at their place yet; a part of one that is declared counts as declared with it. */
export function undeclaredItems(
  items: readonly ImportedItem[],
  documents: readonly { readonly value: unknown }[],
): readonly ImportedItem[] {
  const declared = items.filter((item) => documents.some(({ value }) => isDeclared(item, value)))
  return items.filter((item) => !declared.some((whole) => isPartOf(item, whole)))
}

/** An entry of a list is declared where the list has the same. */
function isDeclared({ path, key, value: own }: ImportedItem, document: unknown): boolean {
  if (key !== null) return hasEntry(document, [...path, key])
  const list = path.reduce<unknown>((value, segment) => (isMap(value) ? value[segment] : undefined), document)
  return asList(list).some((entry) => isDeepStrictEqual(entry, own))
}

/** An optional secret is empty until somebody sets the variable: what a store has stays. A file with a required one is not read without it. */
type Reference = 'optional' | 'required'

/** The files that declare the items together. An item whose whole is missing is left out. */
export function toDocuments(
  items: readonly ImportedItem[],
  secrets: Reference = 'optional',
): readonly ImportedDocument[] {
  const files = [...new Set(items.map(({ file }) => file))]
  return files.map((file) => {
    const root = new Map<string, unknown>()
    for (const item of items) if (item.file === file) place(root, item, secrets)
    return { file, value: toPlain(root) }
  })
}

/** A Map while it grows, as a key may be called `__proto__` or like a method of every object. */
type Growing = Map<string, unknown>

function place(root: Growing, { path, key, value, secrets }: ImportedItem, reference: Reference): void {
  const whole = path.slice(0, key === null ? -1 : undefined).reduce(descend, root)
  const grown = grow(
    { ...asMap(escapeReferences(value)), ...toReferences(secrets, reference) },
    escapeReferences(value),
  )
  const list = path.at(-1)
  if (key !== null) whole.set(key, grown)
  else if (list !== undefined) whole.set(list, [...asList(whole.get(list)), grown])
}

function descend(map: Growing, segment: string): Growing {
  const found = map.get(segment)
  if (found instanceof Map) return found
  const made: Growing = new Map()
  map.set(segment, made)
  return made
}

/** Parts may be added to what is a map. */
function grow(map: Readonly<Record<string, unknown>>, value: unknown): unknown {
  return isMap(value) ? new Map(Object.entries(map)) : value
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function toPlain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, part]) => [key, toPlain(part)]))
  return Array.isArray(value) ? value.map(toPlain) : value
}

function toReferences(
  secrets: Readonly<Record<string, string>>,
  reference: Reference,
): Readonly<Record<string, string>> {
  const otherwise = reference === 'optional' ? ':-' : ''
  return Object.fromEntries(Object.entries(secrets).map(([key, variable]) => [key, `\${${variable}${otherwise}}`]))
}

/** A text of the server that looks like a reference to a variable is not one. */
function escapeReferences(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('${', () => '$${')
  if (Array.isArray(value)) return value.map(escapeReferences)
  if (!isMap(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, escapeReferences(part)]))
}
