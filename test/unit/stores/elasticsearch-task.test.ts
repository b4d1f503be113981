import { describe, expect, it } from 'vitest'
import { readTask } from '../../../src/stores/elasticsearch/driver-copy.ts'
import type { Requests } from '../../../src/stores/elasticsearch/driver-requests.ts'

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
