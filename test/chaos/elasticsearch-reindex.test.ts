import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptyDeclaration } from '../helpers/elasticsearch/elasticsearch-declaration.ts'
import { startGuard } from '../helpers/elasticsearch/elasticsearch-guard.ts'
import { type ElasticsearchStage, makeStage } from '../helpers/elasticsearch/elasticsearch-stage.ts'
import {
  add,
  fill,
  living,
  readAll,
  startAdding,
  startWriter,
  streamIndices,
} from '../helpers/elasticsearch/elasticsearch-writer.ts'
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

function declareIndex(field: object): string {
  const goods = {
    settings: { number_of_shards: 2, number_of_replicas: 0 },
    mappings: { properties: { name: { type: 'keyword' }, level: field } },
  }
  return JSON.stringify({ indices: { goods }, aliases: { shop: { indices: { goods: {} } } } })
}

function declareStream(field: object): string {
  const logs = {
    policy: 'logs',
    data_streams: ['logs'],
    settings: { number_of_shards: 2, number_of_replicas: 0 },
    mappings: { properties: { '@timestamp': { type: 'date' }, shop: field } },
  }
  const year = { phases: { hot: { actions: {} }, delete: { min_age: '365d', actions: { delete: {} } } } }
  return JSON.stringify({ policies: { logs: year }, index_templates: { logs } })
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

/** The same of an index of a data stream that is not written to any more. */
const streamSteps: readonly Step[] = [
  [/^PUT .*-000001-reindexed$/, 'after'],
  [/_reindex$/, 'after'],
  [/_block\/write$/, 'after'],
  [/_data_stream\/_modify$/, 'before'],
  [/_data_stream\/_modify$/, 'after'],
  // Then it has no policy any more, and nothing is asked again.
  [/-000001\/_settings$/, 'after'],
]

/** Those of an index that nothing rolls over: its clone is kept before its name is given to the copy. */
const plainSteps: readonly Step[] = [
  [/^PUT .*goods-reindexed$/, 'after'],
  [/_reindex$/, 'after'],
  [/_block\/write$/, 'after'],
  [/_clone\//, 'before'],
  [/_clone\//, 'after'],
  // It is removed and made anew by the next run.
  [/^DELETE .*goods-replaced$/, 'after'],
  [/_aliases$/, 'before'],
  [/_aliases$/, 'after'],
  [/goods-replaced\/_settings$/, 'after'],
  // The first one of a run takes the mark of the clone away.
  [/_aliases$/, 'before', 2],
  [/_aliases$/, 'after', 2],
  [/goods-replaced\/_settings$/, 'before'],
]

/** Those of an older index whose documents are brought into the newer one. */
const mergeSteps: readonly Step[] = [
  [/_reindex$/, 'after'],
  [/-000001\/_settings$/, 'after'],
  [/_aliases$/, 'before'],
  [/_aliases$/, 'after'],
]

const count = isSoak ? 2_000_000 : 3000

describe.runIf(isAvailable('elasticsearch'))('a reindex that is killed at every step beside a writer', () => {
  const openStage = withStages()
  let node = ''
  const prefixes: string[] = []
  beforeAll(async () => {
    node = (await testElasticsearch()).url
  })
  afterAll(async () => {
    for (const prefix of prefixes) {
      const session = makeStage(node, prefix).session(emptyDeclaration)
      await session.clear()
      await session.close()
    }
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
  async function endLease({ request, prefix }: ElasticsearchStage): Promise<void> {
    await request('DELETE', `/${prefix}wwdb-setup-lock/_doc/setup`).catch(() => undefined)
  }

  const file = 'migrations/elasticsearch/series.json'

  /** A project whose declaration is applied. */
  async function begin(declaration: string): Promise<{ readonly stage: Stage; readonly server: ElasticsearchStage }> {
    const configuration = { stores: { elasticsearch: { url: node } } }
    const stage = await openStage({ databases: ['app'], create: false, files: { [file]: declaration }, configuration })
    prefixes.push(stage.prefix)
    expect(await stage.run(['setup', 'apply'])).toMatchObject({ exitCode: 0 })
    return { stage, server: makeStage(node, stage.prefix) }
  }

  /** Kills a run at each step, lets the last one end, and stops the writer. */
  async function killAtEach(
    { stage, server }: Awaited<ReturnType<typeof begin>>,
    all: readonly Step[],
    writer: { readonly stop: () => Promise<void> },
  ): Promise<void> {
    const missed: Step[] = []
    for (const step of all) {
      if (!(await killAt(stage, step))) missed.push(step)
      await endLease(server)
    }
    expect(await stage.run(['setup', 'apply', '--reindex'])).toMatchObject({ exitCode: 0 })
    await writer.stop()
    expect(missed).toEqual([])
  }

  it('loses and doubles nothing, and searches and reads go on', { timeout: isSoak ? 7_200_000 : 300_000 }, async () => {
    const begun = await begin(declare({ type: 'text' }))
    const { stage, server } = begun
    const { prefix } = stage
    await fill(server, { alias: 'people', count })
    stage.write(file, declare({ type: 'keyword' }))
    const writer = startWriter(server, { alias: 'people', count })
    await killAtEach(begun, steps, writer)
    expect(writer.wrong).toEqual([])
    const { documents, doubles } = await readAll(server, 'people')
    expect(doubles).toEqual([])
    expect(documents).toEqual(living(writer.documents))
    expect(Object.keys(await server.request('GET', `/_alias/${prefix}people`))).toEqual([`${prefix}people-000002`])
    expect(await stage.run(['setup', 'plan', '--exit-code'])).toMatchObject({ exitCode: 0 })
  })

  it('loses and doubles nothing of a data stream, which takes documents all along', {
    timeout: isSoak ? 7_200_000 : 300_000,
  }, async () => {
    const begun = await begin(declareStream({ type: 'text' }))
    const { stage, server } = begun
    await add(server, { stream: 'logs', first: 0, count })
    stage.write(file, declareStream({ type: 'keyword' }))
    const writer = startAdding(server, { stream: 'logs', first: count })
    await killAtEach(begun, streamSteps, writer)
    expect(writer.wrong).toEqual([])
    const { documents, doubles } = await readAll(server, 'logs')
    expect(doubles).toEqual([])
    const added = [...Array(count).keys(), ...writer.added].map(String)
    expect([...documents.keys()].toSorted()).toEqual(added.toSorted())
    const names = await streamIndices(server, 'logs')
    expect(names.map((name) => name.replace(/^.*-(0+\d)/, '$1'))).toEqual(['000001-reindexed', '000002'])
    expect(await stage.run(['setup', 'plan', '--exit-code'])).toMatchObject({ exitCode: 0 })
  })

  it('loses and doubles nothing of an index that nothing rolls over, and keeps what it had', {
    timeout: isSoak ? 7_200_000 : 300_000,
  }, async () => {
    const begun = await begin(declareIndex({ type: 'text' }))
    const { stage, server } = begun
    const { prefix } = stage
    await fill(server, { alias: 'goods', count })
    stage.write(file, declareIndex({ type: 'keyword' }))
    const writer = startWriter(server, { alias: 'goods', count })
    await killAtEach(begun, plainSteps, writer)
    expect(writer.wrong).toEqual([])
    for (const name of ['goods', 'shop']) {
      const { documents, doubles } = await readAll(server, name)
      expect(doubles).toEqual([])
      expect(documents).toEqual(living(writer.documents))
      expect(Object.keys(await server.request('GET', `/_alias/${prefix}${name}`))).toEqual([`${prefix}goods-reindexed`])
    }
    const kept = await stage.run(['setup', 'plan', '--exit-code'])
    expect(kept).toMatchObject({ exitCode: 0 })
    expect(kept.stdout).toContain('goods-replaced` was replaced by')
    expect(
      Object.keys((await server.request('GET', `/${prefix}goods-replaced`))[`${prefix}goods-replaced`].aliases),
    ).toEqual([])
  })

  it('brings documents that a rollover doubled to their last state, whenever it is killed', async () => {
    const begun = await begin(declare({ type: 'keyword' }))
    const { stage, server } = begun
    await fill(server, { alias: 'people', count: 1000 })
    await server.request('POST', `/${stage.prefix}people/_rollover`)
    const writer = startWriter(server, { alias: 'people', count: 0 })
    // The writer changes and deletes the first one.
    for (let number = 1; number <= 20; number += 1)
      await server.request('PUT', `/${stage.prefix}people/_doc/${number}`, { name: 'last', level: 'info' })
    await killAtEach(begun, mergeSteps, writer)
    const { documents, doubles } = await readAll(server, 'people')
    expect(doubles).toEqual([])
    const kept = await stage.run(['setup', 'plan'])
    expect(kept.stdout).toContain('people-000001` was replaced by')
    const own = [...documents].filter(([id]) => id !== '0' && !id.startsWith('new-'))
    expect(own).toHaveLength(999)
    expect(own.filter(([, name]) => name === 'last')).toHaveLength(20)
  })
})
