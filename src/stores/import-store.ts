import type { StoreConfig } from '../config/config.ts'
import { interpolate } from '../core/interpolate.ts'
import { type Fault, inOneSentence, ToolError } from '../core/tool-error.ts'
import { formatYaml } from '../files/yaml-text.ts'
import type { Plan, PlannedChange, StoreContext, StoreParts, StoreRun } from './contract.ts'
import { type DeclarationDocument, readDeclarationDocument } from './declare/read-declarations.ts'
import {
  chooseItems,
  type ImportedItem,
  isItemOf,
  isPartOf,
  matchesAny,
  type NotDeclarable,
  requireMatches,
  separatePlaces,
  separateVariables,
  toDocuments,
  undeclaredItems,
} from './import-items.ts'
import type { StoreResource } from './store-plan.ts'

/** What is to be imported, and beside what. */
export interface ImportRequest {
  /** Patterns of names; empty for everything. */
  readonly only: readonly string[]
  /** The declarations that the folder has already: what they declare is not imported. */
  readonly present: readonly DeclarationDocument[]
}

/** What a store has, as files that declare it. */
export interface StoreImport {
  readonly version: string | null
  /** Without the ending of their names. */
  readonly files: readonly { readonly file: string; readonly text: string }[]
  readonly declared: readonly StoreResource[]
  /** How many resources the folder declares already. */
  readonly declaredBefore: number
  /** The variables of secrets, which no server tells. */
  readonly variables: readonly { readonly variable: string; readonly resource: StoreResource }[]
  readonly notDeclarable: readonly NotDeclarable[]
}

/**
 * Reads what a store has and declares it, then plans these declarations against the same store: what the plan would change after all is left out and named, so that
 * an apply after an import changes nothing.
 */
export async function importContents<
  Declaration,
  Observation,
  Operation,
  Driver extends { readonly close: () => Promise<void> },
>(
  parts: StoreParts<Declaration, Observation, Operation, Driver>,
  config: StoreConfig,
  run: StoreRun,
  { only, present }: ImportRequest,
): Promise<StoreImport> {
  const driver = await parts.connect(config)
  const contextOf = (declaration: Declaration): StoreContext<Declaration, Driver> => {
    const { label, user } = config
    return { declaration, prefix: '', server: label, user, driver, run }
  }
  try {
    const start = parts.readDeclaration(present, config)
    if (start.type === 'faults') throw new ToolError('DECLARATIONS_INVALID', start.faults)
    const contents = await parts.readContents(contextOf(start.declaration))
    const { items, notDeclarable } = separatePlaces(contents.items)
    requireMatches(only, items, [...contents.notDeclarable, ...notDeclarable])
    const chosen = chooseItems(items, only)
    const fresh = separateVariables(undeclaredItems(chosen, present))
    const { kept, dropped } = await declareItems(parts, { config, contextOf, present }, fresh)
    return {
      version: contents.version,
      files: toDocuments(kept).map(({ file, value }) => ({ file, text: formatYaml(value) })),
      declared: kept.map(({ resource }) => resource),
      declaredBefore: chosen.length - fresh.length,
      variables: kept.flatMap(({ secrets, resource }) =>
        Object.values(secrets).map((variable) => ({ variable, resource })),
      ),
      notDeclarable: [
        ...[...contents.notDeclarable, ...notDeclarable].filter(
          ({ resource, unread }) => only.length === 0 || unread === true || matchesAny(resource.name, only),
        ),
        ...dropped,
      ],
    }
  } finally {
    await driver.close()
  }
}

interface Trial<Declaration, Driver> {
  readonly config: StoreConfig
  readonly contextOf: (declaration: Declaration) => StoreContext<Declaration, Driver>
  /** What is declared beside the items. */
  readonly present: readonly DeclarationDocument[]
  /** Stands for each secret; empty by default, which leaves what has it uncompared. */
  readonly secret?: string
}

/** Plans the declarations of items against the store that has them: what the plan would change after all is left out, with the reason. */
export function declareItems<
  Declaration,
  Observation,
  Operation,
  Driver extends { readonly close: () => Promise<void> },
>(
  parts: StoreParts<Declaration, Observation, Operation, Driver>,
  { config, contextOf, present, secret = '' }: Trial<Declaration, Driver>,
  items: readonly ImportedItem[],
): Promise<{ readonly kept: readonly ImportedItem[]; readonly dropped: readonly NotDeclarable[] }> {
  return settle(items, async (candidates) => {
    const { documents, paths } = readBack(candidates, secret)
    const reading = parts.readDeclaration([...present, ...documents], config)
    if (reading.type === 'faults') return reading.faults.flatMap((fault) => blame(fault, candidates, paths))
    const context = contextOf(reading.declaration)
    const plan = parts.plan(context, await parts.observe(context, 'compare'), 'compare')
    return candidates.flatMap((item) => judgeItem(item, plan))
  })
}

interface Objected {
  readonly item: ImportedItem
  readonly why: string
}

/** Leaves out what is objected to, with its parts, until nothing is. */
async function settle(
  items: readonly ImportedItem[],
  judge: (candidates: readonly ImportedItem[]) => Promise<readonly Objected[]>,
): Promise<{ readonly kept: readonly ImportedItem[]; readonly dropped: readonly NotDeclarable[] }> {
  const dropped: NotDeclarable[] = []
  for (let kept = items; ; ) {
    const objected = kept.length === 0 ? [] : await judge(kept)
    if (objected.length === 0) return { kept, dropped }
    const wholes = kept.flatMap((item) => objected.find((one) => isPartOf(item, one.item))?.item ?? [])
    for (const { item, why } of objected) {
      if (!dropped.some(({ resource }) => resource === item.resource)) dropped.push({ resource: item.resource, why })
    }
    kept = kept.filter((item) => !wholes.some((whole) => isPartOf(item, whole)))
  }
}

interface ReadBack {
  readonly documents: readonly DeclarationDocument[]
  /** The file and the place in it of each location that a fault may name. */
  readonly paths: ReadonlyMap<Fault['where'], { readonly file: string; readonly path: readonly PropertyKey[] }>
}

/** The files as a later run reads them, where each variable has this value. */
function readBack(items: readonly ImportedItem[], secret: string): ReadBack {
  const variables = items.flatMap((item) => Object.values(item.secrets).map((variable) => [variable, secret] as const))
  const paths = new Map<Fault['where'], { readonly file: string; readonly path: readonly PropertyKey[] }>()
  const documents = toDocuments(items).map(({ file, value }): DeclarationDocument => {
    const document = readDeclarationDocument(formatYaml(value), `${file}.yaml`)
    if (!('value' in document)) throw new ToolError('DECLARATIONS_INVALID', document)
    const locate: DeclarationDocument['locate'] = (path) => {
      const place = document.locate(path)
      paths.set(place.where, { file, path })
      return place
    }
    return { ...document, value: interpolate(document.value, Object.fromEntries(variables)).value, locate }
  })
  return { documents, paths }
}

/** The smallest item that a fault is about, else all below its place. @throws ToolError DECLARATIONS_INVALID where it is about none. */
function blame(fault: Fault, items: readonly ImportedItem[], paths: ReadBack['paths']): readonly Objected[] {
  const at = paths.get(fault.where)
  const places = items.filter(({ file }) => file === at?.file).map((item) => ({ item, place: placeIn(items, item) }))
  const path = at?.path ?? []
  const around = places.filter(({ place }) => startsWith(path, place))
  const smallest = around.toSorted((one, other) => other.place.length - one.place.length).slice(0, 1)
  const below = path.length === 0 ? [] : places.filter(({ place }) => startsWith(place, path))
  const blamed = smallest.length > 0 ? smallest : below
  if (blamed.length === 0) throw new ToolError('DECLARATIONS_INVALID', fault)
  return blamed.map(({ item }) => ({ item, why: inOneSentence(fault) }))
}

/** The place of an item in its file; of an entry, with its number in the list. */
function placeIn(items: readonly ImportedItem[], item: ImportedItem): readonly PropertyKey[] {
  const siblings = items.filter((one) => one.file === item.file && one.key === null && sameList(one, item))
  return [...item.path, item.key ?? siblings.indexOf(item)]
}

function startsWith(path: readonly PropertyKey[], start: readonly PropertyKey[]): boolean {
  return start.length <= path.length && start.every((segment, at) => path[at] === segment)
}

function sameList(one: ImportedItem, other: ImportedItem): boolean {
  return one.path.length === other.path.length && one.path.every((segment, at) => segment === other.path[at])
}

/** Some nodes have it as it is declared, and the others do not have it: what is not there at all has no differences. */
function isThereInPart({ action, differences }: PlannedChange<unknown>['change']): boolean {
  return action === 'create' && differences.length > 0 && differences.every(({ actual }) => actual === null)
}

/** What a plan would do with an item after all; a secret that is not known yet is not compared. */
function judgeItem(item: ImportedItem, { changes, unchanged, findings }: Plan<unknown>): readonly Objected[] {
  const { secrets } = item
  const isIt = (other: StoreResource): boolean => isItemOf(item, other)
  const change = changes.find((one) => isIt(one.change.resource))?.change
  if (change !== undefined && !isThereInPart(change))
    return [{ item, why: `Declared as it is, it would change: ${describeChange(change)}.` }]
  if (change !== undefined) return []
  const finding = findings.find(({ resource: of, code }) => isIt(of) && code !== 'STORE_UNDECLARED')
  if (finding?.code === 'STORE_NOT_COMPARED' && Object.keys(secrets).length > 0) return []
  if (finding !== undefined) return [{ item, why: finding.why ?? finding.what }]
  return unchanged.some(isIt) ? [] : [{ item, why: 'Its declaration is not read back as this resource.' }]
}

function describeChange({ summary, differences }: PlannedChange<unknown>['change']): string {
  const [first] = differences
  if (first === undefined) return summary
  const { path, actual, declared } = first
  return `${summary}: ${path === '' ? 'it' : `\`${path}\``} is ${actual ?? 'not set'}, but would be ${declared ?? 'not set'}`
}
