import type { ElasticsearchStage } from './elasticsearch-stage.ts'

/** A writer beside a reindex, and what the index must hold in the end. */
export interface Writer {
  /** Every document that a write was acknowledged for, by ID; null for one that was deleted. */
  readonly documents: ReadonlyMap<string, string | null>
  /** Writes that the server refused because of a block. */
  readonly refused: () => number
  /** Searches and reads that failed or found something else than was written: sentences. */
  readonly wrong: readonly string[]
  /** Ends it, and waits for its last request. */
  readonly stop: () => Promise<void>
}

interface WriterOptions {
  readonly alias: string
  /** Documents that are there before it begins, numbered from 0. */
  readonly count: number
}

/** Fills an alias with numbered documents, a thousand in a request. */
export async function fill({ url, prefix }: ElasticsearchStage, { alias, count }: WriterOptions): Promise<void> {
  for (let first = 0; first < count; first += 1000) {
    const numbers = Array.from({ length: Math.min(1000, count - first) }, (_, number) => first + number)
    const lines = numbers.flatMap((number) => [
      { index: { _id: String(number) } },
      { name: `n${number}`, level: 'info' },
    ])
    const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    const headers = { 'content-type': 'application/x-ndjson' }
    const answer = await fetch(`${url}/${prefix}${alias}/_bulk?refresh=true`, { method: 'POST', headers, body })
    const { errors } = (await answer.json()) as { readonly errors: boolean }
    if (errors) throw new Error('a document was not written')
  }
}

/** Writes new documents, updates, deletes and deletes again what it creates, and reads and searches, one after the other. */
export function startWriter({ url, prefix }: ElasticsearchStage, { alias, count }: WriterOptions): Writer {
  const documents = new Map<string, string | null>()
  for (let number = 0; number < count; number += 1) documents.set(String(number), `n${number}`)
  const wrong: string[] = []
  let [refused, round, ended] = [0, 0, false]
  const path = (id: string): string => `${url}/${prefix}${alias}/_doc/${id}`
  const headers = { 'content-type': 'application/json' }

  const change = async (id: string, name: string | null): Promise<void> => {
    const body = JSON.stringify({ name, level: 'warn' })
    const answer = await fetch(path(id), name === null ? { method: 'DELETE' } : { method: 'PUT', headers, body })
    const text = await answer.text()
    if (answer.ok || (name === null && answer.status === 404)) documents.set(id, name)
    else if (answer.status === 403 && text.includes('index write (api)')) refused += 1
    else wrong.push(`${id} was not written: ${answer.status} ${text}`)
  }
  const read = async (id: string): Promise<void> => {
    const answer = await fetch(path(id))
    const { found, _source } = (await answer.json()) as {
      readonly found?: boolean
      readonly _source?: { readonly name: string }
    }
    const seen = found === true ? (_source?.name ?? null) : null
    const expected = documents.get(id) ?? null
    if (seen !== expected) wrong.push(`${id} is ${seen}, not ${expected} (${answer.status})`)
  }
  const search = async (): Promise<void> => {
    const answer = await fetch(`${url}/${prefix}${alias}/_count`)
    const { count: found } = (await answer.json()) as { readonly count?: number }
    // A search sees what was refreshed; so many cannot be missing.
    if (found === undefined || found < count / 2) wrong.push(`a search found ${found} (${answer.status})`)
  }
  const work = async (): Promise<void> => {
    for (; !ended; round += 1) {
      const old = String((round * 7919) % Math.max(1, count))
      const fresh = `new-${round}`
      await change(fresh, `first ${round}`)
      await change(old, `updated ${round}`)
      await change(String((round * 104_729 + 13) % Math.max(1, count)), round % 3 === 0 ? null : `again ${round}`)
      if (round % 2 === 0) await change(fresh, null)
      if (round % 4 === 0) await change(fresh, `created again ${round}`)
      await read(fresh)
      await read(old)
      if (round % 10 === 0) await search()
    }
  }
  const working = work()
  return {
    documents,
    refused: () => refused,
    wrong,
    stop: async () => {
      ended = true
      await working
    },
  }
}

/** What the writer left, which is what a search must find. */
export function living(documents: ReadonlyMap<string, string | null>): ReadonlyMap<string, string> {
  return new Map([...documents].flatMap(([id, name]) => (name === null ? [] : [[id, name] as const])).toSorted())
}

/** Every document that a search finds in an alias, by ID; those that are found twice are named. */
export async function readAll(
  { request, prefix }: ElasticsearchStage,
  alias: string,
): Promise<{ readonly documents: ReadonlyMap<string, string>; readonly doubles: readonly string[] }> {
  await request('POST', `/${prefix}${alias}/_refresh`)
  const { id: opened } = await request('POST', `/${prefix}${alias}/_pit?keep_alive=1m`)
  const documents = new Map<string, string>()
  const doubles: string[] = []
  for (let after: unknown; ; ) {
    const pit = { id: opened, keep_alive: '1m' }
    const body = {
      pit,
      size: 5000,
      sort: [{ _shard_doc: 'asc' }],
      ...(after === undefined ? {} : { search_after: after }),
    }
    const { hits } = await request('POST', '/_search', body)
    for (const { _id, _source } of hits.hits) {
      if (documents.has(_id)) doubles.push(_id)
      documents.set(_id, _source.name)
    }
    if (hits.hits.length === 0) break
    after = hits.hits.at(-1).sort
  }
  await request('DELETE', '/_pit', { id: opened })
  return { documents: new Map([...documents].toSorted()), doubles }
}

interface Addition {
  readonly stream: string
  /** The number of the first document. */
  readonly first: number
  readonly count: number
}

/** Adds numbered documents to a data stream, a thousand in a request. */
export async function add({ url, prefix }: ElasticsearchStage, { stream, first, count }: Addition): Promise<void> {
  const headers = { 'content-type': 'application/x-ndjson' }
  for (let done = 0; done < count; done += 1000) {
    const numbers = Array.from({ length: Math.min(1000, count - done) }, (_, number) => first + done + number)
    const lines = numbers.flatMap((number) => [
      { create: { _id: String(number) } },
      {
        '@timestamp': new Date(Date.UTC(2026, 10, 1) + number * 1000).toISOString(),
        name: `n${number}`,
        shop: `s${number % 7}`,
      },
    ])
    const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    const answer = await fetch(`${url}/${prefix}${stream}/_bulk?refresh=true`, { method: 'POST', headers, body })
    const { errors, items } = (await answer.json()) as { readonly errors: boolean; readonly items: unknown }
    if (errors) throw new Error(`a document was not added: ${JSON.stringify(items).slice(0, 500)}`)
  }
}

/** Adds documents to a data stream one after the other, of which none may be refused. */
export function startAdding(
  stage: ElasticsearchStage,
  { stream, first }: Pick<Addition, 'stream' | 'first'>,
): { readonly added: readonly number[]; readonly wrong: readonly string[]; readonly stop: () => Promise<void> } {
  const [added, wrong]: [number[], string[]] = [[], []]
  let ended = false
  const work = async (): Promise<void> => {
    for (let number = first; !ended; number += 1) {
      await add(stage, { stream, first: number, count: 1 }).then(
        () => added.push(number),
        (error: unknown) => wrong.push(String(error)),
      )
    }
  }
  const working = work()
  return {
    added,
    wrong,
    stop: async () => {
      ended = true
      await working
    },
  }
}

/** The indices of a data stream, with the one that it writes to at the end. */
export async function streamIndices(
  { request, prefix }: ElasticsearchStage,
  stream: string,
): Promise<readonly string[]> {
  const { data_streams } = await request('GET', `/_data_stream/${prefix}${stream}`)
  return data_streams[0].indices.map(({ index_name }: { readonly index_name: string }) => index_name)
}
