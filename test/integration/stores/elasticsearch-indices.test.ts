import { describe, expect, it } from 'vitest'
import { findDrift } from '../../../src/stores/find-drift.ts'
import type { StoreChange } from '../../../src/stores/store-plan.ts'
import { withElasticsearch } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { declarationOf } from '../../helpers/elasticsearch/elasticsearch-text.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'
import { openImportProject } from '../../helpers/stores/import-project.ts'

const full = `
ingest_pipelines: { stamp: { processors: [] } }
indices:
  goods-1:
    settings: { number_of_shards: 2, refresh_interval: 5s, default_pipeline: stamp }
    mappings: { dynamic: false, properties: { name: { type: keyword }, shop: { type: keyword } } }
  goods-2:
    mappings: { properties: { name: { type: text } } }
  empty: {}
aliases:
  goods:
    indices: { goods-1: { is_write_index: true }, goods-2: {} }
  own-goods:
    is_hidden: true
    indices: { goods-1: { filter: { term: { shop: mine } }, routing: mine, search_routing: "mine,old" } }
`

describe.runIf(isAvailable('elasticsearch'))('indices that nothing rolls over, and their aliases', () => {
  const stage = withElasticsearch()
  const open = (text = full) => stage().session(declarationOf(text))
  const short = (text: string): string => text.replaceAll(stage().prefix, '')
  const apply = async (text = full): Promise<readonly StoreChange[]> => {
    const session = open(text)
    const { changes } = await session.plan()
    for (const change of changes) await session.apply(change)
    expect((await session.plan()).changes).toEqual([])
    return changes
  }
  const aliasOf = async (name: string) => {
    const answer = await stage().request('GET', `/_alias/${stage().prefix}${name}`)
    const members = Object.entries<{ readonly aliases: object }>(answer)
    return Object.fromEntries(members.map(([index, { aliases }]) => [short(index), Object.values(aliases)[0]]))
  }

  it('are planned after what they name, made, and read back', async () => {
    const changes = await apply()
    expect(changes.map(({ summary }) => short(summary))).toEqual([
      'create ingest pipeline stamp',
      'create index goods-1',
      'create index goods-2',
      'create index empty',
      'create alias goods of goods-1, goods-2',
      'create alias own-goods of goods-1',
    ])
    const { prefix, request } = stage()
    const [index] = Object.values(await request('GET', `/${prefix}goods-1?flat_settings=true`))
    expect(index).toMatchObject({
      settings: { 'index.number_of_shards': '2', 'index.default_pipeline': `${prefix}stamp` },
      mappings: { dynamic: 'false' },
    })
    expect(await aliasOf('goods')).toEqual({ 'goods-1': { is_write_index: true }, 'goods-2': {} })
    expect(await aliasOf('own-goods')).toEqual({
      'goods-1': {
        filter: { term: { shop: 'mine' } },
        index_routing: 'mine',
        search_routing: 'mine,old',
        is_hidden: true,
      },
    })
    const session = open()
    expect((await session.compare()).findings).toEqual([])
    const proofs = await session.verify()
    expect(proofs.filter(({ state }) => state === 'bad')).toEqual([])
  })

  it('change in place where the server can: a field, a setting', async () => {
    const changed = full
      .replace('shop: { type: keyword }', 'shop: { type: keyword, ignore_above: 9 }, price: { type: long }')
      .replace('refresh_interval: 5s', 'refresh_interval: 9s')
    expect((await apply(changed)).map(({ summary, loss }) => [short(summary), loss])).toEqual([
      ['change the mappings of goods-1: price, shop.ignore_above', null],
      ['change settings of goods-1: index.refresh_interval to 9s', null],
    ])
    // Without them again: what the declaration no longer says is left as it is.
    expect((await apply()).map(({ summary }) => short(summary))).toEqual([
      'change settings of goods-1: index.refresh_interval to 5s',
    ])
  })

  it.each([
    ['the type of a field', 'name: { type: text }', 'name: { type: keyword }', 'goods-2', 'properties.name.type'],
    ['the number of shards', 'number_of_shards: 2', 'number_of_shards: 3', 'goods-1', 'index.number_of_shards'],
  ])('is refused before anything is written, with the way out: %s', async (_what, from, to, index, path) => {
    const changed = full.replace(from, to).replace('  empty: {}', '  empty: {}\n  another: {}')
    const name = `${stage().prefix}${index}`
    await expect(open(changed).plan()).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      faults: [
        {
          what: `Index \`${name}\` cannot become what is declared: ${path} cannot be changed in an index that exists.`,
          next: expect.stringContaining('`wwdb setup apply --reindex`'),
        },
      ],
    })
    const found = findDrift(await open(changed).compare())
    expect(found.map(({ code, resource }) => `${code} ${short(resource.name)}`)).toEqual([
      'STORE_MISSING another',
      `STORE_DRIFT ${index}`,
    ])
    expect(found[1]?.differences.map((one) => one.path)).toEqual([expect.stringContaining(path)])
  })

  const drifts: readonly (readonly [what: string, action: (prefix: string) => object, loss: string | null])[] = [
    [
      'another filter',
      (p) => ({ add: { index: `${p}goods-1`, alias: `${p}own-goods`, is_hidden: true, filter: { match_all: {} } } }),
      'may hide documents that were found',
    ],
    [
      'another write index',
      (p) => ({ add: { index: `${p}goods-2`, alias: `${p}goods`, is_write_index: true } }),
      'is then found twice',
    ],
    ['an index that is missing', (p) => ({ remove: { index: `${p}goods-2`, alias: `${p}goods` } }), null],
    [
      'an index too many',
      (p) => ({ add: { index: `${p}empty`, alias: `${p}goods` } }),
      'documents of `empty` are no longer found',
    ],
  ]

  it.each(drifts)(
    'finds in an alias %s, asks where readers or writers lose by it, and puts it right',
    async (what, action, loss) => {
      const { prefix, request } = stage()
      const before = await aliasOf(what.includes('filter') ? 'own-goods' : 'goods')
      const actions = [action(prefix)]
      // The server allows one write index at a time.
      if (what === 'another write index')
        actions.unshift({ add: { index: `${prefix}goods-1`, alias: `${prefix}goods`, is_write_index: false } })
      await request('POST', '/_aliases', { actions })
      const [found] = findDrift(await open().compare())
      expect(found).toMatchObject({ code: 'STORE_DRIFT', resource: { kind: 'alias' } })
      const [change] = await apply()
      expect(change?.loss?.code).toBe(loss === null ? undefined : 'changed-alias')
      if (loss !== null) expect(short(change?.loss?.why ?? '')).toContain(loss)
      expect(await aliasOf(what.includes('filter') ? 'own-goods' : 'goods')).toEqual(before)
    },
  )

  it('switch an alias at once, and remove one, each with a question', async () => {
    const { prefix, request } = stage()
    await request('POST', `/${prefix}goods-1/_doc?refresh=true`, { name: 'tea', shop: 'mine' })
    const switched = full
      .replace('goods-1: { is_write_index: true }, goods-2: {}', 'goods-2: {}')
      .replace(/ {2}own-goods:\n(?: {4}.*\n)+/, '  own-goods: null\n')
    const changes = await apply(switched)
    expect(changes.map(({ summary, action, loss }) => [short(summary), action, loss?.code])).toEqual([
      ['take goods-1 out of alias goods', 'update', 'changed-alias'],
      ['remove alias own-goods from goods-1', 'remove', 'changed-alias'],
    ])
    expect(changes[0]?.loss?.affected.map(short)).toEqual([expect.stringMatching(/^goods-1.*1 document/)])
    expect(await aliasOf('goods')).toEqual({ 'goods-2': {} })
    expect((await apply()).map(({ summary }) => short(summary))).toEqual([
      'add goods-1 to alias goods',
      'create alias own-goods of goods-1',
    ])
  })

  it('name an index and an alias that no file declares, and refuse a name that something else has', async () => {
    const { prefix, request } = stage()
    await request('PUT', `/${prefix}by-hand`, { aliases: { [`${prefix}hand`]: {} } })
    const { findings } = await open().compare()
    expect(findings.map(({ code, resource }) => `${code} ${resource.kind} ${short(resource.name)}`)).toEqual([
      'STORE_UNDECLARED index by-hand',
      'STORE_UNDECLARED alias hand',
    ])
    await expect(open(full.replace('  empty: {}', '  hand: {}')).plan()).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      faults: [{ what: `\`${prefix}hand\` is declared as an index, and is an alias on the server.` }],
    })
    await expect(open(full.replace('own-goods:', 'by-hand:')).plan()).rejects.toMatchObject({
      faults: [{ what: `\`${prefix}by-hand\` is declared as an alias, and is an index on the server.` }],
    })
    expect((await open().clear()).map(short).toSorted()).toEqual([
      'index by-hand',
      'index empty',
      'index goods-1',
      'index goods-2',
      'ingest pipeline stamp',
    ])
  })

  const odd = `
indices:
  odd:
    settings: { number_of_shards: 2, number_of_routing_shards: 4, refresh_interval: null }
    mappings: { runtime: { a: { type: keyword } } }
aliases: { odds: { indices: { odd: { filter: {} } } } }
index_templates: { rolls: { write_alias: { name: rolls }, settings: { number_of_shards: 2, number_of_routing_shards: 4 } } }
`

  it('are as declared with what the server does not show, and with what somebody added', async () => {
    await apply(odd)
    const { prefix, request } = stage()
    await request('PUT', `/${prefix}odd/_mapping`, { runtime: { b: { type: 'long' } } })
    expect((await open(odd).plan()).changes).toEqual([])
    await request('PUT', `/${prefix}odd/_settings`, { refresh_interval: '9s' })
    const without = odd.replace('a: { type: keyword }', 'a: { type: keyword }, b: null')
    expect((await apply(without)).map(({ summary }) => short(summary))).toEqual([
      'change the mappings of odd: runtime.b',
      'change settings of odd: index.refresh_interval to null',
    ])
  })

  it('are named one by one where the server would refuse one, and nothing is applied', async () => {
    const wrong = odd.replace('indices:', 'indices:\n  other: { settings: { nonsense: 1 } }')
    const { findings } = await open(wrong).compare()
    const found = findings.filter(({ code }) => code === 'STORE_DRIFT')
    expect(found.map(({ resource, why }) => [short(resource.name), short(why ?? '')])).toEqual([
      ['other', expect.stringContaining('unknown setting [index.nonsense]')],
    ])
    await expect(open(wrong).plan()).rejects.toMatchObject({ code: 'STORE_REFUSED' })
  })

  it('are not as declared while they are closed, and hide no other from an import', async () => {
    const { prefix, request, url } = stage()
    await request('POST', `/${prefix}odd/_close`)
    const found = findDrift(await open(odd).compare()).filter(({ code }) => code === 'STORE_DRIFT')
    expect(found.map(({ resource, next }) => [short(resource.name), short(next ?? '')])).toEqual([
      ['odd', 'Open it with `POST /odd/_open`.'],
    ])
    const proofs = await open(odd).verify()
    expect(proofs.find(({ name }) => name.includes('refuses writes'))).toMatchObject({
      state: 'bad',
      seen: `${prefix}odd is closed`,
    })
    await request('PUT', `/${prefix}beside`)
    const project = openImportProject('elasticsearch', { url }, {})
    const { answer } = await project.importAll('--only', `${prefix}odd`, '--only', `${prefix}beside`)
    project.close()
    expect(answer.declared.map(({ name }) => short(name))).toEqual(['beside'])
    expect(answer.notDeclarable.map(({ resource, why }) => [short(resource.name), why])).toEqual([
      ['odd', 'It is closed, and refuses searches and writes.'],
    ])
    await request('DELETE', `/${prefix}beside`)
    await request('POST', `/${prefix}odd/_open`)
  })
})
