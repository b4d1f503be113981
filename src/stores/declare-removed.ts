import type { StoreConfig } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'
import { formatYaml } from '../files/yaml-text.ts'
import { noOptions, type StoreContext, type StoreParts } from './contract.ts'
import type { DeclarationDocument } from './declare/read-declarations.ts'
import { asMap } from './entries.ts'
import { findNamed } from './find-named.ts'
import { hideOpaque } from './hide-secrets.ts'
import {
  type ImportedItem,
  isItemOf,
  isPartOf,
  type NotDeclarable,
  nameVariable,
  separatePlaces,
  separateVariables,
  toDocuments,
  undeclaredItems,
  unknownSecret,
} from './import-items.ts'
import { declareItems } from './import-store.ts'
import type { RestoredResource } from './restore-file.ts'
import { isSameResource, type StoreResource } from './store-plan.ts'

/** What is about to be removed, as a file that declares it. */
export interface RemovedDeclarations {
  /** Null where nothing of it can be declared. */
  readonly text: string | null
  readonly declared: readonly StoreResource[]
  /** The variables of secrets, which no server tells. */
  readonly variables: readonly { readonly variable: string; readonly resource: StoreResource }[]
  /** What of those that are declared no file can have. */
  readonly incomplete: readonly { readonly resource: StoreResource; readonly without: readonly string[] }[]
  /** What no file brings back: a sentence says why. */
  readonly lost: readonly NotDeclarable[]
}

/** What of a session the declarations are made and tried with. */
interface Removing<Declaration, Driver> {
  readonly config: StoreConfig
  /** Without the prefix: what the folder declares. */
  readonly documents: readonly DeclarationDocument[]
  readonly opened: StoreContext<Declaration, Driver>
  /** Gives a declaration the prefix of the environment. */
  readonly named: (declaration: Declaration) => Declaration
}

/**
 * Declares what a plan removes, without the prefix of the environment, and plans it against the store while it is still there: only what that leaves as it is comes back as it was.
 * What this user may not read is lost, which a person has to allow: a removal is never made on the promise of a file that nobody could write.
 */
export async function declareRemoved<
  Declaration,
  Observation,
  Operation,
  Driver extends { readonly close: () => Promise<void> },
>(
  parts: StoreParts<Declaration, Observation, Operation, Driver>,
  { config, documents, opened, named }: Removing<Declaration, Driver>,
  removed: readonly StoreResource[],
): Promise<RemovedDeclarations> {
  try {
    const contents = await parts.readContents(
      { ...opened, options: noOptions },
      new Set(removed.map(({ kind }) => kind)),
    )
    const { items, notDeclarable } = separatePlaces(contents.items)
    const tried = await tryItems(parts, { config, documents, opened, named }, items, removed)
    const whyNot = [...tried.dropped, ...contents.notDeclarable, ...notDeclarable]
    const lost = removed.flatMap((resource): readonly NotDeclarable[] => {
      if (tried.main.some((item) => isItemOf(item, resource))) return []
      const why = whyNot.find((one) => isSameResource(one.resource, resource))?.why
      return [{ resource, why: hideOpaque(why ?? 'no declaration has what is in it.') }]
    })
    return lost.length === removed.length ? nothing(lost) : render(tried, removed, lost, opened.prefix)
  } catch (error) {
    // Whatever else fails may succeed the next time: the removal waits for that.
    if (!(error instanceof ToolError) || !cannotBeRead.has(error.code)) throw error
    const why = error.faults[0]?.what ?? error.message
    return nothing(removed.map((resource) => ({ resource, why })))
  }
}

const cannotBeRead: ReadonlySet<string> = new Set(['DECLARATIONS_INVALID', 'STORE_ACCESS_DENIED'])

function nothing(lost: readonly NotDeclarable[]): RemovedDeclarations {
  return { text: null, declared: [], variables: [], incomplete: [], lost }
}

interface TriedItems {
  /** What is removed, with what belongs to every declaration. */
  readonly main: readonly ImportedItem[]
  /** What these name and no file declares either. */
  readonly context: readonly ImportedItem[]
  /** What a plan would not leave as it is. */
  readonly dropped: readonly NotDeclarable[]
}

const links = {
  nameOf: ({ key }: ImportedItem) => key,
  contentOf: ({ value }: ImportedItem) => value,
}

/** Tries what is removed as declarations. What is refused by itself may name something that no file declares either, and that stays for now. */
async function tryItems<Declaration, Observation, Operation, Driver extends { readonly close: () => Promise<void> }>(
  parts: StoreParts<Declaration, Observation, Operation, Driver>,
  { config, documents: present, opened, named: prefixed }: Removing<Declaration, Driver>,
  items: readonly ImportedItem[],
  removed: readonly StoreResource[],
): Promise<TriedItems> {
  const matched = items.filter((item) => removed.some((resource) => isItemOf(item, resource)))
  const isChosen = (item: ImportedItem): boolean =>
    item.always === true || matched.some((whole) => isPartOf(item, whole))
  const all = items.map((item) => ({ isChosen: isChosen(item), plain: withoutPrefix(item, opened.prefix) }))
  const contextOf = (declaration: Declaration) => ({
    ...opened,
    declaration: prefixed(declaration),
    options: noOptions,
  })
  const attempt = (isTried: (one: (typeof all)[number]) => boolean) =>
    declareItems(
      parts,
      { config, contextOf, present, secret: unknownSecret },
      separateVariables(
        undeclaredItems(
          all.filter(isTried).map(({ plain }) => plain),
          present,
        ),
      ),
    )
  const alone = await attempt((one) => one.isChosen)
  const refused = all.filter(({ plain }) => alone.dropped.some(({ resource }) => resource === plain.resource))
  const others = all.filter((one) => !one.isChosen && Object.keys(one.plain.secrets).length === 0)
  const plainOf = (some: typeof all): readonly ImportedItem[] => some.map(({ plain }) => plain)
  const context = findNamed(plainOf(refused), plainOf(others), links)
  const { kept, dropped } =
    context.length === 0 ? alone : await attempt((one) => one.isChosen || context.includes(one.plain))
  const isContext = ({ resource }: ImportedItem): boolean => context.some((one) => one.resource === resource)
  const main = kept.filter((item) => !isContext(item))
  return { main, context: findNamed(main, kept.filter(isContext), links), dropped }
}

function render(
  { main, context }: TriedItems,
  removed: readonly StoreResource[],
  lost: readonly NotDeclarable[],
  prefix: string,
): RemovedDeclarations {
  const kept = [...main, ...context]
  const toMarks = (items: readonly ImportedItem[]) => items.map((item) => toMark(item, prefix))
  const marks = {
    resources: toMarks(main.filter(({ always }) => always !== true)),
    context: toMarks([...main.filter(({ always }) => always === true), ...context]),
  }
  const [file] = toDocuments(
    kept.map((item) => ({ ...item, file: 'removed' })),
    'required',
  )
  return {
    text: file === undefined ? null : formatYaml({ ...asMap(file.value), restore: marks }),
    declared: removed.filter((resource) => !lost.some((one) => one.resource === resource)),
    variables: kept.flatMap(({ secrets, resource }) =>
      Object.values(secrets).map((variable) => ({ variable, resource })),
    ),
    incomplete: removed.flatMap((resource) => {
      const without = main.find((item) => isItemOf(item, resource))?.undeclarable ?? []
      return without.length === 0 ? [] : [{ resource, without }]
    }),
    lost,
  }
}

/** A restore makes these again, and of their context what is missing. */
function toMark({ resource, covers, path, key }: ImportedItem, prefix: string): RestoredResource {
  const strip = stripPrefix(prefix)
  return {
    at: [...path, ...(key === null ? [] : [key])],
    resources: [resource, ...covers].map(({ kind, name }) => ({ kind, name: strip(name) })),
  }
}

/** Takes the prefix off wherever a word begins with it; its resource stays that of the server. */
function withoutPrefix(item: ImportedItem, prefix: string): ImportedItem {
  if (prefix === '') return item
  const strip = stripPrefix(prefix)
  const variable = `_${nameVariable(prefix)}_`
  return {
    ...item,
    path: item.path.map(strip),
    key: item.key === null ? null : strip(item.key),
    value: mapTexts(item.value, strip),
    secrets: Object.fromEntries(Object.entries(item.secrets).map(([key, name]) => [key, name.replace(variable, '_')])),
  }
}

/** Takes the prefix of an environment off wherever a word begins with it. */
export function stripPrefix(prefix: string): (text: string) => string {
  if (prefix === '') return (text) => text
  const start = new RegExp(`(?<![\\p{L}\\p{N}_-])${prefix.replaceAll(/[.*+?^${}()|[\]\\-]/g, '\\$&')}`, 'gu')
  return (text) => text.replaceAll(start, '')
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [change(key), mapTexts(one, change)]))
}
