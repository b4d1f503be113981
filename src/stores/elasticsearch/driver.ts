import { Client } from '@elastic/elasticsearch'
import * as z from 'zod/mini'
import type { TlsConfig } from '../../config/config.ts'
import type { Secret } from '../../config/secret.ts'
import { hideSecrets } from '../hide-secrets.ts'
import { tlsOptions } from '../tls.ts'
import type { TemplateContent } from './declaration.ts'
import { signIn } from './driver-access.ts'
import { tryCanary } from './driver-canary.ts'
import { describeIndices } from './driver-facts.ts'
import { readEverything } from './driver-import.ts'
import { lockDocument } from './driver-lock.ts'
import { observe } from './driver-observe.ts'
import { copyDriver } from './driver-reindex.ts'
import { createRequests, pathOf, type Requests } from './driver-requests.ts'
import { hasPipeline, listConflicts } from './driver-series.ts'
import { readSnapshotRuns, tryRepository } from './driver-snapshots.ts'
import { listResources, removeResource, write } from './driver-write.ts'
import type { ClusterHealth } from './health-ports.ts'
import type { ElasticsearchDriver, Simulation } from './ports.ts'

/** Elasticsearch 8 or later over its HTTP interface. Connects with the first request. */
export function connect(connection: ElasticsearchConnection): ElasticsearchDriver {
  const client = createClient(connection)
  const requests = createRequests(client, connection.label, connection.endpoints.length)
  return {
    readEverything: (kinds) => readEverything(requests, kinds),
    observe: (names) => observe(requests, names),
    simulate: async (name, body) => {
      const what = `put together index template ${name}`
      return toSimulation(await requests.ask(what, pathOf('_index_template', '_simulate', name), body))
    },
    simulateContent: (name, content) => simulateContent(requests, name, content),
    simulateIndex: async (name) => {
      const what = `put together a new index ${name}`
      return toSimulation(await requests.ask(what, pathOf('_index_template', '_simulate_index', name)))
    },
    describeIndices: (names) => describeIndices(requests, names),
    write: (change) => write(requests, change),
    listConflicts: (name) => listConflicts(requests, name),
    hasPipeline: (name) => hasPipeline(requests, name),
    tryRepository: (name) => tryRepository(requests, name),
    readSnapshotRuns: () => readSnapshotRuns(requests),
    readHealth: (names) => readHealth(requests, names),
    signIn: (user, password) => signIn(requests, user, password),
    tryCanary: (canary) => tryCanary(requests, canary),
    list: (kind, prefix) => listResources(requests, kind, prefix),
    remove: (kind, name) => removeResource(requests, kind, name),
    copy: copyDriver(requests),
    lock: (prefix) => lockDocument(requests, prefix),
    close: () => client.close(),
  }
}

const json = z.record(z.string(), z.unknown())

/** Nothing at all where no template matches the name. */
const simulation = z.object({
  template: z.optional(z.object({ settings: z.optional(json), mappings: z.optional(json) })),
  overlapping: z.optional(z.array(z.object({ name: z.string() }))),
})

function toSimulation(answer: unknown): Simulation {
  const { template, overlapping } = z.parse(simulation, answer)
  return {
    settings: template?.settings ?? {},
    mappings: template?.mappings ?? {},
    overlapping: (overlapping ?? []).map(({ name }) => name),
  }
}

/** Higher than the priority of any template that somebody writes. */
const highest = Number.MAX_SAFE_INTEGER

/** A template of its own that makes nothing but this index. */
async function simulateContent(
  requests: Requests,
  name: string,
  { settings, mappings }: TemplateContent,
): Promise<TemplateContent> {
  const body = { index_patterns: [name], priority: highest, template: { settings, mappings } }
  return toSimulation(await requests.ask(`put together index ${name}`, '/_index_template/_simulate', body))
}

const health = z.object({ status: z.string(), number_of_nodes: z.number() })
const status = z.object({ operation_mode: z.string() })
const stuck = z.object({
  indices: z.record(
    z.string(),
    z.object({
      failed_step: z.optional(z.string()),
      step_info: z.optional(z.object({ reason: z.optional(z.string()) })),
    }),
  ),
})

async function readHealth(requests: Requests, names: readonly string[]): Promise<ClusterHealth> {
  const [cluster, mode] = await Promise.all([
    requests.get('read the health of the cluster', '/_cluster/health'),
    requests.find('read the status of lifecycle management', '/_ilm/status'),
  ])
  const { status: color, number_of_nodes } = z.parse(health, cluster)
  return {
    status: color,
    nodes: number_of_nodes,
    lifecycle: mode === null ? null : z.parse(status, mode).operation_mode,
    stuck: await findStuck(requests, names),
  }
}

/** Null if the server does not report it. */
async function findStuck(requests: Requests, names: readonly string[]): Promise<readonly string[] | null> {
  const found: string[] = []
  for (const name of names) {
    const path = pathOf(name, '_ilm', 'explain')
    const answer = await requests.find(`read the lifecycle of ${name}`, path, { only_errors: true })
    if (answer === null) return null
    for (const [index, { failed_step, step_info }] of Object.entries(z.parse(stuck, answer).indices)) {
      found.push(`${index} at ${failed_step ?? 'a step'}: ${hideSecrets(step_info?.reason ?? 'no reason given')}`)
    }
  }
  return found
}

/** Where an Elasticsearch is and who logs in: what the configuration knows about a store. */
export interface ElasticsearchConnection {
  readonly endpoints: readonly { readonly host: string; readonly port: number }[]
  readonly secure: boolean
  /** The path at a proxy; empty without one. */
  readonly path: string
  readonly user: string | null
  readonly password: Secret | null
  /** An API key, encoded as the server returned it. It has precedence over user and password. */
  readonly token: Secret | null
  readonly tls: TlsConfig | null
  /** Hosts and ports, to name it to people. */
  readonly label: string
}

/** Milliseconds for one request, long enough for a busy cluster to publish a change. */
const requestTimeout = 30_000

/** A client that asks one node after the other until one answers. */
function createClient(connection: ElasticsearchConnection): Client {
  const { endpoints, secure, path, user, password, token, tls } = connection
  const named = user === null ? {} : { auth: { username: user, password: password?.reveal() ?? '' } }
  return new Client({
    nodes: endpoints.map(({ host, port }) => {
      const place = `${host.includes(':') ? `[${host}]` : host}:${port}`
      return `${secure ? 'https' : 'http'}://${place}/${path}`
    }),
    ...(token === null ? named : { auth: { apiKey: token.reveal() } }),
    ...(secure ? { tls: { ...tlsOptions(tls) } } : {}),
    requestTimeout,
    // --debug shows what the libraries' errors contain of a request.
    redaction: { type: 'remove' },
    enableMetaHeader: false,
  })
}
