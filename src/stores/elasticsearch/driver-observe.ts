import * as z from 'zod/mini'
import type { JsonObject } from './declaration.ts'
import { observeAccess } from './driver-access.ts'
import { readLiveIndex } from './driver-copy.ts'
import { observeIndices, readPlainIndex } from './driver-indices.ts'
import { findLeftovers } from './driver-leftovers.ts'
import { readMoves } from './driver-moves.ts'
import { observePlain } from './driver-plain.ts'
import { pathOf, type Requests } from './driver-requests.ts'
import { observeSnapshots } from './driver-snapshots.ts'
import { readVersion } from './driver-version.ts'
import { inGroups } from './in-groups.ts'
import type { ObservedIndex } from './index-ports.ts'
import type {
  ObservedMoves,
  ObservedNode,
  ObservedPolicy,
  ObservedSeries,
  ObservedTemplate,
  ServerState,
  WantedNames,
} from './ports.ts'
import { isCopyOf, type Move, type Moves } from './reindex-ports.ts'

const json = z.record(z.string(), z.unknown())

const named = z.array(z.object({ name: z.string() }))
const nodes = z.object({
  nodes: z.record(z.string(), z.object({ name: z.string(), plugins: named, modules: named })),
})

const policies = z.record(
  z.string(),
  z.object({
    policy: z.looseObject({ phases: json, _meta: z.optional(json) }),
    in_use_by: z.optional(z.object({ indices: z.array(z.string()) })),
  }),
)

const content = z.looseObject({ settings: z.optional(json), mappings: z.optional(json), lifecycle: z.optional(json) })

const components = z.object({
  component_templates: z.array(
    z.object({ component_template: z.looseObject({ template: content, _meta: z.optional(json) }) }),
  ),
})

const templates = z.object({
  index_templates: z.array(
    z.object({ index_template: z.looseObject({ template: z.optional(content), _meta: z.optional(json) }) }),
  ),
})

/** Reads what is declared and what else has the prefix, in parallel. */
export async function observe(requests: Requests, names: WantedNames): Promise<ServerState> {
  const version = await readVersion(requests)
  const moves = await observeMoves(requests, names)
  const withOlder = (name: string): boolean => names.older || (moves.get(name)?.wanted.length ?? 0) > 0
  const [
    nodes,
    policies,
    components,
    templates,
    streams,
    aliases,
    access,
    left,
    plain,
    existing,
    plainIndices,
    snapshots,
  ] = await Promise.all([
    readNodes(requests),
    each(names.policies, (name) => readPolicy(requests, name)),
    each(names.components, (name) => readComponent(requests, name)),
    each(names.templates, (name) => readTemplate(requests, name)),
    each(names.streams, (name) => observeStream(requests, name, withOlder(name))),
    each(names.aliases, (name) => observeAlias(requests, name, withOlder(name))),
    names.passwords === null ? null : observeAccess(requests, names.passwords),
    findLeftovers(requests, names),
    observePlain(requests, names.plain),
    each(names.existing, (name) => readComponent(requests, name)),
    observeIndices(requests, { indices: names.plainIndices, aliases: names.plainAliases }),
    observeSnapshots(requests, names.snapshots),
  ])
  const series = new Map([...streams, ...aliases])
  return {
    version,
    nodes,
    policies,
    components,
    templates,
    series,
    moves,
    access,
    ...left,
    plain,
    existing,
    plainIndices,
    snapshots,
  }
}

export async function readNodes(requests: Requests): Promise<readonly ObservedNode[]> {
  const answer = z.parse(nodes, await requests.get('read the plugins of its nodes', '/_nodes/plugins'))
  return Object.values(answer.nodes).map(({ name, plugins, modules }) => ({
    name,
    parts: [...plugins, ...modules].map((part) => part.name),
  }))
}

async function each<T>(
  names: readonly string[],
  read: (name: string) => Promise<T | null>,
): Promise<ReadonlyMap<string, T>> {
  const found = await Promise.all(names.map(async (name) => [name, await read(name)] as const))
  return new Map(found.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])))
}

async function readPolicy(requests: Requests, name: string): Promise<ObservedPolicy | null> {
  const answer = await requests.find(`read lifecycle policy ${name}`, pathOf('_ilm', 'policy', name))
  const found = answer === null ? undefined : z.parse(policies, answer)[name]
  if (found === undefined) return null
  const { phases, _meta } = found.policy
  return { phases, meta: _meta ?? {}, body: found.policy, indices: found.in_use_by?.indices ?? [] }
}

async function readComponent(requests: Requests, name: string): Promise<ObservedTemplate | null> {
  const answer = await requests.find(`read component template ${name}`, pathOf('_component_template', name))
  const found = answer === null ? undefined : z.parse(components, answer).component_templates[0]?.component_template
  return found === undefined ? null : toTemplate(found, {})
}

async function readTemplate(requests: Requests, name: string): Promise<ObservedTemplate | null> {
  const answer = await requests.find(`read index template ${name}`, pathOf('_index_template', name))
  const found = answer === null ? undefined : z.parse(templates, answer).index_templates[0]?.index_template
  if (found === undefined) return null
  const { template: _, _meta: __, ...rest } = found
  return toTemplate(found, rest)
}

function toTemplate(
  body: JsonObject & {
    readonly template?: z.infer<typeof content> | undefined
    readonly _meta?: ObservedTemplate['meta'] | undefined
  },
  rest: ObservedTemplate['rest'],
): ObservedTemplate {
  const { settings = {}, mappings = {}, lifecycle = {} } = body.template ?? {}
  return { settings, mappings, meta: body._meta ?? {}, lifecycle, rest, body }
}

const streams = z.object({
  data_streams: z.array(
    z.object({ indices: z.array(z.object({ index_name: z.string() })), lifecycle: z.optional(json) }),
  ),
})

const anything = z.record(z.string(), z.unknown())

const aliases = z.record(
  z.string(),
  z.object({ aliases: z.record(z.string(), z.object({ is_write_index: z.optional(z.boolean()) })) }),
)

/** A data stream with its write index; null when there is none of that name. */
export async function observeStream(
  requests: Requests,
  name: string,
  withOlder = false,
): Promise<ObservedSeries | null> {
  const answer = await requests.find(`read data stream ${name}`, pathOf('_data_stream', name))
  const found = answer === null ? undefined : z.parse(streams, answer).data_streams[0]
  if (found === undefined) return null
  const names = found.indices.map(({ index_name }) => index_name)
  const older = await readIndices(requests, withOlder ? names.slice(0, -1) : [])
  const { lifecycle } = found
  const writeIndex = await readIndex(requests, names.at(-1))
  return { type: 'stream', indices: names, writeIndex, older, ...(lifecycle === undefined ? {} : { lifecycle }) }
}

/** An alias with its indices by number; a single index receives the writes even if it does not say so. */
export async function observeAlias(
  requests: Requests,
  name: string,
  withOlder = false,
): Promise<ObservedSeries | null> {
  const answer = await requests.find(`read alias ${name}`, pathOf('_alias', name))
  if (answer === null) return findWithoutAlias(requests, name)
  const found = Object.entries(z.parse(aliases, answer))
  if (found.length === 0) return null
  const names = found
    .map(([index]) => index)
    .toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true }))
  const marked = found.find(([, one]) => one.aliases[name]?.is_write_index === true)?.[0]
  const [only] = found
  const isOnly = found.length === 1 && only?.[1].aliases[name]?.is_write_index === undefined
  const writeIndex = marked ?? (isOnly ? only?.[0] : undefined)
  const others = withOlder ? names.filter((one) => one !== writeIndex) : []
  const older = await readIndices(requests, others)
  return { type: 'alias', indices: names, writeIndex: await readIndex(requests, writeIndex), older }
}

/** Indices of an alias that was removed; null if they do not exist either. */
async function findWithoutAlias(requests: Requests, alias: string): Promise<ObservedSeries | null> {
  const query = { flat_settings: true }
  const answer = await requests.find(
    `look for indices of ${alias}`,
    pathOf(`${alias}-*`, '_settings', 'index.uuid'),
    query,
  )
  const names = Object.keys(z.parse(anything, answer ?? {})).filter((name) => /^-\d{6}$/.test(name.slice(alias.length)))
  return names.length === 0 ? null : { type: 'alias', indices: names.toSorted(), writeIndex: null, older: [] }
}

/** The reindexes of each data stream, alias and index, with the copy that is filled. */
async function observeMoves(
  requests: Requests,
  { prefix, streams, aliases, plainIndices }: WantedNames,
): Promise<ReadonlyMap<string, ObservedMoves>> {
  const known = await readMoves(requests, prefix, [...streams, ...aliases, ...plainIndices])
  const read = [...known].map(async ([name, moves]) => {
    const kept = await keepUnused(requests, moves.kept)
    const replacements = moves.kept.map(({ replacedBy }) => replacedBy)
    return [name, { ...moves, kept, replacements, ...(await observeMove(requests, moves.move)) }] as const
  })
  return new Map(await Promise.all(read))
}

/** An index that only has the name of one of them is another one. */
async function observeMove(
  requests: Requests,
  move: Move | null,
): Promise<Pick<ObservedMoves, 'sourceIndex' | 'copyIndex'>> {
  if (move === null) return { sourceIndex: null, copyIndex: null }
  const [source, copy] = await Promise.all([readLiveIndex(requests, move.source), readLiveIndex(requests, move.copy)])
  return {
    sourceIndex: source?.uuid === move.sourceUuid ? source : null,
    copyIndex: isCopyOf(move, copy) ? copy : null,
  }
}

/** One that was removed by hand, or made anew, is forgotten, and so is one that has its alias again. */
async function keepUnused(requests: Requests, kept: Moves['kept']): Promise<Moves['kept']> {
  const unused = await Promise.all(
    kept.map(async ({ index, uuid }) => {
      const found = await readLiveIndex(requests, index)
      return found?.uuid === uuid && found.aliases.length === 0
    }),
  )
  return kept.filter((_, place) => unused[place] === true)
}

function readIndex(requests: Requests, name: string | undefined): Promise<ObservedIndex | null> {
  return name === undefined ? Promise.resolve(null) : readPlainIndex(requests, name)
}

async function readIndices(requests: Requests, names: readonly string[]): Promise<readonly ObservedIndex[]> {
  const found = await inGroups(names, (name) => readIndex(requests, name))
  return found.filter((one) => one !== null)
}
