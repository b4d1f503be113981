import * as z from 'zod/mini'
import type { Simulation } from '../observation.ts'
import type { ClusterHealth, ElasticsearchDriver } from '../ports.ts'
import { tryCanary } from './canary.ts'
import { clear } from './clear.ts'
import { createClient, type ElasticsearchConnection } from './connection.ts'
import { describeIndices } from './index-facts.ts'
import { observe } from './observe.ts'
import { perform } from './perform.ts'
import { createRequests, pathOf, type Requests } from './requests.ts'

/** Elasticsearch 8 or later over its HTTP interface. Connects with the first request. */
export function openElasticsearch(connection: ElasticsearchConnection): ElasticsearchDriver {
  const client = createClient(connection)
  const requests = createRequests(client, connection.label, connection.endpoints.length)
  return {
    server: connection.label,
    observe: (names) => observe(requests, names),
    simulate: async (name, body) => {
      const what = `put together index template ${name}`
      return toSimulation(await requests.ask(what, pathOf('_index_template', '_simulate', name), body))
    },
    simulateIndex: async (name) => {
      const what = `put together a new index ${name}`
      return toSimulation(await requests.ask(what, pathOf('_index_template', '_simulate_index', name)))
    },
    describeIndices: (names) => describeIndices(requests, names),
    perform: (deed) => perform(requests, deed),
    readHealth: (names) => readHealth(requests, names),
    tryCanary: (canary) => tryCanary(requests, canary),
    clear: (prefix) => clear(requests, prefix),
    close: () => client.close(),
  }
}

const json = z.record(z.string(), z.unknown())

const simulation = z.object({
  template: z.object({ settings: z.optional(json), mappings: z.optional(json) }),
  overlapping: z.optional(z.array(z.object({ name: z.string() }))),
})

function toSimulation(answer: unknown): Simulation {
  const { template, overlapping } = z.parse(simulation, answer)
  return {
    settings: template.settings ?? {},
    mappings: template.mappings ?? {},
    overlapping: (overlapping ?? []).map(({ name }) => name),
  }
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
    requests.get('look at the health of the cluster', '/_cluster/health'),
    requests.find('look at lifecycle management', '/_ilm/status'),
  ])
  const { status: colour, number_of_nodes } = z.parse(health, cluster)
  return {
    status: colour,
    nodes: number_of_nodes,
    lifecycle: mode === null ? null : z.parse(status, mode).operation_mode,
    stuck: await findStuck(requests, names),
  }
}

/** Null where the server does not tell. */
async function findStuck(requests: Requests, names: readonly string[]): Promise<readonly string[] | null> {
  const found: string[] = []
  for (const name of names) {
    const path = pathOf(name, '_ilm', 'explain')
    const answer = await requests.find(`look at the lifecycle of ${name}`, path, { only_errors: true })
    if (answer === null) return null
    for (const [index, { failed_step, step_info }] of Object.entries(z.parse(stuck, answer).indices)) {
      found.push(`${index} at ${failed_step ?? 'a step'}: ${step_info?.reason ?? 'no reason given'}`)
    }
  }
  return found
}
