import * as z from 'zod/mini'
import { ToolError } from '../../core/tool-error.ts'
import { hideSecrets } from '../hide-secrets.ts'
import { pathOf, type Requests } from './driver-requests.ts'
import { readVersion } from './driver-version.ts'
import { inGroups } from './in-groups.ts'
import type { ObservedSynonyms } from './plain-ports.ts'
import { knows } from './since.ts'

const set = z.object({ count: z.number(), synonyms_set: z.array(z.object({ id: z.string(), synonyms: z.string() })) })
const sets = z.object({ count: z.number(), results: z.array(z.object({ synonyms_set: z.string() })) })

/** The most that the server returns at once. */
const most = 10_000

/** What the server returned of a set. */
interface ReadSet {
  readonly rules: ObservedSynonyms
  /** How many rules it has. */
  readonly count: number
}

/**
 * The rules of a set by their IDs; null where there is none.
 * @throws ToolError STORE_REFUSED where the server does not return all of them: what is not seen is not compared.
 */
export async function readSynonyms(requests: Requests, name: string): Promise<ObservedSynonyms | null> {
  const found = await readSet(requests, name)
  if (found === null || found.rules.length >= found.count) return found?.rules ?? null
  throw new ToolError('STORE_REFUSED', {
    what: `Synonyms set \`${name}\` cannot be compared: it has ${found.count} rules, and the server returns ${found.rules.length}.`,
    where: { server: requests.server },
    why: 'Rules that are not seen would be removed unseen.',
    next: 'Divide it into several sets, or take it out of the declarations.',
  })
}

/** Page by page; an older server returns no page after the first one. */
async function readSet(requests: Requests, name: string): Promise<ReadSet | null> {
  const what = `read synonyms set ${name}`
  const path = pathOf('_synonyms', name)
  const answer = await requests.find(what, path, { size: most })
  if (answer === null) return null
  const first = z.parse(set, answer)
  const rules = new Map(first.synonyms_set.map((rule) => [rule.id, rule]))
  let { count } = first
  while (rules.size < count) {
    const before = rules.size
    const next = await requests.find(what, path, { size: most, from: before }).catch(unlessRefused)
    if (next === null) break
    const page = z.parse(set, next)
    count = page.count
    for (const rule of page.synonyms_set) rules.set(rule.id, rule)
    if (rules.size === before) break
  }
  return { rules: [...rules.values()], count }
}

function unlessRefused(error: unknown): null {
  if (error instanceof ToolError && error.code === 'STORE_REFUSED') return null
  throw error
}

/** Empty also where the server has no synonyms sets at all: an older one takes the request for one about an index, and refuses it. */
export async function listSynonyms(requests: Requests): Promise<readonly string[]> {
  try {
    const answer = await requests.find('list synonyms sets', '/_synonyms', { size: most })
    return answer === null ? [] : z.parse(sets, answer).results.map(({ synonyms_set }) => synonyms_set)
  } catch (error) {
    unlessRefused(error)
    if (knows(await readVersion(requests), 'synonyms sets')) throw error
    return []
  }
}

/** All of them by name, as far as they are there when they are read. One with more rules than the server returns is not what wwdb wrote. */
export async function readAllSynonyms(requests: Requests): Promise<ReadonlyMap<string, ObservedSynonyms>> {
  const read = await readAllSets(requests)
  return new Map([...read].map(([name, { rules }]) => [name, rules]))
}

async function readAllSets(requests: Requests): Promise<ReadonlyMap<string, ReadSet>> {
  const names = await listSynonyms(requests)
  const found = await inGroups(names, async (name) => [name, await readSet(requests, name)] as const)
  return new Map(found.flatMap(([name, one]) => (one === null ? [] : [[name, one] as const])))
}

/** What an import sees of them. */
export interface VisibleSynonyms {
  /** Null where this user may not read them. */
  readonly synonyms: ReadonlyMap<string, ObservedSynonyms> | null
  /** Sets with more rules than the server returns. */
  readonly cutSynonyms: readonly string[]
}

/** The same for an import, which goes on without those that it cannot read. */
export async function readVisibleSynonyms(requests: Requests): Promise<VisibleSynonyms> {
  try {
    const read = [...(await readAllSets(requests))]
    const isWhole = ({ rules, count }: ReadSet): boolean => rules.length >= count
    return {
      synonyms: new Map(read.filter(([, one]) => isWhole(one)).map(([name, { rules }]) => [name, rules])),
      cutSynonyms: read.filter(([, one]) => !isWhole(one)).map(([name]) => name),
    }
  } catch (error) {
    if (error instanceof ToolError && error.code === 'STORE_ACCESS_DENIED') return { synonyms: null, cutSynonyms: [] }
    throw error
  }
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

const reason = z.object({ reason: z.optional(z.nullable(z.string())) })
const failures = z._default(
  z.array(z.object({ index: z.optional(z.nullable(z.string())), reason: z.optional(reason) })),
  [],
)
const written = z.object({
  reload_analyzers_details: z.optional(
    z.nullable(z.object({ _shards: z.object({ total: z.number(), failed: z.number(), failures }) })),
  ),
})

/**
 * Replaces all rules of the set, and lets the analyzers of indices read them again.
 * @throws ToolError STORE_REFUSED where shards did not: their searches go by the rules from before, and the set is as declared all the same.
 */
export async function writeSynonyms(requests: Requests, name: string, rules: ObservedSynonyms): Promise<void> {
  const body = { synonyms_set: rules }
  const answer = await requests.send(`put synonyms set ${name}`, 'PUT', pathOf('_synonyms', name), { body })
  const shards = z.parse(written, answer).reload_analyzers_details?._shards
  if (shards === undefined || shards.failed === 0) return
  const indices = [...new Set(shards.failures.flatMap(({ index }) => index ?? []))]
  const first = shards.failures.find((failure) => failure.reason?.reason)?.reason?.reason ?? 'The server gave no reason'
  throw new ToolError('STORE_REFUSED', {
    what: `Synonyms set \`${name}\` is written, but ${shards.failed} of ${shards.total} shards did not read it again, and search by the rules from before.`,
    where: { server: requests.server },
    why: `${hideSecrets(first).replace(/\.$/, '')}.`,
    next: `Correct the cause, then send \`POST ${indices.length === 0 ? '' : `/${indices.join(',')}`}/_reload_search_analyzers\`: another run does not, as the rules are as declared. The changes after this one were not applied.`,
  })
}
