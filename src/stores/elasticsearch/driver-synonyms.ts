import * as z from 'zod/mini'
import { ToolError } from '../../core/tool-error.ts'
import { pathOf, type Requests } from './driver-requests.ts'
import { inGroups } from './in-groups.ts'
import type { ObservedSynonyms } from './plain-ports.ts'

const set = z.object({ synonyms_set: z.array(z.object({ id: z.string(), synonyms: z.string() })) })
const sets = z.object({ results: z.array(z.object({ synonyms_set: z.string() })) })

/** The most that the server returns, and that a set may have. */
const most = 10_000

/** The rules of a set by their IDs; null where there is none. */
export async function readSynonyms(requests: Requests, name: string): Promise<ObservedSynonyms | null> {
  const answer = await requests.find(`read synonyms set ${name}`, pathOf('_synonyms', name), { size: most })
  return answer === null ? null : z.parse(set, answer).synonyms_set
}

/** Empty also where the server has no synonyms sets at all. */
export async function listSynonyms(requests: Requests): Promise<readonly string[]> {
  const answer = await requests.find('list synonyms sets', '/_synonyms', { size: most })
  return answer === null ? [] : z.parse(sets, answer).results.map(({ synonyms_set }) => synonyms_set)
}

/** All of them by name, as far as they are there when they are read. */
export async function readAllSynonyms(requests: Requests): Promise<ReadonlyMap<string, ObservedSynonyms>> {
  const names = await listSynonyms(requests)
  const found = await inGroups(names, async (name) => [name, await readSynonyms(requests, name)] as const)
  return new Map(found.flatMap(([name, rules]) => (rules === null ? [] : [[name, rules] as const])))
}

/** The same for an import, which goes on without them: null where this user may not read them. */
export async function readVisibleSynonyms(requests: Requests): Promise<ReadonlyMap<string, ObservedSynonyms> | null> {
  return readAllSynonyms(requests).catch((error: unknown) => {
    if (error instanceof ToolError && error.code === 'STORE_ACCESS_DENIED') return null
    throw error
  })
}

const settings = z.record(z.string(), z.object({ settings: z.record(z.string(), z.unknown()) }))

/** Which indices have an analyzer with which set: the server removes none of these. */
export async function findSynonymsUses(
  requests: Requests,
): Promise<readonly { readonly index: string; readonly set: string }[]> {
  const path = '/_settings/index.analysis.filter.*'
  const answer = await requests.find('list settings of indices', path, { expand_wildcards: 'all', flat_settings: true })
  return Object.entries(z.parse(settings, answer ?? {})).flatMap(([index, one]) =>
    Object.entries(one.settings).flatMap(([key, value]) =>
      key.endsWith('.synonyms_set') ? [value].flat().map((name) => ({ index, set: String(name) })) : [],
    ),
  )
}

/** Replaces all rules of the set, and lets the analyzers of indices read them again. */
export async function writeSynonyms(requests: Requests, name: string, rules: ObservedSynonyms): Promise<void> {
  const body = { synonyms_set: rules }
  await requests.send(`put synonyms set ${name}`, 'PUT', pathOf('_synonyms', name), { body })
}
