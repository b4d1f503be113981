import * as z from 'zod/mini'
import { ToolError } from '../../core/tool-error.ts'
import { flattenSettings } from './compare-trees.ts'
import { notAnswered, readLiveIndex } from './driver-copy.ts'
import { pathOf, type Requests } from './driver-requests.ts'
import type { CloneState } from './reindex-ports.ts'

const replicaSettings = ['index.number_of_replicas', 'index.auto_expand_replicas']

const cloned = z.object({ acknowledged: z.boolean() })

/** Makes a hidden index that takes no writes, with the same documents, of one whose writes are blocked, with an alias as its mark. Its shards may not be there yet. */
export async function cloneIndex(requests: Requests, source: string, clone: string, mark: string): Promise<void> {
  const own = flattenSettings((await readLiveIndex(requests, source))?.settings ?? {})
  // All other settings are those of the source.
  const replicas = replicaSettings.flatMap((key) => (own.has(key) ? [[key, own.get(key)] as const] : []))
  const settings = { ...Object.fromEntries(replicas), 'index.hidden': true, 'index.blocks.write': true }
  const answer = await requests.send(`clone index ${source} as ${clone}`, 'PUT', pathOf(source, '_clone', clone), {
    body: { settings, aliases: { [mark]: { is_hidden: true } } },
    query: { wait_for_active_shards: 0, timeout: '25s' },
    repeats: 0,
  })
  if (!z.parse(cloned, answer).acknowledged)
    throw notAnswered(clone, requests.server, 'Not all nodes have taken it over within 25 seconds after it was made.')
}

const health = z.object({
  indices: z.record(
    z.string(),
    z.object({
      shards: z.record(z.string(), z.object({ primary_active: z.boolean(), initializing_shards: z.number() })),
    }),
  ),
})

/** Whether the files of a clone are there: they share space with those of its source, or a node copies them. */
export async function readClone(requests: Requests, clone: string): Promise<CloneState> {
  const path = pathOf('_cluster', 'health', clone)
  const answer = await requests.get(`read the health of ${clone}`, path, { level: 'shards' })
  const shards = Object.entries(z.parse(health, answer).indices[clone]?.shards ?? {})
  const missing = shards.filter(([, { primary_active }]) => !primary_active)
  if (shards.length > 0 && missing.length === 0) return { type: 'there' }
  const [unassigned] = missing.filter(([, { initializing_shards }]) => initializing_shards === 0)
  return unassigned === undefined ? { type: 'copying' } : { type: 'unassigned', shard: Number(unassigned[0]) }
}

const explained = z.object({
  allocate_explanation: z.optional(z.string()),
  node_allocation_decisions: z._default(
    z.array(
      z.object({
        node_name: z.string(),
        deciders: z._default(z.array(z.object({ decision: z.string(), explanation: z.string() })), []),
      }),
    ),
    [],
  ),
})

/** Why no node takes a shard, as the node says that comes closest to it: the one that has the source. Null where the server does not say so. */
export async function explainClone(requests: Requests, clone: string, shard: number): Promise<string | null> {
  const body = { index: clone, shard, primary: true }
  const answer = await requests.ask(`ask why ${clone} is not there`, '/_cluster/allocation/explain', body)
  const { node_allocation_decisions: nodes, allocate_explanation: summary } = z.parse(explained, answer)
  const refusals = nodes
    .map(({ node_name, deciders }) => ({ node_name, no: deciders.filter(({ decision }) => decision === 'NO') }))
    .filter(({ no }) => no.length > 0)
    .toSorted((one, other) => one.no.length - other.no.length)
  const [closest] = refusals
  if (closest === undefined) return summary ?? null
  return `node ${closest.node_name}: ${closest.no.map(({ explanation }) => explanation).join('; ')}`
}

const running = z.object({
  snapshots: z.array(
    z.object({
      snapshot: z.string(),
      repository: z.string(),
      indices: z._default(z.record(z.string(), z.unknown()), {}),
    }),
  ),
})

/** Snapshots that are being taken of an index, as `repository:snapshot`; none for a user who may not see them. */
export async function listRunningSnapshots(requests: Requests, index: string): Promise<readonly string[]> {
  const answer = await requests.find('list running snapshots', '/_snapshot/_status').catch(unlessDenied)
  const { snapshots } = z.parse(running, answer ?? { snapshots: [] })
  return snapshots
    .filter(({ indices }) => indices[index] !== undefined)
    .map(({ repository, snapshot }) => `${repository}:${snapshot}`)
}

function unlessDenied(error: unknown): null {
  if (error instanceof ToolError && error.code === 'STORE_ACCESS_DENIED') return null
  throw error
}
