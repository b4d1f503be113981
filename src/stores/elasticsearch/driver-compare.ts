import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod/mini'
import { ToolError } from '../../core/tool-error.ts'
import { isObject } from './compare-trees.ts'
import { notAnswered, refresh, requireShards } from './driver-copy.ts'
import { pathOf, type Requests } from './driver-requests.ts'
import { readTask, startTask } from './driver-task.ts'
import type { Comparison, CopyTask, CopyWindow } from './reindex-ports.ts'

const hit = z.object({
  _id: z.string(),
  _routing: z.optional(z.string()),
  /** May be larger than JavaScript's integers. */
  _version: z.optional(z.unknown()),
  _seq_no: z.optional(z.number()),
  _primary_term: z.optional(z.number()),
  _source: z.optional(z.unknown()),
  sort: z.optional(z.array(z.unknown())),
})

type Hit = z.infer<typeof hit>

const page = z.object({ pit_id: z.optional(z.string()), hits: z.object({ hits: z.array(hit) }) })
const opened = z.object({ id: z.string() })

/** Documents that are read and looked up together, with their content and by their IDs alone. */
const [pageOfDocuments, pageOfIds] = [1000, 5000]

/** An answer without the documents of a shard would show them as deleted. */
const whole = { allow_partial_search_results: false }

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
      const answer = await requests.askExactly(what, '/_search', body, whole)
      requireShards(answer, index, requests.server)
      const { pit_id, hits } = z.parse(page, answer)
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
    z.extend(hit, {
      found: z.optional(z.boolean()),
      error: z.optional(z.looseObject({ reason: z.optional(z.string()) })),
    }),
  ),
})

type Looked = z.infer<typeof looked>['docs'][number]

/** The same documents of another index, in the same order. A document that could not be read is not taken for one that is not there. */
async function lookUp(
  requests: Requests,
  index: string,
  hits: readonly Hit[],
  withSource: boolean,
): Promise<readonly (readonly [Hit, Looked])[]> {
  const docs = hits.map((one) => ({ ...place(one), _source: withSource }))
  const answer = await requests.askExactly(`look up documents of ${index}`, pathOf(index, '_mget'), { docs })
  const found = z.parse(looked, answer).docs
  const failed = found.find(({ error }) => error !== undefined)
  if (failed !== undefined || found.length !== hits.length) {
    const why = `Document \`${failed?._id ?? ''}\`: ${failed?.error?.reason ?? 'the server gave no reason'}.`
    throw notAnswered(index, requests.server, why)
  }
  return found.flatMap((doc, at): (readonly [Hit, Looked])[] => {
    const asked = hits[at]
    return asked === undefined ? [] : [[asked, doc]]
  })
}

function place({ _id, _routing }: Hit) {
  return { _id, ...(_routing === undefined ? {} : { routing: _routing }) }
}

/** The same version and the same content, to the last digit of a number. */
function isSame(one: Hit, other: Looked): boolean {
  return (
    other.found === true &&
    exactText(other._version) === exactText(one._version) &&
    exactText(other._source) === exactText(one._source)
  )
}

/** Equal values have equal texts: keys are sorted, and a number is not a text. */
function exactText(value: unknown): string | undefined {
  return JSON.stringify(value, (_, one: unknown) =>
    isObject(one) ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1))) : one,
  )
}

/**
 * A document that was deleted and created again begins with a low version, which the task takes for an older one. So what was written since the copy
 * began is compared, and the server copies it again where it differs: no document passes through here, where its numbers would be rounded.
 */
export async function repairWindow(requests: Requests, { from, to, ...sides }: CopyWindow): Promise<number> {
  const { source, copy, check } = sides
  let repaired = 0
  const range = { gte: from, ...(to === null ? {} : { lt: to }) }
  const search = { size: pageOfDocuments, query: { range: { _seq_no: range } }, version: true }
  await walk(requests, source, search, async (hits) => {
    const wrong = (await lookUp(requests, copy, hits, true)).filter(([one, other]) => !isSame(one, other))
    await check()
    if (wrong.length === 0) return true
    const present = wrong.flatMap(([one, other]) => (other.found === true ? [{ ...other, ...route(one) }] : []))
    await removeAll(requests, copy, present)
    const left = wrong.map(([one]) => one)
    await copyAgain(requests, sides, left)
    repaired += wrong.length
    return true
  })
  return repaired
}

function route({ _routing }: Hit) {
  return _routing === undefined ? {} : { _routing }
}

/** Milliseconds between two attempts: a server's own clock of deletions goes in steps of 200 ms. */
const interval = 200

/** With `index.gc_deletes: 0s` the mark of a removed document goes with a refresh, once that clock has moved. */
const mostAttempts = 50

/** The mark of a removed document refuses one of a lower version, until it is gone. */
async function copyAgain(requests: Requests, sides: Comparison, hits: readonly Hit[]): Promise<void> {
  const { source, copy, check } = sides
  let left = hits
  for (let attempt = 1; ; attempt += 1) {
    await refresh(requests, copy)
    await check()
    const only = { ids: left.map(({ _id }) => _id) }
    const task = await startTask(requests, { source, copy, only, rate: null, slices: 1 })
    const end = await waitForTask(requests, task, check)
    if (end.type === 'failed') throw notCopied(left, copy, requests, `${end.why}.`)
    left = await findWrong(requests, sides, left)
    if (left.length === 0) return
    if (attempt === mostAttempts) throw notCopied(left, copy, requests, 'The server refuses its version.')
    await pause(interval)
  }
}

async function waitForTask(requests: Requests, task: string, check: () => Promise<void>): Promise<CopyTask> {
  for (let wait = 10; ; wait = Math.min(2 * wait, 1000)) {
    const now = await readTask(requests, task)
    if (now.type !== 'running') return now
    await check()
    await pause(wait)
  }
}

/** Documents that still differ. What was written to the source since is found by the next pass. */
async function findWrong(
  requests: Requests,
  { source, copy }: Comparison,
  hits: readonly Hit[],
): Promise<readonly Hit[]> {
  const pairs = await lookUp(requests, copy, hits, true)
  const different = pairs.filter(([one, other]) => !isSame(one, other)).map(([one]) => one)
  if (different.length === 0) return []
  const now = await lookUp(requests, source, different, true)
  return now.filter(([one, other]) => isSame(one, other)).map(([one]) => one)
}

function notCopied(hits: readonly Hit[], copy: string, { server }: Requests, why: string): ToolError {
  return new ToolError('STORE_COPY_FAILED', {
    what: `Document \`${hits[0]?._id ?? ''}\` could not be written to index \`${copy}\`.`,
    where: { server },
    why,
    next: 'Correct the cause, then run the command again: it continues.',
  })
}

const item = z.object({
  _id: z.string(),
  status: z.number(),
  error: z.optional(z.looseObject({ reason: z.string() })),
})

const written = z.object({ items: z.array(z.record(z.string(), item)) })

/** Removes documents as far as they are those that were read, and returns how many. What another run has changed since is left alone. */
async function removeAll(requests: Requests, copy: string, hits: readonly Hit[]): Promise<number> {
  if (hits.length === 0) return 0
  const lines = hits.map((one) => ({
    delete: { ...place(one), if_seq_no: one._seq_no, if_primary_term: one._primary_term },
  }))
  const what = `remove documents of ${copy}`
  const answer = await requests.send(what, 'POST', pathOf(copy, '_bulk'), { lines, query: { refresh: true } })
  const items = z.parse(written, answer).items.flatMap((one) => Object.values(one))
  const failed = items.find(({ status }) => status >= 400 && status !== 404 && status !== 409)
  if (failed !== undefined) {
    throw notCopied([failed], copy, requests, failed.error?.reason ?? `The server answered ${failed.status}.`)
  }
  return items.filter(({ status }) => status < 400).length
}

/** Removes from the copy what its source does not have any more, at most so many documents: what follows them need not be read. */
export async function removeSurplus(
  requests: Requests,
  { source, copy, check, most }: Comparison & { readonly most: number },
): Promise<number> {
  let removed = 0
  const search = { size: pageOfIds, _source: false, seq_no_primary_term: true }
  await walk(requests, copy, search, async (hits) => {
    const pairs = await lookUp(requests, source, hits, false)
    const surplus = pairs.filter(([, other]) => other.found !== true).map(([one]) => one)
    await check()
    removed += await removeAll(requests, copy, surplus)
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
  const answer = await requests.askExactly(`read a sample of ${source}`, pathOf(source, '_search'), body, whole)
  requireShards(answer, source, requests.server)
  const { hits } = z.parse(page, answer).hits
  if (hits.length === 0) return []
  const pairs = await lookUp(requests, copy, hits, true)
  return pairs.filter(([one, other]) => !isSame(one, other)).map(([one]) => one._id)
}
