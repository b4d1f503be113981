import * as z from 'zod/mini'
import type { TemplateContent } from '../declaration.ts'
import type { ObservedSeries } from '../observation.ts'
import { pathOf, type Requests } from './requests.ts'

const json = z.record(z.string(), z.unknown())

const streams = z.object({
  data_streams: z.array(z.object({ indices: z.array(z.object({ index_name: z.string() })) })),
})

const aliases = z.record(
  z.string(),
  z.object({ aliases: z.record(z.string(), z.object({ is_write_index: z.optional(z.boolean()) })) }),
)

const indices = z.record(z.string(), z.object({ settings: json, mappings: json }))

/** A data stream with the index that takes its writes; null when there is none of that name. */
export async function observeStream(requests: Requests, name: string): Promise<ObservedSeries | null> {
  const answer = await requests.find(`look at data stream ${name}`, pathOf('_data_stream', name))
  const found = answer === null ? undefined : z.parse(streams, answer).data_streams[0]
  if (found === undefined) return null
  const names = found.indices.map(({ index_name }) => index_name)
  return { type: 'stream', indices: names, writeIndex: await readIndex(requests, names.at(-1)) }
}

/** An alias with its indices by number; the only one of them takes the writes even if it does not say so. */
export async function observeAlias(requests: Requests, name: string): Promise<ObservedSeries | null> {
  const answer = await requests.find(`look at alias ${name}`, pathOf('_alias', name))
  if (answer === null) return findWithoutAlias(requests, name)
  const found = Object.entries(z.parse(aliases, answer))
  if (found.length === 0) return null
  const names = found
    .map(([index]) => index)
    .toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true }))
  const marked = found.find(([, one]) => one.aliases[name]?.is_write_index === true)?.[0]
  const [only] = found
  const isOnly = found.length === 1 && only?.[1].aliases[name]?.is_write_index === undefined
  const writeIndex = marked ?? (isOnly ? only?.[0] : undefined)
  return { type: 'alias', indices: names, writeIndex: await readIndex(requests, writeIndex) }
}

/** Indices that an alias had before somebody removed it; null when there are none either. */
async function findWithoutAlias(requests: Requests, alias: string): Promise<ObservedSeries | null> {
  const query = { flat_settings: true }
  const answer = await requests.find(
    `look for indices of ${alias}`,
    pathOf(`${alias}-*`, '_settings', 'index.uuid'),
    query,
  )
  const names = Object.keys(z.parse(json, answer ?? {})).filter((name) => /^-\d{6}$/.test(name.slice(alias.length)))
  return names.length === 0 ? null : { type: 'alias', indices: names.toSorted(), writeIndex: null }
}

async function readIndex(
  requests: Requests,
  name: string | undefined,
): Promise<(TemplateContent & { readonly name: string }) | null> {
  if (name === undefined) return null
  const answer = z.parse(indices, await requests.get(`look at index ${name}`, pathOf(name)))[name]
  return answer === undefined ? null : { name, settings: answer.settings, mappings: answer.mappings }
}
