import * as z from 'zod/mini'
import { ToolError } from '../../core/tool-error.ts'
import { pathOf, type Requests } from './driver-requests.ts'
import type { CopyRequest, CopyTask } from './reindex-ports.ts'

const started = z.object({ task: z.string() })

/** Starts a task, and is not repeated: two of them would copy the same documents. */
export async function startTask(requests: Requests, request: CopyRequest): Promise<string> {
  const { source, copy, only, rate, slices } = request
  const query = only === null || only === 'missing' ? {} : { query: queryOf(only) }
  const way = only === 'missing' ? { op_type: 'create' } : { version_type: 'external' }
  const body = {
    conflicts: 'proceed',
    source: { index: source, ...query },
    // The source was through its pipeline when it was written.
    dest: { index: copy, ...way, pipeline: '_none' },
  }
  const parameters = { wait_for_completion: false, requests_per_second: rate ?? -1, slices }
  const what = `reindex ${source} into ${copy}`
  const answer = await requests.send(what, 'POST', '/_reindex', { body, query: parameters, repeats: 0 })
  return z.parse(started, answer).task
}

function queryOf(only: Exclude<CopyRequest['only'], 'missing' | null>) {
  return 'ids' in only ? { ids: { values: only.ids } } : { range: { _seq_no: { gte: only.from } } }
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
  node_failures: z.optional(z.array(z.unknown())),
  task_failures: z.optional(z.array(z.unknown())),
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
  const answer = z.parse(tasks, await requests.get('list tasks', '/_tasks', query))
  const { nodes = {}, node_failures = [], task_failures = [] } = answer
  if (node_failures.length + task_failures.length > 0) throw unseen(requests.server)
  return Object.values(nodes)
    .flatMap((node) => Object.entries(node.tasks))
    .filter(([, one]) => one.parent_task_id === undefined && one.description?.includes(`to [${copy}]`) === true)
    .map(([id]) => id)
}

function unseen(server: string): ToolError {
  return new ToolError('STORE_COPY_FAILED', {
    what: 'Whether another task still copies into the new index is not known.',
    where: { server },
    why: 'A node of the cluster did not list its tasks.',
    next: 'Run the command again when all nodes answer: it continues.',
  })
}

export async function cancelTask(requests: Requests, id: string): Promise<void> {
  await requests.send(`cancel task ${id}`, 'POST', pathOf('_tasks', id, '_cancel'), { repeats: 0 })
}
