import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod/mini'
import { ToolError } from '../../core/tool-error.ts'
import { childOf } from './compare-trees.ts'
import type { TemplateContent } from './declaration.ts'
import { pathOf, type Requests } from './driver-requests.ts'
import { isExisting } from './errors.ts'
import { type LiveIndex, markKey, type SeriesName } from './reindex-ports.ts'

/** Creates an index from its template, if it has one, with this over it and with the ID as its mark; nothing where it exists. */
export async function createCopy(
  requests: Requests,
  index: string,
  { settings, mappings }: TemplateContent,
  id: string,
): Promise<void> {
  const body = { settings, mappings: { ...mappings, _meta: { ...childOf(mappings, '_meta'), [markKey]: id } } }
  try {
    await requests.send(`create index ${index}`, 'PUT', pathOf(index), { body })
  } catch (error) {
    if (!isExisting(error)) throw error
  }
}

const anything = z.record(z.string(), z.unknown())

const indices = z.record(
  z.string(),
  z.object({
    settings: anything,
    mappings: anything,
    aliases: z.record(z.string(), z.unknown()),
    data_stream: z.optional(z.string()),
  }),
)

/** An index as it is now; null where there is none of that name. */
export async function readLiveIndex(requests: Requests, index: string): Promise<LiveIndex | null> {
  const answer = await requests.find(`read index ${index}`, pathOf(index))
  const found = answer === null ? undefined : z.parse(indices, answer)[index]
  if (found === undefined) return null
  const mark = childOf(found.mappings, '_meta')[markKey]
  return {
    name: index,
    settings: found.settings,
    mappings: found.mappings,
    uuid: z.parse(z.string(), childOf(found.settings, 'index')['uuid']),
    aliases: [...Object.keys(found.aliases), ...(found.data_stream === undefined ? [] : [found.data_stream])],
    mark: typeof mark === 'string' ? mark : null,
  }
}

const partial = z.object({ _shards: z.object({ failed: z.number() }) })

/** @throws ToolError where a shard did not answer: what it has would count as not there. */
export function requireShards(answer: unknown, index: string, server: string): void {
  const { failed } = z.parse(partial, answer)._shards
  if (failed > 0) throw notAnswered(index, server, `${failed} of its shards did not answer.`)
}

export function notAnswered(index: string, server: string, why: string): ToolError {
  return new ToolError('STORE_COPY_FAILED', {
    what: `Index \`${index}\` was not read as a whole.`,
    where: { server },
    why,
    next: 'Run the command again when all shards of the index are there (`GET _cluster/health`): it continues.',
  })
}

const counted = z.object({ count: z.number() })

/** Counts documents that a search finds, after a refresh; those from a sequence number on, or all. */
export async function countDocuments(requests: Requests, index: string, from: number | null): Promise<number> {
  await refresh(requests, index)
  const query = from === null ? { match_all: {} } : { range: { _seq_no: { gte: from } } }
  const answer = await requests.ask(`count documents of ${index}`, pathOf(index, '_count'), { query })
  requireShards(answer, index, requests.server)
  return z.parse(counted, answer).count
}

export async function refresh(requests: Requests, index: string): Promise<void> {
  const answer = await requests.send(`refresh ${index}`, 'POST', pathOf(index, '_refresh'))
  requireShards(answer, index, requests.server)
}

const stored = z.object({ _all: z.object({ primaries: z.object({ store: z.object({ size_in_bytes: z.number() }) }) }) })

export async function readSize(requests: Requests, index: string): Promise<number> {
  const answer = await requests.get(`read the size of ${index}`, pathOf(index, '_stats', 'store'))
  requireShards(answer, index, requests.server)
  return z.parse(stored, answer)._all.primaries.store.size_in_bytes
}

const copyOfShard = z.object({
  routing: z.object({ primary: z.boolean() }),
  seq_no: z.object({ global_checkpoint: z.number(), max_seq_no: z.number() }),
})

const shards = z.object({
  indices: z.record(z.string(), z.object({ shards: z.record(z.string(), z.array(copyOfShard)) })),
})

/** Every write with a smaller sequence number is finished, in all shards; what these wrote is found by a search after this. */
export async function readCheckpoint(requests: Requests, index: string): Promise<number> {
  const primaries = await readPrimaries(requests, index)
  await refresh(requests, index)
  return Math.max(0, Math.min(...primaries.map(({ seq_no }) => seq_no.global_checkpoint)) + 1)
}

/** The sequence number of the last write of each shard. */
export async function readLastWrites(requests: Requests, index: string): Promise<readonly number[]> {
  return (await readPrimaries(requests, index)).map(({ seq_no }) => seq_no.max_seq_no)
}

async function readPrimaries(requests: Requests, index: string): Promise<readonly z.infer<typeof copyOfShard>[]> {
  const found = await readLiveIndex(requests, index)
  const expected = Number(childOf(found?.settings, 'index')['number_of_shards'])
  const answer = await requests.get(`read the checkpoints of ${index}`, pathOf(index, '_stats'), { level: 'shards' })
  requireShards(answer, index, requests.server)
  const copies = z.parse(shards, answer).indices[index]?.shards ?? {}
  const primaries = Object.keys(copies)
    .toSorted((one, other) => Number(one) - Number(other))
    .flatMap((shard) => copies[shard]?.find(({ routing }) => routing.primary) ?? [])
  if (primaries.length === 0 || primaries.length !== expected) {
    throw notAnswered(index, requests.server, `${primaries.length} of its ${expected} primary shards are there.`)
  }
  return primaries
}

const blocked = z.object({
  acknowledged: z.boolean(),
  shards_acknowledged: z.boolean(),
  indices: z.array(z.object({ name: z.string(), blocked: z.optional(z.boolean()) })),
})

/** How often a block is asked for until all shards have it, and milliseconds between. */
const [mostBlocks, blockInterval] = [10, 500]

/**
 * The server says when no write is under way any more, in any shard; where it does not, one may be. Of a block that was there before, it says nothing:
 * then this returns false.
 */
export async function blockWrites(requests: Requests, index: string): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await requests.send(`block writes to ${index}`, 'PUT', pathOf(index, '_block', 'write'))
    const { acknowledged, shards_acknowledged, indices } = z.parse(blocked, answer)
    if (acknowledged && indices.length === 0) return false
    if (acknowledged && shards_acknowledged && indices.every((one) => one.blocked === true)) return true
    if (attempt === mostBlocks) {
      throw notAnswered(index, requests.server, 'Not all of its shards have said that they refuse writes.')
    }
    await pause(blockInterval)
  }
}

export async function allowWrites(requests: Requests, index: string): Promise<void> {
  const body = { 'index.blocks.write': null }
  await requests.send(`allow writes to ${index}`, 'PUT', pathOf(index, '_settings'), { body })
}

const aliases = z.record(z.string(), z.object({ aliases: z.record(z.string(), z.looseObject({})) }))

const streams = z.object({
  data_streams: z.array(z.object({ indices: z.array(z.object({ index_name: z.string() })) })),
})

/** Indices of a data stream, with the one that it writes to at the end, or of an alias; the index that has a name, or that it leads to. */
export async function listIndices(requests: Requests, { series, name }: SeriesName): Promise<readonly string[]> {
  if (series === 'index') {
    const answer = await requests.find(`read index ${name}`, pathOf(name, '_alias'))
    return answer === null ? [] : Object.keys(z.parse(aliases, answer))
  }
  if (series === 'alias') {
    const answer = await requests.find(`read alias ${name}`, pathOf('_alias', name))
    return answer === null ? [] : Object.keys(z.parse(aliases, answer))
  }
  const answer = await requests.find(`read data stream ${name}`, pathOf('_data_stream', name))
  const found = answer === null ? undefined : z.parse(streams, answer).data_streams[0]
  return found?.indices.map(({ index_name }) => index_name) ?? []
}

/**
 * Gives all aliases of an index, or its place in a data stream, to its copy, in one request: no search and no write sees a moment without either. The server refuses
 * to take the index from a data stream that it writes to.
 */
export async function takePlace(
  requests: Requests,
  { series, name }: SeriesName,
  source: string,
  copy: string,
): Promise<void> {
  const what = `let ${copy} take the place of ${source}`
  if (series === 'stream') {
    const actions = [
      { add_backing_index: { data_stream: name, index: copy } },
      { remove_backing_index: { data_stream: name, index: source } },
    ]
    await requests.send(what, 'POST', '/_data_stream/_modify', { body: { actions } })
    return
  }
  const answer = await requests.get(`read the aliases of ${source}`, pathOf(source, '_alias'))
  const held = Object.entries(z.parse(aliases, answer)[source]?.aliases ?? {})
  const added = held.map(([alias, properties]) => ({ add: { ...properties, index: copy, alias } }))
  const removed = held.map(([alias]) => ({ remove: { index: source, alias } }))
  // A name is that of an index or of an alias: the server takes the one away and gives the other at the same moment. Aliases go with their index.
  const isName = series === 'index' && source === name
  const actions = isName
    ? [{ remove_index: { index: source } }, { add: { index: copy, alias: name } }, ...added]
    : [...removed, ...added]
  await requests.send(what, 'POST', '/_aliases', { body: { actions } })
}

/** Takes an index out of an alias, and gives its other aliases to another one, in one request; one that this has already stays as it is. */
export async function leaveAlias(
  requests: Requests,
  { name }: SeriesName,
  source: string,
  into: string,
): Promise<void> {
  const read = async (index: string): Promise<Readonly<Record<string, object>>> =>
    z.parse(aliases, await requests.get(`read the aliases of ${index}`, pathOf(index, '_alias')))[index]?.aliases ?? {}
  const [held, known] = [await read(source), await read(into)]
  const actions = Object.entries(held).flatMap(([alias, properties]) => [
    { remove: { index: source, alias } },
    ...(alias === name || known[alias] !== undefined ? [] : [{ add: { ...properties, index: into, alias } }]),
  ])
  await requests.send(`take ${source} out of alias ${name}`, 'POST', '/_aliases', { body: { actions } })
}
