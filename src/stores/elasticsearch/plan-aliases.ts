import { normalText } from '../entries.ts'
import type { StoreDifference, StoreLoss, StoreResource } from '../store-plan.ts'
import { type ElasticsearchChange, harmless } from './apply.ts'
import type { AliasDeclaration, AliasMember, JsonObject } from './declaration.ts'
import type { ObservedIndices } from './index-ports.ts'
import { describeIndices } from './policies.ts'
import type { IndexFacts } from './ports.ts'

interface AliasPlan {
  readonly resource: StoreResource
  readonly changes: readonly ElasticsearchChange[]
}

type Members = readonly AliasMember[]

/** Declared indices, and the ones that have their documents: after a reindex, these have another name. */
export interface IndexPlaces {
  /** Declared names, by the index that has the documents now or will have them. */
  readonly declared: ReadonlyMap<string, string>
  readonly now: ReadonlyMap<string, string>
  /** After the changes of the plan: a switch gives aliases to the new index. */
  readonly later: ReadonlyMap<string, string>
}

interface Surroundings {
  readonly facts: ReadonlyMap<string, IndexFacts>
  readonly now: number
  readonly places: IndexPlaces
}

export function findPlaces(
  { indices }: ObservedIndices,
  plans: readonly { readonly changes: readonly ElasticsearchChange[] }[],
): IndexPlaces {
  const now = new Map([...indices].map(([name, index]) => [name, index.name] as const))
  const writes = plans.flatMap(({ changes }) => changes.map(({ operation }) => operation.write))
  const moved = writes.flatMap((write) => (write.type === 'reindex' ? [[write.name, write.copy] as const] : []))
  const later = new Map([...now, ...moved])
  return { now, later, declared: new Map([...now, ...later].map(([name, index]) => [index, name])) }
}

/** Whatever differs is changed by one request, so no search meets half of it. */
export function planAlias(
  { name, members }: AliasDeclaration,
  found: Members,
  { facts, now, places }: Surroundings,
): AliasPlan {
  const resource = { kind: 'alias', name }
  const observed = found.map((member) => ({ ...member, index: places.declared.get(member.index) ?? member.index }))
  const differences = compareMembers(members, observed)
  if (differences.length === 0) return { resource, changes: [] }
  const left = without(observed, members)
  const placeOf = ({ index }: AliasMember): string => places.later.get(index) ?? index
  const changed = members.filter((member) => compareMember(member, find(observed, member)).length > 0)
  const action = observed.length === 0 ? 'create' : members.length === 0 ? 'remove' : 'update'
  const change = { resource, action, summary: summarize(name, members, observed), differences } as const
  const actions = [
    ...changed.map((member) => ({ add: toAction(name, { ...member, index: placeOf(member) }) })),
    ...left.map((member) => ({ remove: { index: placeOf(member), alias: name, must_exist: false } })),
  ]
  const write = { type: 'change-alias', name, actions } as const
  const reasons = observed.length === 0 ? [] : findLosses(name, members, observed)
  if (reasons.length === 0) return { resource, changes: [harmless(change, write)] }
  const affected = without(observed, members).map(({ index }) => places.now.get(index) ?? index)
  const described = describeIndices(
    affected.flatMap((index) => facts.get(index) ?? []),
    {},
    now,
  )
  const loss: StoreLoss = { code: 'changed-alias', why: reasons.join(' '), affected: described }
  return { resource, changes: [{ change: { ...change, loss }, operation: { write, affected } }] }
}

function find(members: Members, { index }: AliasMember): AliasMember | undefined {
  return members.find((one) => one.index === index)
}

/** Those of the first list whose index is not in the second. */
function without(members: Members, others: Members): Members {
  return members.filter((member) => find(others, member) === undefined)
}

function toAction(alias: string, member: AliasMember): JsonObject {
  const { index, filter, indexRouting, searchRouting, isWriteIndex, isHidden } = member
  return {
    index,
    alias,
    ...(filter === null ? {} : { filter }),
    ...(indexRouting === null ? {} : { index_routing: indexRouting }),
    ...(searchRouting === null ? {} : { search_routing: searchRouting }),
    ...(isWriteIndex === null ? {} : { is_write_index: isWriteIndex }),
    ...(isHidden ? { is_hidden: true } : {}),
  }
}

function compareMembers(declared: Members, observed: Members): readonly StoreDifference[] {
  return [
    ...declared.flatMap((member) => compareMember(member, find(observed, member))),
    ...without(observed, declared).map(({ index }) => ({ path: `indices.${index}`, actual: 'in it', declared: null })),
  ]
}

function compareMember(declared: AliasMember, observed: AliasMember | undefined): readonly StoreDifference[] {
  const path = `indices.${declared.index}`
  if (observed === undefined) return [{ path, actual: null, declared: 'in it' }]
  return parts.flatMap(([key, read]) => {
    const [actual, wanted] = [read(observed), read(declared)]
    return actual === wanted ? [] : [{ path: `${path}.${key}`, actual, declared: wanted }]
  })
}

const parts: readonly (readonly [key: string, read: (member: AliasMember) => string | null])[] = [
  ['filter', ({ filter }) => (filter === null ? null : normalText(filter))],
  ['index_routing', ({ indexRouting }) => indexRouting],
  ['search_routing', ({ searchRouting }) => searchRouting],
  ['is_write_index', ({ isWriteIndex }) => (isWriteIndex === null ? null : String(isWriteIndex))],
  ['is_hidden', ({ isHidden }) => (isHidden ? 'true' : null)],
]

function summarize(name: string, members: Members, observed: Members): string {
  const list = (some: Members): string => some.map(({ index }) => index).join(', ')
  if (observed.length === 0) return `create alias ${name} of ${list(members)}`
  if (members.length === 0) return `remove alias ${name} from ${list(observed)}`
  const [added, left] = [without(members, observed), without(observed, members)]
  if (added.length > 0 && left.length > 0) return `switch alias ${name} from ${list(left)} to ${list(added)}`
  if (added.length > 0) return `add ${list(added)} to alias ${name}`
  if (left.length > 0) return `take ${list(left)} out of alias ${name}`
  return `change alias ${name} of ${list(members)}`
}

/** What searches no longer find, and what writes no longer do, as sentences. */
function findLosses(name: string, members: Members, observed: Members): readonly string[] {
  const left = without(observed, members).map(({ index }) => `\`${index}\``)
  const pairs = members.flatMap((member) => {
    const before = find(observed, member)
    return before === undefined ? [] : [{ before, after: member }]
  })
  const narrowed = pairs.filter(({ before, after }) => isNarrower(before, after)).map(({ after }) => after.index)
  const widened = pairs.filter(({ before, after }) => isWider(before, after)).map(({ after }) => after.index)
  const [from, to] = [writeIndexOf(observed), writeIndexOf(members)]
  const moved = from !== null && to !== null && from !== to && members.some(({ index }) => index === from)
  const rerouted = pairs.some(({ before, after }) => before.indexRouting !== after.indexRouting)
  return [
    ...(left.length === 0 ? [] : [`Through \`${name}\`, documents of ${left.join(', ')} are no longer found.`]),
    ...(narrowed.length === 0
      ? []
      : [
          `Its filter or routing of ${narrowed.map((one) => `\`${one}\``).join(', ')} may hide documents that were found.`,
        ]),
    ...(widened.length === 0
      ? []
      : [
          `Its filter or routing of ${widened.map((one) => `\`${one}\``).join(', ')} is removed: documents that it hides are found from then on.`,
        ]),
    ...(from !== null && to === null ? [`What is written through \`${name}\` is refused from then on.`] : []),
    ...(moved || rerouted
      ? ['A document that is written again under its ID goes to another place, and is then found twice.']
      : []),
  ]
}

function isNarrower(before: AliasMember, after: AliasMember): boolean {
  const filters = after.filter !== null && normalText(before.filter) !== normalText(after.filter)
  return filters || (after.searchRouting !== null && before.searchRouting !== after.searchRouting)
}

function isWider(before: AliasMember, after: AliasMember): boolean {
  return (
    (before.filter !== null && after.filter === null) || (before.searchRouting !== null && after.searchRouting === null)
  )
}

/** The index that takes what is written through the alias; null where none does. */
function writeIndexOf(members: Members): string | null {
  const marked = members.find(({ isWriteIndex }) => isWriteIndex === true)
  if (marked !== undefined) return marked.index
  const [only] = members
  return members.length === 1 && only?.isWriteIndex === null ? only.index : null
}
