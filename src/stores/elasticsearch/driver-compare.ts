import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod/mini'
import { ToolError } from '../../core/tool-error.ts'
import { isObject, normalText } from './compare-trees.ts'
import { pathOf, type Requests } from './driver-requests.ts'
import type { CopyWindow } from './reindex-ports.ts'

const hit = z.object({
  _id: z.string(),
  _routing: z.optional(z.string()),
  _version: z.optional(z.number()),
  _source: z.optional(z.unknown()),
  sort: z.optional(z.array(z.unknown())),
})

type Hit = z.infer<typeof hit>

const page = z.object({ pit_id: z.optional(z.string()), hits: z.object({ hits: z.array(hit) }) })
const opened = z.object({ id: z.string() })

/** Documents that are read and looked up together, with their content and by their IDs alone. */
const [pageOfDocuments, pageOfIds] = [1000, 5000]

/** Reads an index in the state of one moment, a page after the other, until a visit returns false. */
async function walk(
  requests: Requests,
  index: string,
  search: Readonly<Record<string, unknown>>,
  visit: (hits: readonly Hit[]) => Promise<boolean>,
): Promise<void> {
  const what = `read documents of ${index}`
  const point = await requests.ask(what, `${pathOf(index, '_pit')}?keep_alive=5m`)
  let { id } = z.parse(opened, point)
  try {
    for (let after: readonly unknown[] | undefined; ; ) {
      const body = {
        ...search,
        track_total_hits: false,
        pit: { id, keep_alive: '5m' },
        sort: [{ _shard_doc: 'asc' }],
        ...(after === undefined ? {} : { search_after: after }),
      }
      const { pit_id, hits } = z.parse(page, await requests.ask(what, '/_search', body))
      id = pit_id ?? id
      if (hits.hits.length === 0) return
      if (!(await visit(hits.hits))) return
      after = hits.hits.at(-1)?.sort
    }
  } finally {
    await requests.send('close a search', 'DELETE', '/_pit', { body: { id } }).catch(() => undefined)
  }
}

const looked = z.object({
  docs: z.array(
    z.object({
      _id: z.string(),
      found: z.optional(z.boolean()),
      _version: z.optional(z.number()),
      _source: z.optional(z.unknown()),
    }),
  ),
})

type Looked = z.infer<typeof looked>['docs'][number]

/** The same documents of another index, in the same order. */
async function lookUp(
  requests: Requests,
  index: string,
  hits: readonly Hit[],
  withSource: boolean,
): Promise<readonly (readonly [Hit, Looked])[]> {
  const docs = hits.map(({ _id, _routing }) => ({
    _id,
    _source: withSource,
    ...(_routing === undefined ? {} : { routing: _routing }),
  }))
  const answer = await requests.ask(`look up documents of ${index}`, pathOf(index, '_mget'), { docs })
  return z.parse(looked, answer).docs.flatMap((doc, place): (readonly [Hit, Looked])[] => {
    const asked = hits[place]
    return asked === undefined ? [] : [[asked, doc]]
  })
}

function isSame(one: Hit, other: Looked): boolean {
  return (
    other.found === true && other._version === one._version && normalText(other._source) === normalText(one._source)
  )
}

/**
 * A document that was deleted and created again begins with a low version, which the task takes for an older one. So what was written since the copy
 * began is compared, and written again where it differs.
 */
export async function repairWindow(requests: Requests, { source, copy, from, to }: CopyWindow): Promise<number> {
  let repaired = 0
  const range = { gte: from, ...(to === null ? {} : { lt: to }) }
  const search = { size: pageOfDocuments, query: { range: { _seq_no: range } }, version: true }
  await walk(requests, source, search, async (hits) => {
    const pairs = await lookUp(requests, copy, hits, true)
    const wrong = pairs.filter(([one, other]) => !isSame(one, other)).map(([one]) => one)
    if (wrong.length === 0) return true
    await removeAll(requests, copy, wrong)
    await writeAgain(requests, copy, wrong)
    repaired += wrong.length
    return true
  })
  return repaired
}

function place({ _id, _routing }: Hit) {
  return { _id, ...(_routing === undefined ? {} : { routing: _routing }) }
}

async function removeAll(requests: Requests, copy: string, hits: readonly Hit[]): Promise<void> {
  await writeAll(
    requests,
    copy,
    hits.map((one) => ({ delete: place(one) })),
  )
}

/** Milliseconds between two attempts: a server's own clock of deletions goes in steps of 200 ms. */
const interval = 100

/** With `index.gc_deletes: 0s` the mark of a removed document goes with a refresh, once that clock has moved. */
const mostAttempts = 100

/** The mark of a removed document refuses one of a lower version, until it is gone. */
async function writeAgain(requests: Requests, copy: string, hits: readonly Hit[]): Promise<void> {
  let left = hits
  for (let attempt = 1; left.length > 0; attempt += 1) {
    const lines = left.flatMap((one) => [
      { index: { ...place(one), version: one._version, version_type: 'external' } },
      isObject(one._source) ? one._source : {},
    ])
    const refused = await writeAll(requests, copy, lines)
    left = left.filter(({ _id }) => refused.some((item) => item._id === _id))
    if (left.length === 0) return
    const [first] = refused
    if (first !== undefined && attempt === mostAttempts) throw notWritten(first, copy, requests)
    await pause(interval)
  }
}

const item = z.object({
  _id: z.string(),
  status: z.number(),
  error: z.optional(z.looseObject({ reason: z.string() })),
})

const written = z.object({ items: z.array(z.record(z.string(), item)) })

/** Returns what the server has in another version. */
async function writeAll(
  requests: Requests,
  index: string,
  lines: readonly object[],
): Promise<readonly z.infer<typeof item>[]> {
  const query = { refresh: true, pipeline: '_none' }
  const answer = await requests.send(`write documents of ${index}`, 'POST', pathOf(index, '_bulk'), { lines, query })
  const failed = z.parse(written, answer).items.flatMap((one) => Object.values(one).filter(isFailed))
  const [first] = failed.filter(({ status }) => status !== 409)
  if (first !== undefined) throw notWritten(first, index, requests)
  return failed
}

function notWritten({ _id, status, error }: z.infer<typeof item>, index: string, { server }: Requests): ToolError {
  return new ToolError('STORE_COPY_FAILED', {
    what: `Document \`${_id}\` could not be written to index \`${index}\`.`,
    where: { server },
    why: error?.reason ?? `The server answered ${status}.`,
    next: 'Correct the cause, then run the command again: it continues.',
  })
}

/** What is not there need not be removed. */
function isFailed({ status }: { readonly status: number }): boolean {
  return status >= 400 && status !== 404
}

/** Removes from the copy what its source does not have any more, at most so many documents: what follows them need not be read. */
export async function removeSurplus(
  requests: Requests,
  { source, copy, most }: { readonly source: string; readonly copy: string; readonly most: number },
): Promise<number> {
  let removed = 0
  await walk(requests, copy, { size: pageOfIds, _source: false }, async (hits) => {
    const pairs = await lookUp(requests, source, hits, false)
    const surplus = pairs.filter(([, other]) => other.found !== true).map(([one]) => one)
    if (surplus.length > 0) await removeAll(requests, copy, surplus)
    removed += surplus.length
    return removed < most
  })
  return removed
}

/** Documents chosen at random; returns the IDs of those that differ. */
export async function compareSample(
  requests: Requests,
  source: string,
  copy: string,
  size: number,
): Promise<readonly string[]> {
  const body = { size, version: true, query: { function_score: { random_score: {} } } }
  const answer = await requests.ask(`read a sample of ${source}`, pathOf(source, '_search'), body)
  const { hits } = z.parse(page, answer).hits
  if (hits.length === 0) return []
  const pairs = await lookUp(requests, copy, hits, true)
  return pairs.filter(([one, other]) => !isSame(one, other)).map(([one]) => one._id)
}
