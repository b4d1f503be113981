import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noOptions } from '../../../src/stores/contract.ts'
import { findDrift } from '../../../src/stores/find-drift.ts'
import { type GuardOptions, startGuard } from '../../helpers/elasticsearch/elasticsearch-guard.ts'
import { applyAll, type ElasticsearchStage, makeStage } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { declarationOf } from '../../helpers/elasticsearch/elasticsearch-text.ts'
import { fill } from '../../helpers/elasticsearch/elasticsearch-writer.ts'
import { isAvailable, testElasticsearch } from '../../helpers/servers/servers.ts'

const reindex = { ...noOptions, reindex: true }

function declare(level: string, more = ''): string {
  return `
indices:
  goods:
    settings: { number_of_shards: 2, number_of_replicas: 0${more} }
    mappings: { properties: { name: { type: keyword }, level: { type: ${level} } } }
`
}

describe.runIf(isAvailable('elasticsearch'))('the move of an index beside people, templates and faults', () => {
  let stage: ElasticsearchStage
  beforeEach(async () => {
    stage = makeStage((await testElasticsearch()).url)
    await apply('text', noOptions)
    await fill(stage, { alias: 'goods', count: 10 })
  })
  afterEach(async () => {
    await open('text').clear()
  })

  const open = (level: string, options = noOptions) =>
    stage.session(declarationOf(level.includes('\n') ? level : declare(level)), { options })
  const short = (text: string): string => text.replaceAll(stage.prefix, '')
  const ask = (method: string, path: string, body?: unknown) =>
    stage.request(method, path.replace('goods', `${stage.prefix}goods`), body)
  const apply = async (level: string, options = reindex) => {
    const session = open(level, options)
    const { plan, after } = await applyAll(session)
    await session.close()
    expect(after.changes).toEqual([])
    return plan.changes.map(({ summary, loss }) => [short(summary), loss?.code ?? null])
  }
  /** Moves the index through a guard, and returns the first fault of the error that ends it. */
  const failBy = async (guarding: Omit<GuardOptions, 'url'>, level = 'keyword') => {
    const guard = await startGuard({ url: stage.url, ...guarding })
    const session = makeStage(guard.url, stage.prefix).session(
      declarationOf(level.includes('\n') ? level : declare(level)),
      { options: reindex },
    )
    try {
      const failure = await applyAll(session).catch((error: unknown) => error)
      expect(failure).toMatchObject({ faults: [expect.anything()] })
      const { code, faults } = failure as { readonly code: string; readonly faults: readonly [Fault] }
      return { code, what: short(faults[0].what), why: short(faults[0].why ?? ''), next: short(faults[0].next ?? '') }
    } finally {
      await session.close()
      await guard.close()
    }
  }
  const live = async (index: string) =>
    (await stage.request('GET', `/${stage.prefix}${index}?flat_settings=true`))[`${stage.prefix}${index}`]
  const aliasesOf = async (name: string): Promise<readonly string[]> =>
    Object.keys(await ask('GET', `/${name}/_alias`)).map(short)

  it('keeps fields, analyzers and notes that were made by hand, and names what it drops', async () => {
    await ask('POST', '/goods/_close')
    await ask('PUT', '/goods/_settings', {
      index: {
        analysis: { analyzer: { own: { type: 'standard', stopwords: ['of', 'the'] } } },
        'mapping.total_fields.limit': 1500,
        max_result_window: 50_000,
      },
    })
    await ask('POST', '/goods/_open')
    const byHand = {
      properties: {
        place: { type: 'geo_point' },
        words: { type: 'text', analyzer: 'own' },
        name: { type: 'keyword', ignore_above: 99, fields: { raw: { type: 'text' } } },
      },
      runtime: { first: { type: 'keyword' } },
      _meta: { owner: 'shop' },
      dynamic: 'strict',
    }
    await ask('PUT', '/goods/_mapping', byHand)
    await ask('PUT', '/goods/_doc/here?refresh=true', { name: 'x', level: 'y', place: { lat: 1.5, lon: 2.5 } })
    const { notes } = await open('keyword', reindex).plan()
    expect(short(notes.join('\n'))).toContain(
      '`index.max_result_window` 50000, `mappings.properties.name.ignore_above` 99. Declare',
    )
    await apply('keyword')
    const { mappings, settings } = await live('goods-reindexed')
    expect(mappings).toEqual({
      ...byHand,
      properties: {
        ...byHand.properties,
        name: { type: 'keyword', fields: { raw: { type: 'text' } } },
        level: { type: 'keyword' },
      },
    })
    expect(settings).toMatchObject({
      'index.analysis.analyzer.own.stopwords': ['of', 'the'],
      'index.mapping.total_fields.limit': '1500',
    })
    const query = { geo_distance: { distance: '1km', place: { lat: 1.5, lon: 2.5 } } }
    expect((await ask('POST', '/goods/_count', { query })).count).toBe(1)
  })

  it('gets no settings of a template whose patterns match the new name', async () => {
    const settings = {
      'index.lifecycle.name': 'short',
      'index.default_pipeline': 'stamp',
      'index.codec': 'best_compression',
    }
    const template = { index_patterns: [`${stage.prefix}goods-*`], priority: 7, template: { settings } }
    await ask('PUT', '/_index_template/goods-all', template)
    await apply('keyword')
    const made = (await live('goods-reindexed')).settings
    for (const key of Object.keys(settings)) expect(made[key] ?? null).toBeNull()
    // A setting that is null would be taken for the name of a policy.
    expect('index.lifecycle.name' in made).toBe(false)
  })

  it.each([
    ['fields', { template: { mappings: { properties: { extra: { type: 'long' } } } } }, 'mappings.properties.extra'],
    ['an alias', { template: { aliases: { all: {} } } }, 'alias'],
    ['only data streams', { data_stream: {} }, 'data stream'],
  ])('ends before it copies where such a template makes %s', async (_, parts, says) => {
    const { prefix } = stage
    const text = JSON.stringify({ index_patterns: [`${prefix}goods-*`], priority: 7, ...parts })
    await ask('PUT', '/_index_template/goods-all', JSON.parse(text.replace('"all"', `"${prefix}all"`)))
    const failed = await failBy({})
    expect(failed.code).toBe('STORE_COPY_FAILED')
    expect(failed.why).toContain(says)
    expect(failed.next).toContain('Let no other index template match `goods-reindexed`')
    await expect(live('goods-reindexed')).rejects.toThrow('404')
    await ask('DELETE', '/_index_template/goods-all')
    await apply('keyword')
    expect(await aliasesOf('goods')).toEqual(['goods-reindexed'])
  })

  it('keeps its lifecycle and its age where the run ends right after the switch', async () => {
    await ask('PUT', '/goods/_settings', { 'index.lifecycle.name': 'keep' })
    await failBy({ onChange: (change) => /goods-replaced\/_block/.test(change) })
    expect(await aliasesOf('goods')).toEqual(['goods-reindexed'])
    expect((await live('goods-reindexed')).settings['index.lifecycle.name']).toBeUndefined()
    await apply('keyword', noOptions)
    const { settings } = await live('goods-reindexed')
    expect(settings['index.lifecycle.name']).toBe('keep')
    expect(Number(settings['index.lifecycle.origination_date'])).toBeGreaterThan(0)
    expect((await live('goods-replaced')).settings['index.lifecycle.name']).toBeUndefined()
  })

  it('removes no copy that may be the last place of documents without a question', async () => {
    await failBy({ onChange: (change) => /goods-replaced\/_block/.test(change) })
    await ask('PUT', '/goods/_doc/later?refresh=true', { name: 'x', level: 'y' })
    const alias = { index: `${stage.prefix}goods-reindexed`, alias: `${stage.prefix}goods` }
    await stage.request('POST', '/_aliases', { actions: [{ remove: alias }] })
    await expect(open('keyword').plan()).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      faults: [{ what: expect.stringContaining('goods'), next: expect.stringContaining('goods-reindexed') }],
    })
    expect(findDrift(await open('keyword').compare()).map(({ resource }) => short(resource.name))).toEqual(['goods'])
    await stage.request('POST', '/_aliases', { actions: [{ add: alias }] })
    await apply('keyword', noOptions)
    expect((await ask('GET', '/goods/_count')).count).toBe(11)
    expect((await live('goods-replaced')).aliases).toEqual({})
  })

  it('finishes a copy that a person gave the name, as its index was removed before the switch', async () => {
    await failBy({ onChange: (change) => /goods\/_block/.test(change) })
    await ask('DELETE', '/goods')
    await expect(open('keyword').plan()).rejects.toMatchObject({ code: 'STORE_REFUSED' })
    const alias = { index: `${stage.prefix}goods-reindexed`, alias: `${stage.prefix}goods` }
    await stage.request('POST', '/_aliases', { actions: [{ add: alias }] })
    await apply('keyword', noOptions)
    const { settings, mappings } = await live('goods-reindexed')
    for (const key of ['hidden', 'refresh_interval', 'final_pipeline', 'gc_deletes'])
      expect(settings[`index.${key}`]).toBeUndefined()
    expect(mappings._meta ?? {}).toEqual({})
    expect((await ask('GET', '/goods/_count')).count).toBe(10)
  })

  it('gives the copy the fields that came meanwhile, and ends where it has guessed another type', async () => {
    let isGuessed = false
    const guess = async (change: string): Promise<boolean> => {
      if (isGuessed || !/goods-reindexed\/_settings/.test(change)) return false
      isGuessed = true
      await ask('PUT', '/goods-reindexed/_mapping', { properties: { size: { type: 'text' } } })
      await ask('PUT', '/goods/_mapping', { properties: { size: { type: 'long' }, empty: { type: 'geo_point' } } })
      await ask('PUT', '/goods/_doc/big?refresh=true', { name: 'x', level: 'y', size: 1 })
      return false
    }
    const failed = await failBy({ onChanged: guess })
    expect(failed.why).toContain('have another type in goods-reindexed, as other documents came first: ')
    expect(failed.why).toContain('size.type')
    await ask('PUT', '/goods/_doc/1?refresh=true', { name: 'n1', level: 'y' })
    const declared = declare('keyword').replace('name: {', 'size: { type: long }, name: {')
    await apply(declared)
    expect((await live('goods-reindexed')).mappings.properties).toMatchObject({
      size: { type: 'long' },
      empty: { type: 'geo_point' },
    })
  })

  it('asks before it removes the copy of an index that is gone, and keeps its clone', async () => {
    await failBy({ onChanged: (change) => /_clone/.test(change) })
    await ask('DELETE', '/goods')
    await ask('PUT', '/goods/_doc/new?refresh=true', { name: 'x', level: 'y' })
    const { changes } = await open('text', reindex).plan()
    expect(changes.map(({ summary, loss }) => [short(summary).replace(/:.*/, ''), loss?.code])).toContainEqual([
      'remove goods-reindexed, an unfinished copy of goods, which is gone',
      'removed-index',
    ])
    const [loss] = changes.flatMap((one) => one.loss ?? [])
    expect(short(loss?.affected.join() ?? '')).toMatch(/^goods-reindexed \(10 documents/)
  })

  it('sees what was written where somebody lifted the block before the switch', async () => {
    const failed = await failBy({
      onChanged: async (change) => {
        if (!/_clone/.test(change)) return false
        await ask('PUT', '/goods/_settings', { 'index.blocks.write': null })
        await ask('PUT', '/goods/_doc/1?refresh=true', { name: 'late', level: 'y' })
        return false
      },
    })
    expect(failed.code).toBe('STORE_COPY_FAILED')
    expect(failed.why).toContain('lifted')
    await apply('keyword')
    expect((await ask('GET', '/goods/_doc/1'))._source.name).toBe('late')
  })

  it('keeps a block that somebody set, moved or given up', async () => {
    await ask('PUT', '/goods/_settings', { 'index.blocks.write': true })
    await failBy({ onChanged: (change) => /_clone/.test(change) })
    expect((await apply('text', noOptions)).map(([summary]) => summary)).toEqual([
      'remove goods-reindexed, an unfinished copy that the declaration no longer needs',
    ])
    await expect(live('goods-replaced')).rejects.toThrow('404')
    expect((await live('goods')).settings['index.blocks.write']).toBe('true')
    await apply('keyword')
    expect((await ask('GET', '/goods/_count')).count).toBe(10)
    await expect(ask('PUT', '/goods/_doc/1', {})).rejects.toThrow('index write (api)')
  })

  it.each(['read_only', 'read'])('is not planned under %s, which refuses it, and says what to lift', async (block) => {
    const key = `index.blocks.${block}`
    await ask('PUT', '/goods/_settings', { [key]: true })
    await expect(open('keyword', reindex).plan()).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      faults: [{ next: expect.stringContaining(`{"${key}": null}`) }],
    })
    await ask('PUT', '/goods/_settings', { [key]: null })
    await apply('keyword')
  })

  it('gives a declared block to the copy when it is filled', async () => {
    await apply(declare('keyword', ', blocks.write: true'))
    expect((await ask('GET', '/goods/_count')).count).toBe(10)
    await expect(ask('PUT', '/goods/_doc/1', {})).rejects.toThrow('index write (api)')
  })

  it('waits for no clone that no node takes, removes it, and allows writes', { timeout: 60_000 }, async () => {
    await ask('PUT', '/goods/_settings', { 'index.routing.allocation.enable': 'none' })
    const failed = await failBy({})
    expect(failed.code).toBe('STORE_COPY_FAILED')
    expect(failed.why).toContain('index setting [index.routing.allocation.enable=none]')
    expect(failed.next).not.toContain('continues with')
    await expect(live('goods-replaced')).rejects.toThrow('404')
    await ask('PUT', '/goods/_doc/1?refresh=true', { name: 'n1', level: 'y' })
    await ask('PUT', '/goods/_settings', { 'index.routing.allocation.enable': null })
    await apply('keyword')
    expect((await ask('GET', '/goods/_count')).count).toBe(10)
  })

  it('names a snapshot that is being taken of it, and blocks nothing', { timeout: 180_000 }, async () => {
    const repository = `/_snapshot/${stage.prefix}slow`
    const settings = { location: `${stage.prefix}slow`, max_snapshot_bytes_per_sec: '400b' }
    await stage.request('PUT', repository, { type: 'fs', settings })
    await stage.request('PUT', `${repository}/long?wait_for_completion=false`, { indices: `${stage.prefix}goods` })
    const failed = await failBy({})
    expect(failed.why).toContain('Snapshot `slow:long`')
    expect(failed.next).toContain('when it has ended')
    await ask('PUT', '/goods/_doc/1', { name: 'n1', level: 'y' })
    await stage.request('DELETE', `${repository}/long`)
    await apply('keyword')
    await stage.request('DELETE', repository)
  })

  it.each([
    ['gets a filter', { filter: { term: { name: 'n1' } } }],
    ['leads to another one as well', null],
  ])('says what to do where its alias %s', async (_, parts) => {
    await apply('keyword')
    const add = (index: string, more: object) => ({
      add: { index: `${stage.prefix}${index}`, alias: `${stage.prefix}goods`, ...more },
    })
    if (parts === null) await ask('PUT', '/goods-other')
    const action = parts === null ? add('goods-other', {}) : add('goods-reindexed', parts)
    await stage.request('POST', '/_aliases', { actions: [action] })
    const { changes, findings } = await open('keyword').compare()
    expect(changes).toEqual([])
    const [found] = findings.filter(({ code }) => code === 'STORE_DRIFT')
    expect(found?.resource).toEqual({ kind: 'index', name: `${stage.prefix}goods` })
    await expect(open('keyword').plan()).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      faults: [{ next: expect.stringContaining('lead to one index') }],
    })
  })
})

interface Fault {
  readonly what: string
  readonly why?: string
  readonly next?: string
}
