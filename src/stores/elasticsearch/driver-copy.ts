import * as z from 'zod/mini'
import type { JsonObject } from './declaration.ts'
import { pathOf, type Requests } from './driver-requests.ts'
import { isExisting } from './errors.ts'
import type { CopyRequest, CopyTask } from './reindex-ports.ts'

/** Creates an index from its template, with these settings over it; nothing where it exists. */
export async function createCopy(requests: Requests, index: string, settings: JsonObject): Promise<void> {
  try {
    await requests.send(`create index ${index}`, 'PUT', pathOf(index), { body: { settings } })
  } catch (error) {
    if (!isExisting(error)) throw error
  }
}

const counted = z.object({ count: z.number() })

/** Counts documents that a search finds, after a refresh. */
export async function countDocuments(requests: Requests, index: string): Promise<number> {
  await refresh(requests, index)
  return z.parse(counted, await requests.get(`count documents of ${index}`, pathOf(index, '_count'))).count
}

async function refresh(requests: Requests, index: string): Promise<void> {
  await requests.send(`refresh ${index}`, 'POST', pathOf(index, '_refresh'))
}

const stored = z.object({ _all: z.object({ primaries: z.object({ store: z.object({ size_in_bytes: z.number() }) }) }) })

export async function readSize(requests: Requests, index: string): Promise<number> {
  const answer = await requests.get(`read the size of ${index}`, pathOf(index, '_stats', 'store'))
  return z.parse(stored, answer)._all.primaries.store.size_in_bytes
}

const shards = z.object({
  indices: z.record(
    z.string(),
    z.object({
      shards: z.record(
        z.string(),
        z.array(
          z.object({
            routing: z.object({ primary: z.boolean() }),
            seq_no: z.object({ global_checkpoint: z.number() }),
          }),
        ),
      ),
    }),
  ),
})

/** Every write with a smaller sequence number is finished, in all shards; what these wrote is found by a search after this. */
export async function readCheckpoint(requests: Requests, index: string): Promise<number> {
  const answer = await requests.get(`read the checkpoints of ${index}`, pathOf(index, '_stats'), { level: 'shards' })
  const copies = Object.values(z.parse(shards, answer).indices[index]?.shards ?? {}).flat()
  const primaries = copies.filter(({ routing }) => routing.primary)
  await refresh(requests, index)
  return Math.max(0, Math.min(...primaries.map(({ seq_no }) => seq_no.global_checkpoint)) + 1)
}

const started = z.object({ task: z.string() })

/** Starts a task, and is not repeated: two of them would copy the same documents. */
export async function startTask(requests: Requests, request: CopyRequest): Promise<string> {
  const { source, copy, from, rate, slices } = request
  const body = {
    conflicts: 'proceed',
    source: { index: source, ...(from === null ? {} : { query: { range: { _seq_no: { gte: from } } } }) },
    // The source was through its pipeline when it was written.
    dest: { index: copy, version_type: 'external', pipeline: '_none' },
  }
  const query = { wait_for_completion: false, requests_per_second: rate ?? -1, slices }
  const what = `reindex ${source} into ${copy}`
  return z.parse(started, await requests.send(what, 'POST', '/_reindex', { body, query, repeats: 0 })).task
}

const progress = z.object({
  total: z.number(),
  created: z.number(),
  updated: z.number(),
  version_conflicts: z.number(),
})

const failure = z.looseObject({
  id: z.optional(z.string()),
  cause: z.optional(z.looseObject({ reason: z.optional(z.string()) })),
  reason: z.optional(z.unknown()),
})

const task = z.object({
  completed: z.boolean(),
  task: z.object({ status: z.optional(progress) }),
  error: z.optional(z.looseObject({ reason: z.optional(z.nullable(z.string())) })),
  response: z.optional(
    z.extend(progress, {
      timed_out: z.optional(z.boolean()),
      canceled: z.optional(z.string()),
      failures: z.optional(z.array(failure)),
    }),
  ),
})

/** A task is done only where it reports that it copied everything: an answer with failures, or of a task that was canceled, is a failure. */
export async function readTask(requests: Requests, id: string): Promise<CopyTask> {
  const answer = await requests.find(`read task ${id}`, pathOf('_tasks', id))
  if (answer === null) return { type: 'gone' }
  const { completed, task: running, error, response } = z.parse(task, answer)
  if (!completed) {
    const { status } = running
    return { type: 'running', copied: status === undefined ? 0 : countSeen(status), total: status?.total ?? 0 }
  }
  if (error !== undefined) return { type: 'failed', why: error.reason ?? 'The server gave no reason' }
  if (response === undefined) return { type: 'gone' }
  const [first] = response.failures ?? []
  if (first !== undefined) return { type: 'failed', why: describeFailure(first) }
  if (response.canceled !== undefined) return { type: 'failed', why: `The task was canceled: ${response.canceled}` }
  const copied = countSeen(response)
  if (response.timed_out === true || copied < response.total) {
    return { type: 'failed', why: `The task ended after ${copied} of ${response.total} documents` }
  }
  return { type: 'done', copied, total: response.total }
}

/** A conflict is a document that the copy has already. */
function countSeen({ created, updated, version_conflicts }: z.infer<typeof progress>): number {
  return created + updated + version_conflicts
}

function describeFailure({ id, cause, reason }: z.infer<typeof failure>): string {
  const why = cause?.reason ?? (reason === undefined ? 'The server gave no reason' : JSON.stringify(reason))
  return id === undefined ? why : `Document ${id}: ${why}`
}

const tasks = z.object({
  nodes: z.optional(
    z.record(
      z.string(),
      z.object({
        tasks: z.record(
          z.string(),
          z.object({ description: z.optional(z.string()), parent_task_id: z.optional(z.string()) }),
        ),
      }),
    ),
  ),
})

/** IDs of running tasks that copy into the index. */
export async function listTasks(requests: Requests, copy: string): Promise<readonly string[]> {
  const query = { actions: 'indices:data/write/reindex', detailed: true }
  const { nodes = {} } = z.parse(tasks, await requests.get('list tasks', '/_tasks', query))
  return Object.values(nodes)
    .flatMap((node) => Object.entries(node.tasks))
    .filter(([, one]) => one.parent_task_id === undefined && one.description?.includes(`to [${copy}]`) === true)
    .map(([id]) => id)
}

export async function cancelTask(requests: Requests, id: string): Promise<void> {
  await requests.send(`cancel task ${id}`, 'POST', pathOf('_tasks', id, '_cancel'), { repeats: 0 })
}

/** The server returns when no write is under way any more. */
export async function blockWrites(requests: Requests, index: string): Promise<void> {
  await requests.send(`block writes to ${index}`, 'PUT', pathOf(index, '_block', 'write'))
}

export async function allowWrites(requests: Requests, index: string): Promise<void> {
  const body = { 'index.blocks.write': null }
  await requests.send(`allow writes to ${index}`, 'PUT', pathOf(index, '_settings'), { body })
}

/** Indices of an alias. */
export async function listIndices(requests: Requests, alias: string): Promise<readonly string[]> {
  const answer = await requests.find(`read alias ${alias}`, pathOf('_alias', alias))
  return answer === null ? [] : Object.keys(z.parse(aliases, answer))
}

/** Whether an index exists that no alias leads to. */
export async function isUnused(requests: Requests, index: string): Promise<boolean> {
  const answer = await requests.find(`read the aliases of ${index}`, pathOf(index, '_alias'))
  return answer !== null && Object.keys(z.parse(aliases, answer)[index]?.aliases ?? {}).length === 0
}

export async function indexExists(requests: Requests, index: string): Promise<boolean> {
  return (await requests.find(`look for index ${index}`, pathOf(index, '_settings', 'index.uuid'))) !== null
}

const aliases = z.record(z.string(), z.object({ aliases: z.record(z.string(), z.looseObject({})) }))

/** Gives all aliases of an index to its copy, in one request: no search and no write sees a moment without either. */
export async function switchAliases(requests: Requests, source: string, copy: string): Promise<void> {
  const answer = await requests.get(`read the aliases of ${source}`, pathOf(source, '_alias'))
  const held = Object.entries(z.parse(aliases, answer)[source]?.aliases ?? {})
  const actions = held.flatMap(([alias, properties]) => [
    { remove: { index: source, alias } },
    { add: { ...properties, index: copy, alias } },
  ])
  await requests.send(`let ${copy} take the place of ${source}`, 'POST', '/_aliases', { body: { actions } })
}
