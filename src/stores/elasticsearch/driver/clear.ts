import * as z from 'zod/mini'
import { pathOf, type Requests } from './requests.ts'

const streams = z.object({ data_streams: z.array(z.object({ name: z.string() })) })
const indices = z.record(z.string(), z.unknown())
const templates = z.object({ index_templates: z.array(z.object({ name: z.string() })) })
const components = z.object({ component_templates: z.array(z.object({ name: z.string() })) })

interface Group {
  readonly kind: string
  readonly list: (requests: Requests, prefix: string) => Promise<readonly string[]>
  readonly path: (name: string) => string
}

/** What uses another comes before it: the server removes nothing that is in use. */
const groups: readonly Group[] = [
  {
    kind: 'data stream',
    list: async (requests, prefix) => {
      const query = { expand_wildcards: 'all' }
      const answer = await requests.find('list data streams', pathOf('_data_stream', `${prefix}*`), query)
      return answer === null ? [] : z.parse(streams, answer).data_streams.map(({ name }) => name)
    },
    path: (name) => pathOf('_data_stream', name),
  },
  {
    kind: 'index',
    list: async (requests, prefix) => {
      const query = { expand_wildcards: 'all', flat_settings: true }
      const answer = await requests.find('list indices', pathOf(`${prefix}*`, '_settings', 'index.uuid'), query)
      return answer === null ? [] : Object.keys(z.parse(indices, answer))
    },
    path: (name) => pathOf(name),
  },
  {
    kind: 'index template',
    list: async (requests, prefix) => {
      const answer = await requests.find('list index templates', pathOf('_index_template', `${prefix}*`))
      return answer === null ? [] : z.parse(templates, answer).index_templates.map(({ name }) => name)
    },
    path: (name) => pathOf('_index_template', name),
  },
  {
    kind: 'component template',
    list: async (requests, prefix) => {
      const answer = await requests.find('list component templates', pathOf('_component_template', `${prefix}*`))
      return answer === null ? [] : z.parse(components, answer).component_templates.map(({ name }) => name)
    },
    path: (name) => pathOf('_component_template', name),
  },
  {
    kind: 'lifecycle policy',
    list: async (requests) => {
      const answer = await requests.find('list lifecycle policies', '/_ilm/policy')
      return answer === null ? [] : Object.keys(z.parse(indices, answer))
    },
    path: (name) => pathOf('_ilm', 'policy', name),
  },
]

/** Removes what begins with the prefix, users before what they use; returns what that was: `data stream pr_1_logs`. */
export async function clear(requests: Requests, prefix: string): Promise<readonly string[]> {
  const removed: string[] = []
  for (const group of groups) {
    const names = await group.list(requests, prefix)
    for (const name of names.filter((one) => one.startsWith(prefix))) {
      await requests.send(`remove ${group.kind} ${name}`, 'DELETE', group.path(name))
      removed.push(`${group.kind} ${name}`)
    }
  }
  return removed
}
