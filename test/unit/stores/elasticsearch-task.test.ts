import { describe, expect, it } from 'vitest'
import { compareSample, removeSurplus } from '../../../src/stores/elasticsearch/driver-compare.ts'
import { blockWrites, countDocuments, readCheckpoint } from '../../../src/stores/elasticsearch/driver-copy.ts'
import { parseExactly, type Requests } from '../../../src/stores/elasticsearch/driver-requests.ts'
import { listTasks, readTask } from '../../../src/stores/elasticsearch/driver-task.ts'

const status = { total: 10, created: 6, updated: 1, version_conflicts: 3 }

/** A server that answers this. */
function answering(answer: unknown): Requests {
  const unexpected = async (): Promise<never> => Promise.reject(new Error('only the task is read'))
  return {
    server: 'es:9200',
    get: unexpected,
    greet: unexpected,
    find: async () => answer,
    findAs: unexpected,
    ask: unexpected,
    askExactly: unexpected,
    send: unexpected,
  }
}

const failure = { id: '7', cause: { type: 'document_parsing_exception', reason: 'failed to parse field [level]' } }

describe('a task of a reindex', () => {
  it.each([
    ['running', { completed: false, task: { status } }, { type: 'running', copied: 10, total: 10 }],
    [
      'done, with conflicts of documents that the copy had',
      { completed: true, task: { status }, response: { ...status, failures: [] } },
      { type: 'done', copied: 10, total: 10 },
    ],
    [
      'failed by a document',
      { completed: true, task: { status }, response: { ...status, failures: [failure] } },
      { type: 'failed', why: 'Document 7: failed to parse field [level]' },
    ],
    [
      'canceled',
      { completed: true, task: { status }, response: { ...status, canceled: 'by user request', failures: [] } },
      { type: 'failed', why: 'The task was canceled: by user request' },
    ],
    [
      'ended early',
      { completed: true, task: { status }, response: { ...status, created: 5, failures: [] } },
      { type: 'failed', why: 'The task ended after 9 of 10 documents' },
    ],
    [
      'timed out',
      { completed: true, task: { status }, response: { ...status, timed_out: true, failures: [] } },
      { type: 'failed', why: 'The task ended after 10 of 10 documents' },
    ],
    [
      'refused as a whole',
      { completed: true, task: { status }, error: { type: 'x', reason: 'no such index [a]' } },
      { type: 'failed', why: 'no such index [a]' },
    ],
    ['gone with its node', null, { type: 'gone' }],
  ])('that is %s is told from the others', async (_, answer, expected) => {
    expect(await readTask(answering(answer), 'node:1')).toEqual(expected)
  })
})

const [fine, partial] = [{ _shards: { failed: 0 } }, { _shards: { failed: 1 } }]

/** A server that answers by the end of the path; the last answer of a list again and again. */
function serving(answers: Readonly<Record<string, unknown>>): Requests {
  const asked = new Map<string, number>()
  const answer = async (_: string, path: string): Promise<unknown> => {
    const [end, given] = Object.entries(answers).find(([one]) => path.split('?')[0]?.endsWith(one)) ?? ['', {}]
    if (!Array.isArray(given)) return given
    asked.set(end, (asked.get(end) ?? -1) + 1)
    return given[Math.min(asked.get(end) ?? 0, given.length - 1)]
  }
  const send: Requests['send'] = (what, _, path) => answer(what, path)
  return { ...answering(null), get: answer, find: answer, ask: answer, askExactly: answer, send }
}

const hits = { hits: [{ _id: '7', _version: 1, _seq_no: 3, _primary_term: 1, _source: {} }] }
const check = async (): Promise<void> => {}

describe('a server of which a part does not answer', () => {
  it.each([
    ['a count', { _refresh: fine, _count: { ...partial, count: 7 } }],
    ['a refresh', { _refresh: partial, _count: { ...fine, count: 7 } }],
  ])('has not said how many documents there are: %s', async (_, answers) => {
    await expect(countDocuments(serving(answers), 'a', null)).rejects.toMatchObject({ code: 'STORE_COPY_FAILED' })
  })

  it.each([
    ['a primary', ['0'], '1 of its 2 primary shards'],
    ['all of them', [], '0 of its 2 primary shards'],
  ])('has no checkpoint without %s', async (_, there, why) => {
    const one = [{ routing: { primary: true }, seq_no: { global_checkpoint: 7, max_seq_no: 7 } }]
    const shards = Object.fromEntries(there.map((number) => [number, one]))
    const settings = { index: { uuid: 'u', number_of_shards: '2' } }
    const answers = {
      _stats: { ...fine, indices: { a: { shards } } },
      _refresh: fine,
      '/a': { a: { settings, mappings: {}, aliases: {} } },
    }
    await expect(readCheckpoint(serving(answers), 'a')).rejects.toMatchObject({
      faults: [{ why: expect.stringContaining(why) }],
    })
  })

  it('does not show documents as deleted', async () => {
    const failed = { docs: [{ _id: '7', error: { reason: 'no shard available' } }] }
    const search = { ...fine, hits }
    const answers = { _pit: { id: 'p' }, _search: search, _mget: failed }
    const sides = { source: 'a', copy: 'b', check, most: 1 }
    await expect(removeSurplus(serving(answers), sides)).rejects.toMatchObject({
      faults: [{ why: expect.stringContaining('no shard available') }],
    })
    const cut = { ...answers, _search: { ...partial, hits } }
    await expect(removeSurplus(serving(cut), sides)).rejects.toMatchObject({ code: 'STORE_COPY_FAILED' })
    await expect(compareSample(serving(cut), 'a', 'b', 7)).rejects.toMatchObject({ code: 'STORE_COPY_FAILED' })
  })

  it('has not said which tasks it has', async () => {
    await expect(listTasks(serving({ _tasks: { node_failures: [{}] } }), 'a')).rejects.toMatchObject({
      code: 'STORE_COPY_FAILED',
    })
  })

  it('is asked again until all shards refuse writes', async () => {
    const done = { acknowledged: true, shards_acknowledged: true, indices: [{ name: 'a', blocked: true }] }
    const waiting = { ...done, shards_acknowledged: false }
    const answers = [waiting, { ...done, indices: [{ name: 'a', blocked: false }] }, done]
    expect(await blockWrites(serving({ write: answers }), 'a')).toBe(true)
    expect(await blockWrites(serving({ write: { ...waiting, indices: [] } }), 'a')).toBe(false)
  })
})

describe('numbers of documents', () => {
  it('are kept where JavaScript would change them, and texts as they are', () => {
    const text = '{"a":9007199254740993,"b":[-1,1.50],"c":"9007199254740993 \\" 1.50","_version":3}'
    expect(parseExactly(text)).toEqual({
      a: { number: '9007199254740993' },
      b: [-1, { number: '1.50' }],
      c: '9007199254740993 " 1.50',
      _version: 3,
    })
  })
})
