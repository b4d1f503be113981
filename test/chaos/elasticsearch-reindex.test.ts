import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptyDeclaration } from '../helpers/elasticsearch/elasticsearch-declaration.ts'
import { startGuard } from '../helpers/elasticsearch/elasticsearch-guard.ts'
import { type ElasticsearchStage, makeStage } from '../helpers/elasticsearch/elasticsearch-stage.ts'
import { fill, living, readAll, startWriter } from '../helpers/elasticsearch/elasticsearch-writer.ts'
import { isAvailable, testElasticsearch } from '../helpers/servers/servers.ts'
import { type Stage, withStages } from '../helpers/tool/stage.ts'
import { isSoak } from './support/seed.ts'

function declare(field: object): string {
  const people = {
    settings: { number_of_shards: 2, number_of_replicas: 0 },
    write_alias: { name: 'people', documents: 'updated' },
    mappings: { properties: { name: { type: 'keyword' }, level: field } },
  }
  return JSON.stringify({ index_templates: { people } })
}

/** A request at which the tool is killed, before the server gets it or after it was carried out. */
type Step = readonly [request: RegExp, moment: 'before' | 'after', times?: number]

/** Every step of a reindex in its order: what a run has done is not done again, so that each is reached. */
const steps: readonly Step[] = [
  [/^PUT .*people-000002$/, 'before'],
  [/^PUT .*people-000002$/, 'after'],
  [/people-000002\/_settings$/, 'after'],
  [/_reindex/, 'before'],
  [/_reindex/, 'after'],
  [/_reindex/, 'after', 2],
  [/_pit/, 'after'],
  [/_block/, 'before'],
  [/_block/, 'after'],
  [/_reindex/, 'after'],
  // The first one of a run is that of the copy while it is filled.
  [/people-000002\/_settings$/, 'after', 2],
  [/people-000002\/_mapping$/, 'after'],
  [/_aliases/, 'before'],
  [/_aliases/, 'after'],
  [/_block/, 'after'],
  [/people-000001\/_settings$/, 'before'],
  [/people-000001\/_settings$/, 'after'],
]

const count = isSoak ? 2_000_000 : 3000

describe.runIf(isAvailable('elasticsearch'))('a reindex that is killed at every step beside a writer', () => {
  const openStage = withStages()
  let [node, prefix] = ['', '']
  beforeAll(async () => {
    node = (await testElasticsearch()).url
  })
  afterAll(async () => {
    const session = makeStage(node, prefix).session(emptyDeclaration)
    if (prefix !== '') await session.clear()
    await session.close()
  })

  /** False where the run ended before that request. */
  async function killAt(stage: Stage, [request, moment, times = 1]: Step): Promise<boolean> {
    let [seen, kill] = [0, (): void => {}]
    const inject = (change: string): boolean => {
      seen += request.test(change.split('?')[0] ?? '') ? 1 : 0
      if (seen < times || !request.test(change.split('?')[0] ?? '')) return false
      kill()
      return true
    }
    const guard = await startGuard({
      url: node,
      ...(moment === 'before' ? { onChange: inject } : { onChanged: inject }),
    })
    const environment = { WWDB_STORES_ELASTICSEARCH_URL: guard.url }
    const run = stage.start(['setup', 'apply', '--reindex'], { environment })
    kill = () => run.child.kill('SIGKILL')
    await run.ended
    await guard.close()
    return seen >= times
  }

  /** As if the time of the lock were over. */
  async function endLease({ request }: ElasticsearchStage): Promise<void> {
    await request('DELETE', `/${prefix}wwdb-setup-lock/_doc/setup`).catch(() => undefined)
  }

  it('loses and doubles nothing, and searches and reads go on', { timeout: isSoak ? 7_200_000 : 300_000 }, async () => {
    const file = 'migrations/elasticsearch/people.json'
    const configuration = { stores: { elasticsearch: { url: node } } }
    const stage = await openStage({
      databases: ['app'],
      create: false,
      files: { [file]: declare({ type: 'text' }) },
      configuration,
    })
    prefix = stage.prefix
    expect(await stage.run(['setup', 'apply'])).toMatchObject({ exitCode: 0 })
    const server = makeStage(node, prefix)
    await fill(server, { alias: 'people', count })
    stage.write(file, declare({ type: 'keyword' }))
    const writer = startWriter(server, { alias: 'people', count })
    const missed: Step[] = []
    for (const step of steps) {
      if (!(await killAt(stage, step))) missed.push(step)
      await endLease(server)
    }
    expect(await stage.run(['setup', 'apply', '--reindex'])).toMatchObject({ exitCode: 0 })
    await writer.stop()
    expect(missed).toEqual([])
    expect(writer.wrong).toEqual([])
    const { documents, doubles } = await readAll(server, 'people')
    expect(doubles).toEqual([])
    expect(documents).toEqual(living(writer.documents))
    expect(Object.keys(await server.request('GET', `/_alias/${prefix}people`))).toEqual([`${prefix}people-000002`])
    expect(await stage.run(['setup', 'plan', '--exit-code'])).toMatchObject({ exitCode: 0 })
  })
})
