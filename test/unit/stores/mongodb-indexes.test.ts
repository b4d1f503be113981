import { describe, expect, it } from 'vitest'
import type { IndexDeclaration, JsonObject } from '../../../src/stores/mongodb/declaration.ts'
import { indexResource } from '../../../src/stores/mongodb/index-resource.ts'
import { indexQuestions, planIndexes } from '../../../src/stores/mongodb/plan-indexes.ts'
import type { ObservedCollection } from '../../../src/stores/mongodb/ports.ts'

/** What `listIndexes` of MongoDB 6 says of `{ locale: 'en' }`. */
const english = {
  locale: 'en',
  caseLevel: false,
  caseFirst: 'off',
  strength: 3,
  numericOrdering: false,
  alternate: 'non-ignorable',
  maxVariable: 'punct',
  normalization: false,
  backwards: false,
  version: '57.1',
}

function observedWith(specification: JsonObject): ObservedCollection {
  return {
    database: 'shop',
    name: 'items',
    type: 'collection',
    options: {},
    documents: 10,
    bytes: 100,
    validator: null,
    indexes: [{ name: 'a_1', specification: { v: 2, key: { a: 1 }, name: 'a_1', ...specification } }],
  }
}

function look(index: IndexDeclaration, specification: JsonObject) {
  const plain = { collation: null, validator: null, capped: null, timeSeries: null, preImages: null }
  const collection = { name: 'items', indexes: [index], ...plain }
  const observed = observedWith(specification)
  const changes = planIndexes('shop', collection, observed, new Map())
  return { questions: indexQuestions('shop', collection, observed), changes: changes.map(({ change }) => change) }
}

const unique: IndexDeclaration = {
  name: 'a_1',
  key: [['a', 1]],
  unique: true,
  sparse: false,
  hidden: false,
  expireAfterSeconds: null,
  partialFilter: null,
  collation: null,
  weights: {},
  defaultLanguage: null,
}

describe('a unique index with a collation, as the server tells it', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['its language alone', { locale: 'en' }, english],
    ['its strength', { locale: 'en', strength: 2 }, { ...english, strength: 2 }],
    ['all that the server fills in', english, english],
    ['a language with an order of its own', { locale: 'fr_CA' }, { ...english, locale: 'fr_CA', backwards: true }],
  ])('is as declared by %s, and nothing is counted', (_, declared, collation) => {
    const index = { ...unique, collation: declared }
    expect(look(index, { unique: true, collation })).toEqual({ questions: [], changes: [] })
  })

  it('is not counted where something else of it changes', () => {
    const hidden = { ...unique, collation: { locale: 'en' }, hidden: true }
    const { questions, changes } = look(hidden, { unique: true, collation: english })
    expect([questions, changes]).toMatchObject([[], [{ action: 'update' }]])
  })

  it('is not as declared where it has another value than what the server fills in', () => {
    const given = { unique: true, collation: { ...english, strength: 1 } }
    const { changes } = look({ ...unique, collation: { locale: 'en' } }, given)
    expect(changes).toMatchObject([
      {
        action: 'replace',
        differences: [{ path: 'collation.strength', actual: '1', declared: '3' }],
        loss: { code: 'lost-uniqueness' },
      },
    ])
  })

  it('is counted where it refuses more than before', () => {
    const stricter = { ...unique, collation: { locale: 'en', strength: 1 } }
    expect(look(stricter, { unique: true, collation: english }).questions).toMatchObject([{ type: 'duplicates' }])
  })
})

describe('the name of an index as a resource', () => {
  it('is of one index only, wherever names have dots or quotes', () => {
    const parts = ['a', 'b', 'a.b', 'b.a', '"a', 'a"', '"a.b"', '"a".b', 'a.b.a', 'b".a']
    const names = parts.flatMap((collection) => parts.map((index) => indexResource('shop', collection, index).name))
    expect(new Set(names).size).toBe(parts.length ** 2)
    expect(indexResource('shop', 'items', 'address.city_1').name).toBe('shop.items.address.city_1')
    expect(indexResource('shop', 'log.old', 'at_1').name).toBe('shop."log.old".at_1')
  })
})
