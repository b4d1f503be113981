import * as z from 'zod/mini'
import { pathOf, type Requests } from './driver-requests.ts'
import type { IndexFacts } from './ports.ts'

const documents = z.object({
  indices: z.record(
    z.string(),
    z.object({
      primaries: z.object({
        docs: z.optional(z.object({ count: z.number() })),
        store: z.optional(z.object({ size_in_bytes: z.number() })),
      }),
    }),
  ),
})

const settings = z.record(
  z.string(),
  z.object({
    settings: z.object({ 'index.creation_date': z.string(), 'index.lifecycle.name': z.optional(z.string()) }),
  }),
)

const lifecycles = z.object({
  indices: z.record(
    z.string(),
    z.object({
      lifecycle_date_millis: z.optional(z.number()),
      index_creation_date_millis: z.optional(z.number()),
      phase: z.optional(z.string()),
    }),
  ),
})

type Lifecycles = z.infer<typeof lifecycles>['indices']

/** Names per request: a path may be 4096 bytes long. */
const batch = 15

/** The known facts about indices, as far as these exist: documents, age, policy and phase. */
export async function describeIndices(requests: Requests, names: readonly string[]): Promise<readonly IndexFacts[]> {
  const facts: IndexFacts[] = []
  for (let start = 0; start < names.length; start += batch) {
    facts.push(...(await describeBatch(requests, names.slice(start, start + batch))))
  }
  return facts
}

async function describeBatch(requests: Requests, names: readonly string[]): Promise<readonly IndexFacts[]> {
  const list = names.join(',')
  const query = { ignore_unavailable: true, expand_wildcards: 'all' }
  const [counted, set, explained] = await Promise.all([
    requests.get('count documents', pathOf(list, '_stats', 'docs,store'), query),
    requests.get('look at the age of indices', pathOf(list, '_settings'), { ...query, flat_settings: true }),
    requests.find('look at the lifecycle of indices', pathOf(list, '_ilm', 'explain')),
  ])
  const counts = z.parse(documents, counted).indices
  const phases: Lifecycles = explained === null ? {} : z.parse(lifecycles, explained).indices
  return Object.entries(z.parse(settings, set)).map(([name, { settings }]) => {
    const created = Number(settings['index.creation_date'])
    const lifecycle = phases[name]
    const since = lifecycle?.lifecycle_date_millis ?? created
    return {
      name,
      documents: counts[name]?.primaries.docs?.count ?? 0,
      bytes: counts[name]?.primaries.store?.size_in_bytes ?? 0,
      since,
      counted: since > (lifecycle?.index_creation_date_millis ?? created) ? 'rollover' : 'creation',
      policy: settings['index.lifecycle.name'] ?? null,
      phase: lifecycle?.phase ?? null,
    }
  })
}
