import { expect, test } from 'vitest'
import { readEverything } from '../../../src/stores/elasticsearch/driver-import.ts'
import type { Requests } from '../../../src/stores/elasticsearch/driver-requests.ts'

const answers: Readonly<Record<string, unknown>> = {
  '/': { version: { number: '8.19.8' } },
  '/_nodes/plugins': { nodes: {} },
  '/_component_template': { component_templates: [] },
  '/_index_template': { index_templates: [] },
  '/_data_stream': { data_streams: [] },
  '/_security/_authenticate': { username: 'deploy', roles: [] },
  '/_cluster/settings': { persistent: {} },
  '/_synonyms': { count: 0, results: [] },
  '/_resolve/index/*': { indices: [] },
}

/** What is requested for these kinds. */
async function pathsFor(...kinds: readonly string[]): Promise<readonly string[]> {
  const asked: string[] = []
  const read = async (_: string, path: string): Promise<unknown> => {
    asked.push(path)
    return answers[path] ?? {}
  }
  const refuse = async (): Promise<never> => {
    throw new Error('writes nothing')
  }
  const requests: Requests = {
    server: 'elastic.test:9200',
    get: read,
    find: read,
    greet: read,
    findAs: refuse,
    ask: refuse,
    askExactly: refuse,
    send: refuse,
  }
  await readEverything(requests, kinds.length === 0 ? undefined : new Set(kinds))
  return asked
}

test('the account of policies and templates needs no right to anything else to have them declared before they go', async () => {
  const others = /_security|_slm|_snapshot|_ingest|_synonyms|_cluster/
  expect((await pathsFor('lifecycle policy', 'index template')).filter((path) => others.test(path))).toEqual([])
  expect((await pathsFor()).filter((path) => others.test(path))).not.toEqual([])
})

test('a role is read with users and mappings, and no template is', async () => {
  const paths = await pathsFor('role mapping')
  expect(paths.some((path) => path.startsWith('/_security/role'))).toBe(true)
  expect(paths.some((path) => path.includes('template'))).toBe(false)
})
