import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noOptions } from '../../../src/stores/contract.ts'
import { findDrift } from '../../../src/stores/find-drift.ts'
import { startGuard } from '../../helpers/elasticsearch/elasticsearch-guard.ts'
import { applyAll, type ElasticsearchStage, makeStage } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { declarationOf } from '../../helpers/elasticsearch/elasticsearch-text.ts'
import { fill, living, readAll, startWriter } from '../../helpers/elasticsearch/elasticsearch-writer.ts'
import { isAvailable, testElasticsearch } from '../../helpers/servers/servers.ts'
import { openImportProject } from '../../helpers/stores/import-project.ts'

const reindex = { ...noOptions, reindex: true }
const eightDays = 8 * 86_400_000

function declare(level: string, more = ''): string {
  return `
indices:
  goods:
    settings: { number_of_shards: 2, number_of_replicas: 0, refresh_interval: 5s${more} }
    mappings: { properties: { name: { type: keyword }, level: { type: ${level} } } }
  beside: {}
aliases:
  shop: { indices: { goods: { is_write_index: true }, beside: {} } }
  info: { indices: { goods: { filter: { term: { name: n1 } } } } }
`
}

describe.runIf(isAvailable('elasticsearch'))('an index that nothing rolls over, and whose documents move', () => {
  let stage: ElasticsearchStage
  beforeEach(async () => {
    stage = makeStage((await testElasticsearch()).url)
    await apply('text')
  })
  afterEach(async () => {
    await open('text').clear()
  })

  const open = (level: string, options = noOptions, now?: number) =>
    stage.session(declarationOf(level.includes('\n') ? level : declare(level)), {
      options,
      ...(now === undefined ? {} : { now }),
    })
  const short = (text: string): string => text.replaceAll(stage.prefix, '')
  const apply = async (level: string, options = noOptions, now?: number) => {
    const session = open(level, options, now)
    const { plan, after } = await applyAll(session)
    await session.close()
    expect(after.changes).toEqual([])
    return plan
  }
  const indicesOf = async (name: string): Promise<readonly string[]> =>
    Object.keys(await stage.request('GET', `/${stage.prefix}${name}/_alias`))
      .map(short)
      .toSorted()

  it('is said by a plan, with what it was and what stays', async () => {
    await fill(stage, { alias: 'goods', count: 1204 })
    await stage.request('PUT', `/${stage.prefix}goods/_settings`, { max_result_window: 50000 })
    await expect(open('keyword').plan()).rejects.toMatchObject({ code: 'STORE_REFUSED' })
    const { changes, notes } = await open('keyword', reindex).plan()
    expect(changes.map(({ summary, loss }) => [short(summary), loss])).toEqual([
      [
        expect.stringMatching(
          /^reindex goods into goods-reindexed, of which goods then is an alias: 1,204 documents, [\d.]+ KiB, because properties\.level\.type cannot be changed in place$/,
        ),
        null,
      ],
    ])
    const said = short(notes.join('\n'))
    expect(said).toContain('`goods` becomes an alias of `goods-reindexed`')
    expect(said).toContain('are kept in `goods-replaced`')
    expect(said).toContain(
      'does not get the settings of `goods` that no file declares: `index.max_result_window` 50000',
    )
  })

  it('loses and doubles nothing while documents are written, updated, deleted and created again', async () => {
    await fill(stage, { alias: 'goods', count: 5000 })
    const writer = startWriter(stage, { alias: 'goods', count: 5000 })
    await apply('keyword', { ...reindex, rate: 4000 })
    await writer.stop()
    expect(writer.wrong).toEqual([])
    const { documents, doubles } = await readAll(stage, 'goods')
    expect(doubles).toEqual([])
    expect(documents).toEqual(living(writer.documents))
    expect(writer.documents.size).toBeGreaterThan(5000)
    const { prefix, request } = stage
    expect(await indicesOf('goods')).toEqual(['goods-reindexed'])
    expect(await indicesOf('shop')).toEqual(['beside', 'goods-reindexed'])
    const copy = (await request('GET', `/${prefix}goods`))[`${prefix}goods-reindexed`]
    expect(copy.mappings.properties.level).toEqual({ type: 'keyword' })
    expect(copy.settings.index).toMatchObject({ refresh_interval: '5s', number_of_shards: '2' })
    for (const key of ['gc_deletes', 'final_pipeline', 'hidden']) expect(copy.settings.index[key]).toBeUndefined()
    expect(copy.aliases[`${prefix}info`]).toEqual({ filter: { term: { name: 'n1' } } })
    expect(copy.aliases[`${prefix}shop`]).toEqual({ is_write_index: true })
  })

  it('is as declared afterwards, by its name: compared, changed in place, moved again, imported', async () => {
    await fill(stage, { alias: 'goods', count: 10 })
    await apply('keyword', reindex)
    const session = open('keyword')
    expect(findDrift(await session.compare()).map(({ code, resource }) => [code, short(resource.name)])).toEqual([])
    expect((await session.verify()).filter(({ state }) => state === 'bad')).toEqual([])
    const wider = declare('keyword')
      .replace('5s', '9s')
      .replace('type: keyword }', 'type: keyword }, more: { type: long }')
    expect((await apply(wider)).changes.map(({ summary }) => short(summary))).toEqual([
      'change the mappings of goods: more',
      'change settings of goods: index.refresh_interval to 9s',
    ])
    await stage.request('PUT', `/${stage.prefix}goods/_doc/new?refresh=true`, { name: 'new', level: 'x', more: 1 })
    const plan = await apply('text', reindex)
    expect(plan.changes.map(({ summary }) => short(summary))).toEqual([
      expect.stringMatching(/^reindex goods-reindexed into goods-reindexed-2, to which goods then leads: 11 documents/),
    ])
    expect(await indicesOf('goods')).toEqual(['goods-reindexed-2'])
    const { url, prefix } = stage
    const project = openImportProject('elasticsearch', { url }, {})
    const { answer } = await project.importAll('--only', `${prefix}*`)
    project.close()
    expect(answer.declared.map(({ kind, name }) => `${kind} ${short(name)}`).toSorted()).toEqual([
      'alias info',
      'alias shop',
      'index beside',
      'index goods',
    ])
  })

  it('keeps what it had for seven days, which a question then removes', async () => {
    await fill(stage, { alias: 'goods', count: 10 })
    await apply('keyword', reindex)
    await stage.request('DELETE', `/${stage.prefix}goods/_doc/1?refresh=true`)
    const { prefix, request } = stage
    expect((await request('GET', `/${prefix}goods-replaced/_count`)).count).toBe(10)
    expect((await request('GET', `/${prefix}goods*/_count`)).count).toBe(9)
    await expect(request('PUT', `/${prefix}goods-replaced/_doc/1`, {})).rejects.toThrow('index write (api)')
    const later = Date.now() + eightDays
    const asked = { ...noOptions, prune: true }
    const { changes } = await open('keyword', asked, later).plan()
    expect(changes.map(({ summary, loss }) => [short(summary), loss?.code])).toEqual([
      ['remove goods-replaced, whose place goods-reindexed has taken', 'removed-index'],
    ])
    expect((await open('keyword', asked).plan()).changes).toEqual([])
    await apply('keyword', asked, later)
    expect((await request('GET', `/${prefix}goods/_count`)).count).toBe(9)
    await expect(request('GET', `/${prefix}goods-replaced`)).rejects.toThrow('404')
  })

  it('goes back to what was kept as the page says', async () => {
    await fill(stage, { alias: 'goods', count: 10 })
    await apply('keyword', reindex)
    const { prefix, request } = stage
    const kept = `${prefix}goods-replaced`
    await request('PUT', `/${kept}/_settings`, { 'index.blocks.write': null, 'index.hidden': null })
    const aliases = Object.entries<object>(
      (await request('GET', `/${prefix}goods/_alias`))[`${prefix}goods-reindexed`].aliases,
    )
    await request('POST', '/_aliases', {
      actions: aliases.flatMap(([alias, parts]) => [
        { remove: { index: `${prefix}goods-reindexed`, alias } },
        { add: { ...parts, index: kept, alias } },
      ]),
    })
    expect((await open('text').plan()).changes).toEqual([])
    await request('PUT', `/${prefix}goods/_doc/new?refresh=true`, { name: 'new', level: 'x' })
    const plan = await apply('keyword', reindex)
    expect(plan.changes.map(({ summary }) => short(summary))).toEqual([
      expect.stringMatching(/^reindex goods-replaced into goods-reindexed-2, to which goods then leads: 11 documents/),
    ])
    expect((await request('GET', `/${prefix}goods/_count`)).count).toBe(11)
  })

  it('moves each of several, and changes an alias in the same run', async () => {
    await fill(stage, { alias: 'goods', count: 3 })
    await fill(stage, { alias: 'beside', count: 4 })
    const both = declare('keyword')
      .replace('beside: {}', 'beside: { mappings: { properties: { name: { type: keyword } } } }')
      .replace('term: { name: n1 }', 'term: { name: n2 }')
    const { changes } = await apply(both, reindex)
    expect(changes.map(({ summary, loss }) => [short(summary).replace(/:.*/, ''), loss?.code])).toEqual([
      ['reindex goods into goods-reindexed, of which goods then is an alias', undefined],
      ['reindex beside into beside-reindexed, of which beside then is an alias', undefined],
      ['change alias info of goods', 'changed-alias'],
    ])
    expect(await indicesOf('shop')).toEqual(['beside-reindexed', 'goods-reindexed'])
    expect((await stage.request('GET', `/${stage.prefix}shop/_count`)).count).toBe(7)
    // The second one does not note the first again, which is done.
    const noted = `/${stage.prefix}wwdb-setup-lock/_doc/reindex%20${stage.prefix}goods`
    expect((await stage.request('GET', noted))._source).toMatchObject({ move: null, wanted: [] })
  })

  it('does not begin where the name of the clone is taken, nor where the server has not whole documents', async () => {
    await stage.request('PUT', `/${stage.prefix}goods-replaced`)
    const session = open('keyword', reindex)
    const { changes } = await session.plan()
    const [move] = changes
    if (move === undefined) throw new Error('nothing moves')
    await expect(session.apply(move)).rejects.toMatchObject({
      code: 'STORE_COPY_FAILED',
      faults: [
        { why: expect.stringContaining('goods-replaced, under whose name'), next: expect.stringContaining('DELETE') },
      ],
    })
    await expect(stage.request('GET', `/${stage.prefix}goods-reindexed`)).rejects.toThrow('404')
    await stage.request('DELETE', `/${stage.prefix}goods-replaced`)
    const hidden = declare('text').replace('beside: {}', 'beside: { mappings: { _source: { excludes: [a] } } }')
    await stage.request('DELETE', `/${stage.prefix}beside`)
    await stage.request('PUT', `/${stage.prefix}beside`, { mappings: { _source: { excludes: ['a'] } } })
    const other = hidden.replace('excludes: [a]', 'excludes: [b]')
    await expect(open(other, reindex).plan()).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      faults: [{ next: expect.stringContaining('`_source.excludes`') }],
    })
  })

  it('is given up where the declaration is taken back, with its copy and its clone', async () => {
    await fill(stage, { alias: 'goods', count: 10 })
    const guard = await startGuard({ url: stage.url, onChanged: (change) => /_clone/.test(change) })
    const session = makeStage(guard.url, stage.prefix).session(declarationOf(declare('keyword')), { options: reindex })
    await expect(applyAll(session)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
    await session.close()
    await guard.close()
    expect(await indicesOf('goods*')).toEqual(['goods', 'goods-reindexed', 'goods-replaced'])
    expect((await apply('text')).changes.map(({ summary }) => short(summary))).toEqual([
      'remove goods-reindexed, an unfinished copy that the declaration no longer needs',
    ])
    expect(await indicesOf('goods*')).toEqual(['goods'])
    await stage.request('PUT', `/${stage.prefix}goods/_doc/1`, { name: 'x' })
  })
})
