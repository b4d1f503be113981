import * as z from 'zod/mini'
import { pathOf, type Requests } from './driver-requests.ts'
import type { Canary, CanaryReport } from './health-ports.ts'

const named = z.object({ index_templates: z.array(z.object({ name: z.string() })) })
const written = z.object({ _index: z.string() })
const found = z.object({ hits: z.object({ total: z.object({ value: z.number() }) }) })
const analyzed = z.object({ tokens: z.array(z.object({ token: z.string() })) })

/** Higher than any template that a person would create: the canary's own template must apply. */
const priority = 100_000

/** A canary of this age belongs to a run that has ended, in milliseconds. */
const abandoned = 10 * 60_000

/** Creates a data stream, writes a sentence, searches for it, and removes the stream even after a failure. */
export async function tryCanary(requests: Requests, canary: Canary): Promise<CanaryReport> {
  const cleared = await clearAbandoned(requests, canary.name)
  try {
    await putTemplate(requests, canary)
    const { sentence, name } = canary
    const { _index } = z.parse(written, await write(requests, name, sentence))
    const wrong = [
      ...(await searchFor(requests, canary, canary.finding, true)),
      ...(await searchFor(requests, canary, canary.missing, false)),
    ]
    const path = pathOf(_index, '_analyze')
    const { tokens } = z.parse(
      analyzed,
      await requests.ask('analyze a sentence', path, { field: 'text', text: sentence }),
    )
    return { wrong, terms: tokens.map(({ token }) => token), cleared }
  } finally {
    await remove(requests, canary.name)
  }
}

async function putTemplate(requests: Requests, canary: Canary): Promise<void> {
  const { name, components, analyzers } = canary
  const text = analyzers === null ? {} : { analyzer: analyzers.index, search_analyzer: analyzers.search }
  const body = {
    index_patterns: [name],
    data_stream: { hidden: true },
    composed_of: components,
    priority,
    template: {
      settings: { number_of_shards: 1, number_of_replicas: 0 },
      mappings: { properties: { '@timestamp': { type: 'date' }, text: { type: 'text', ...text } } },
    },
    _meta: { managed_by: 'wwdb setup verify', description: 'made and removed by wwdb setup verify' },
  }
  await requests.send(`put index template ${name}`, 'PUT', pathOf('_index_template', name), { body })
}

async function write(requests: Requests, name: string, text: string): Promise<unknown> {
  const body = { '@timestamp': new Date().toISOString(), text }
  const query = { op_type: 'create', refresh: true }
  return requests.send(`write to data stream ${name}`, 'POST', pathOf(name, '_doc'), { body, query, repeats: 0 })
}

/** All terms of a text must match: a partial match does not count. Returns what went wrong. */
async function searchFor(
  requests: Requests,
  { name }: Canary,
  texts: readonly string[],
  isThere: boolean,
): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const text of texts) {
    const body = { query: { match: { text: { query: text, operator: 'and' } } }, size: 0 }
    const { hits } = z.parse(found, await requests.ask('search', pathOf(name, '_search'), body))
    if (hits.total.value > 0 !== isThere) wrong.push(`${text} is ${isThere ? 'not found' : 'found and should not be'}`)
  }
  return wrong
}

async function remove(requests: Requests, name: string): Promise<void> {
  const stream = await requests.find(`read data stream ${name}`, pathOf('_data_stream', name))
  if (stream !== null) await requests.send(`remove data stream ${name}`, 'DELETE', pathOf('_data_stream', name))
  const template = await requests.find(`read index template ${name}`, pathOf('_index_template', name))
  if (template !== null) await requests.send(`remove index template ${name}`, 'DELETE', pathOf('_index_template', name))
}

/** Its name ends with its creation time, in base 36. */
async function clearAbandoned(requests: Requests, name: string): Promise<readonly string[]> {
  const stem = name.slice(0, name.lastIndexOf('-') + 1)
  const made = (one: string): number => Number.parseInt(one.slice(stem.length), 36)
  const answer = await requests.find('list older canaries', pathOf('_index_template', `${stem}*`))
  const names = answer === null ? [] : z.parse(named, answer).index_templates.map((one) => one.name)
  const old = names.filter((one) => made(name) - made(one) > abandoned)
  for (const one of old) await remove(requests, one)
  return old
}
