import * as z from 'zod/mini'
import type { AliasMember } from './declaration.ts'
import { pathOf, type Requests } from './driver-requests.ts'
import { inGroups } from './in-groups.ts'
import { type IndexWrite, isSuccessorOf, isWhole, type ObservedIndex, type ObservedIndices } from './index-ports.ts'

const json = z.record(z.string(), z.unknown())

const member = z.object({
  filter: z.optional(json),
  index_routing: z.optional(z.string()),
  search_routing: z.optional(z.string()),
  is_write_index: z.optional(z.boolean()),
  is_hidden: z.optional(z.boolean()),
})
const aliases = z.record(z.string(), z.object({ aliases: z.record(z.string(), member) }))
const indices = z.record(
  z.string(),
  z.object({ settings: json, mappings: json, aliases: z._default(z.record(z.string(), member), {}) }),
)

const names = z._default(z.array(z.object({ name: z.string() })), [])
const resolved = z.object({ indices: names, aliases: names, data_streams: names })

/** Reads the declared ones, and what else has their names. */
export async function observeIndices(
  requests: Requests,
  wanted: { readonly indices: readonly string[]; readonly aliases: readonly string[] },
): Promise<ObservedIndices> {
  const [foundIndices, foundAliases] = await Promise.all([
    inGroups(wanted.indices, async (name) => [name, await readStanding(requests, name, wanted.indices)] as const),
    inGroups(wanted.aliases, async (name) => [name, await readAlias(requests, name)] as const),
  ])
  const present = foundIndices.flatMap(([name, index]) => (index === null ? [] : [[name, index] as const]))
  const leading = foundAliases.filter(([, members]) => members.length > 0)
  const known = new Set([...present, ...leading].map(([name]) => name))
  const missing = [...wanted.indices, ...wanted.aliases].filter((name) => !known.has(name))
  const others = await inGroups(missing, async (name) => [name, await readOther(requests, name)] as const)
  return {
    indices: new Map(present),
    aliases: new Map(leading),
    taken: new Map(others.flatMap(([name, other]) => (other === null ? [] : [[name, other] as const]))),
  }
}

/** Under the name of an alias or a data stream, the server answers with the indices behind it. */
export async function readPlainIndex(requests: Requests, name: string): Promise<ObservedIndex | null> {
  const answer = await requests.find(`read index ${name}`, pathOf(name))
  const found = answer === null ? undefined : z.parse(indices, answer)[name]
  return found === undefined ? null : { name, settings: found.settings, mappings: found.mappings }
}

/** The index of that name, or the one that took its place: then the name is an alias of that one alone, and of all its documents. */
async function readStanding(
  requests: Requests,
  name: string,
  declared: readonly string[],
): Promise<ObservedIndex | null> {
  const answer = await requests.find(`read index ${name}`, pathOf(name))
  const found = Object.entries(z.parse(indices, answer ?? {}))
  const [only] = found
  if (only === undefined || found.length > 1) return null
  const [index, { settings, mappings, aliases: own }] = only
  if (index === name) return { name, settings, mappings }
  const alias = own[name]
  if (alias === undefined || declared.includes(index)) return null
  return isSuccessorOf(name, index) && isWhole(toMember(index, alias)) ? { name: index, settings, mappings } : null
}

async function readAlias(requests: Requests, name: string): Promise<readonly AliasMember[]> {
  const answer = await requests.find(`read alias ${name}`, pathOf('_alias', name))
  return answer === null ? [] : (toMembers(answer).get(name) ?? [])
}

/** Every alias of an answer, and where it leads. */
export function toMembers(answer: unknown): ReadonlyMap<string, readonly AliasMember[]> {
  const found = new Map<string, readonly AliasMember[]>()
  for (const [index, { aliases: own }] of Object.entries(z.parse(aliases, answer))) {
    for (const [alias, one] of Object.entries(own)) {
      found.set(alias, [...(found.get(alias) ?? []), toMember(index, one)])
    }
  }
  return found
}

function toMember(index: string, one: z.infer<typeof member>): AliasMember {
  return {
    index,
    filter: one.filter ?? null,
    indexRouting: one.index_routing ?? null,
    searchRouting: one.search_routing ?? null,
    isWriteIndex: one.is_write_index ?? null,
    isHidden: one.is_hidden ?? false,
  }
}

async function readOther(requests: Requests, name: string): Promise<string | null> {
  const query = { expand_wildcards: 'all' }
  const answer = await requests.find(`look what ${name} is`, pathOf('_resolve', 'index', name), query)
  if (answer === null) return null
  const { indices: own, aliases: leading, data_streams: streams } = z.parse(resolved, answer)
  const isIt = (list: readonly { readonly name: string }[]): boolean => list.some((one) => one.name === name)
  if (isIt(streams)) return 'a data stream'
  if (isIt(leading)) return 'an alias'
  return isIt(own) ? 'an index' : null
}

/** Sends one change; what another run has created meanwhile is compared by the plan that is made after the changes. */
export async function writeIndex(requests: Requests, change: IndexWrite): Promise<void> {
  if (change.type === 'change-alias') {
    await requests.send(`change alias ${change.name}`, 'POST', '/_aliases', { body: { actions: change.actions } })
    return
  }
  await requests.send(`create index ${change.name}`, 'PUT', pathOf(change.name), { body: change.body })
}
