import { describe, expect, it } from 'vitest'
import { findObstacles } from '../../../src/stores/elasticsearch/judge-obstacles.ts'
import { keepHandMade } from '../../../src/stores/elasticsearch/keep-hand-made.ts'
import { abandonCopy } from '../../../src/stores/elasticsearch/moves.ts'
import { noMovesYet } from '../../../src/stores/elasticsearch/plan-index-moves.ts'
import { planIndex } from '../../../src/stores/elasticsearch/plan-indices.ts'
import { reindex } from '../../../src/stores/elasticsearch/reindex.ts'
import type { LiveIndex, Move } from '../../../src/stores/elasticsearch/reindex-ports.ts'
import { desired, index, makeCopyModel, setBlock, wish } from './copy-model.ts'

const keyword = { type: 'keyword' }
const text = { type: 'text' }

function keep(declared: object, live: object, settings: object = {}, liveSettings: object = {}) {
  const own = { settings: { ...settings }, mappings: { ...declared } }
  return keepHandMade(own, own, { settings: { index: liveSettings }, mappings: { ...live } })
}

describe('the copy of an index is made of what is declared, and under it of', () => {
  it.each<[what: string, declared: object, live: object, kept: object, dropped: readonly string[]]>([
    [
      'other fields',
      { a: keyword },
      { a: text, b: { type: 'geo_point' } },
      { a: keyword, b: { type: 'geo_point' } },
      [],
    ],
    [
      'fields below an object',
      { a: { properties: { x: keyword } } },
      { a: { properties: { x: text, y: text } } },
      { a: { properties: { x: keyword, y: text } } },
      [],
    ],
    [
      'further forms of a field',
      { a: keyword },
      { a: { ...text, fields: { raw: keyword } } },
      { a: { ...keyword, fields: { raw: keyword } } },
      [],
    ],
    [
      'no parameters of a declared field',
      { a: keyword },
      { a: { ...keyword, ignore_above: 9 } },
      { a: keyword },
      ['`mappings.properties.a.ignore_above` 9'],
    ],
    [
      'no fields below what is an object no more',
      { a: { type: 'flattened' } },
      { a: { properties: { x: text } } },
      { a: { type: 'flattened' } },
      ['`mappings.properties.a.properties` {"x":{"type":"text"}}'],
    ],
  ])('%s', (_, declared, live, kept, dropped) => {
    const result = keep({ properties: declared }, { properties: live })
    expect(result.content.mappings).toEqual({ properties: kept })
    expect(result.dropped).toEqual(dropped)
  })

  it('fields at runtime, notes and rules, but not what is declared as null', () => {
    const live = {
      runtime: { a: keyword, b: keyword },
      _meta: { owner: 'x' },
      dynamic: 'strict',
      numeric_detection: true,
    }
    const own = { settings: {}, mappings: { runtime: { b: null }, numeric_detection: false } }
    // The server writes no default, and nothing for what is removed.
    const { content } = keepHandMade(own, { settings: {}, mappings: {} }, { settings: {}, mappings: live })
    expect(content.mappings).toEqual({
      runtime: { a: keyword },
      _meta: { owner: 'x' },
      dynamic: 'strict',
      numeric_detection: false,
    })
  })

  it('analyzers, similarities and limits, each as a whole', () => {
    const declared = { 'analysis.analyzer.a.type': 'standard' }
    const live = {
      analysis: {
        analyzer: { a: { type: 'custom', tokenizer: 'x' }, b: { type: 'custom', filter: ['lowercase', 'x'] } },
      },
      similarity: { s: { type: 'BM25' } },
      mapping: { total_fields: { limit: '9' } },
      max_result_window: '7',
    }
    const { content, dropped } = keep({}, {}, declared, live)
    expect(content.settings).toEqual({
      'index.analysis.analyzer.a.type': 'standard',
      'index.analysis.analyzer.b.type': 'custom',
      'index.analysis.analyzer.b.filter': ['lowercase', 'x'],
      'index.similarity.s.type': 'BM25',
      'index.mapping.total_fields.limit': '9',
    })
    expect(dropped).toEqual(['`index.analysis.analyzer.a.tokenizer` x', '`index.max_result_window` 7'])
  })
})

const around = { others: [], facts: new Map(), now: 0, reindex: true, rate: null, prune: false, templates: [] }

function planOf(own: object, live: object, more: Partial<Parameters<typeof planIndex>[2]>) {
  const [settings, found] = [{ ...own }, { name: 'goods', settings: { index: live }, mappings: {} }]
  const content = { settings, mappings: {} }
  return planIndex(
    { name: 'goods', body: {}, source: { name: 'goods', ...content }, content },
    { indices: new Map([['goods', found]]), aliases: new Map(), taken: new Map() },
    { ...around, moves: noMovesYet, ...more },
  )
}

describe('an index is not moved', () => {
  const codec = { 'index.codec': 'best_compression' }

  it('into a name of which a template makes data streams, but else', () => {
    const series = { type: 'streams', names: ['goods-log'] } as const
    const templates = [{ name: 'logs', series, patterns: ['goods-*'] }]
    const { changes, fixed } = planOf(codec, {}, { templates })
    expect(changes).toEqual([])
    expect(fixed?.uncopyable).toContain('index template `logs` makes data streams')
    expect(planOf(codec, {}, {}).changes).toHaveLength(1)
  })

  it('with a lifecycle that is null, or a block that would refuse its documents', () => {
    const live = { lifecycle: { name: null } }
    const [move] = planOf({ ...codec, 'index.blocks.write': true }, live, {}).changes
    expect(move?.operation.write).toMatchObject({
      content: { settings: expect.not.objectContaining({ 'index.blocks.write': true }) },
      lifecycle: { 'index.blocks.write': true },
    })
    expect(planOf(codec, live, {}).changes[0]?.operation.write).toMatchObject({ lifecycle: {} })
  })
})

const move: Move = {
  id: 'mark',
  source: 'goods',
  sourceUuid: 'uuid-1',
  copy: 'goods-reindexed',
  copyUuid: 'uuid-2',
  from: 3,
  next: null,
  task: null,
  clone: 'goods-replaced',
  cloneUuid: 'uuid-3',
  lifecycle: {},
  isBlocked: false,
}

function observe(sourceIndex: LiveIndex | null, copyIndex: LiveIndex | null) {
  return { move, kept: [], wanted: [], replacements: [], sourceIndex, copyIndex }
}

describe('a reindex whose index is gone', () => {
  const copy = index('goods-reindexed', 'uuid-2')

  it.each([
    ['its copy is asked for', null, copy, 'removed-index'],
    ['its copy goes where the index is there', index('goods', 'uuid-1'), copy, undefined],
    ['nothing is asked where no copy is there', null, null, undefined],
  ])('%s', (_, sourceIndex, copyIndex, loss) => {
    const { changes } = planOf({}, {}, { moves: observe(sourceIndex, copyIndex) })
    expect(changes.map(({ change, operation }) => [operation.write.type, change.loss?.code])).toEqual([
      ['abandon-copy', loss],
    ])
  })

  it('makes no new index of its name while the copy is there, and says how to give it the name', () => {
    const plainIndices = { indices: new Map(), aliases: new Map(), taken: new Map() }
    const find = (copyIndex: LiveIndex | null) =>
      findObstacles({ plainIndices, moves: new Map([['goods', observe(null, copyIndex)]]) }, () => true)
    expect(find(copy).map(({ next }) => next.en)).toEqual([
      expect.stringContaining('"index": "goods-reindexed", "alias": "goods"'),
    ])
    expect(find(null)).toEqual([])
  })

  it('is not given up where the index went away after the plan, and keeps its clone where that was asked', async () => {
    const model = makeCopyModel()
    model.indices.clear()
    model.indices.set('goods-reindexed', copy)
    model.indices.set('goods-replaced', index('goods-replaced', 'uuid-3'))
    model.moves = { move, kept: [], wanted: [] }
    await expect(abandonCopy(model.context, wish.name)).rejects.toMatchObject({ code: 'STORE_COPY_FAILED' })
    expect(model.log).toEqual([])
    await abandonCopy(model.context, wish.name, true)
    expect(model.log).toEqual(['put-settings goods-replaced', 'remove index goods-reindexed'])
    expect(model.moves).toMatchObject({ move: null, kept: [{ index: 'goods-replaced', uuid: 'uuid-3' }] })
  })
})

describe('right before the switch, a reindex ends where', () => {
  it.each([
    ['something was written', () => ({ readLastWrites: writes() }), () => {}],
    [
      'the block was lifted',
      () => ({}),
      (model: ReturnType<typeof makeCopyModel>) => setBlock(model, wish.source, null),
    ],
  ])('%s', async (_, parts, lift) => {
    const model = makeCopyModel((self) => ({
      ...parts(),
      compareSample: async () => {
        lift(self)
        return []
      },
    }))
    await expect(reindex(model.context, wish, desired)).rejects.toMatchObject({
      faults: [{ why: expect.stringContaining('lifted the block') }],
    })
    expect(model.log).not.toContain('switch')
  })

  function writes(): () => Promise<readonly number[]> {
    let last = 7
    return async () => [last++]
  }
})

it('a block that somebody set is not lifted, and is given to the copy', async () => {
  const model = makeCopyModel(({ log }) => ({
    blockWrites: async () => {
      log.push('block')
      return false
    },
  }))
  setBlock(model, wish.source, true)
  await reindex(model.context, wish, desired)
  expect(model.log.some((one) => one.startsWith('allow'))).toBe(false)
  expect(model.log).toContain('switch')
})
