import * as z from 'zod/mini'
import { pathOf, type Requests } from './driver-requests.ts'
import type { ResourceKind } from './ports.ts'

const streams = z.object({ data_streams: z.array(z.object({ name: z.string() })) })
const indices = z.record(z.string(), z.unknown())
const templates = z.object({ index_templates: z.array(z.object({ name: z.string() })) })
const components = z.object({ component_templates: z.array(z.object({ name: z.string() })) })

interface Resources {
  readonly list: (requests: Requests, prefix: string) => Promise<readonly string[]>
  readonly path: (name: string) => string
}

const resources: Readonly<Record<ResourceKind, Resources>> = {
  'data stream': {
    list: async (requests, prefix) => {
      const query = { expand_wildcards: 'all' }
      const answer = await requests.find('list data streams', pathOf('_data_stream', `${prefix}*`), query)
      return answer === null ? [] : z.parse(streams, answer).data_streams.map(({ name }) => name)
    },
    path: (name) => pathOf('_data_stream', name),
  },
  index: {
    list: async (requests, prefix) => {
      const query = { expand_wildcards: 'all', flat_settings: true }
      const answer = await requests.find('list indices', pathOf(`${prefix}*`, '_settings', 'index.uuid'), query)
      return answer === null ? [] : Object.keys(z.parse(indices, answer))
    },
    path: (name) => pathOf(name),
  },
  'index template': {
    list: async (requests, prefix) => {
      const answer = await requests.find('list index templates', pathOf('_index_template', `${prefix}*`))
      return answer === null ? [] : z.parse(templates, answer).index_templates.map(({ name }) => name)
    },
    path: (name) => pathOf('_index_template', name),
  },
  'component template': {
    list: async (requests, prefix) => {
      const answer = await requests.find('list component templates', pathOf('_component_template', `${prefix}*`))
      return answer === null ? [] : z.parse(components, answer).component_templates.map(({ name }) => name)
    },
    path: (name) => pathOf('_component_template', name),
  },
  'lifecycle policy': {
    list: async (requests) => {
      const answer = await requests.find('list lifecycle policies', '/_ilm/policy')
      return answer === null ? [] : Object.keys(z.parse(indices, answer))
    },
    path: (name) => pathOf('_ilm', 'policy', name),
  },
}

/** Names of this kind that begin with the prefix. */
export async function listResources(
  requests: Requests,
  kind: ResourceKind,
  prefix: string,
): Promise<readonly string[]> {
  const names = await resources[kind].list(requests, prefix)
  return names.filter((name) => name.startsWith(prefix))
}

export async function removeResource(requests: Requests, kind: ResourceKind, name: string): Promise<void> {
  await requests.send(`remove ${kind} ${name}`, 'DELETE', resources[kind].path(name))
}
