import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { declaredForm, type IndexForm } from '../../../src/stores/mongodb/compare.ts'
import type { IndexDeclaration } from '../../../src/stores/mongodb/declaration.ts'
import {
  expiresSooner,
  expiryLoss,
  expiryQuestion,
  impliesUniqueness,
  uniquenessLoss,
} from '../../../src/stores/mongodb/index-losses.ts'

/** A plain index by its key, and what it has besides. */
function indexOn(key: Readonly<Record<string, number>>, more: Partial<IndexDeclaration>): IndexDeclaration {
  const plain = { unique: false, sparse: false, hidden: false, expireAfterSeconds: null, partialFilter: null }
  const rest = { collation: null, weights: {}, defaultLanguage: null }
  return { name: 'i', key: Object.entries(key), ...plain, ...rest, ...more }
}

const place = { database: 'shop', collection: 'items' }
const day = 86_400

describe('an index that deletes documents', () => {
  const ttl = (
    more: Partial<IndexDeclaration> = {},
    key: Readonly<Record<string, number>> = { at: 1 },
  ): IndexDeclaration => indexOn(key, { name: 'ttl', expireAfterSeconds: 30 * day, ...more })
  const done = { state: 'done' }
  const why = (before: IndexForm | null, after: IndexDeclaration): string | null =>
    expiryLoss(place, after, before, 2, new Map())?.why ?? null

  it.each<[string, IndexDeclaration, IndexDeclaration]>([
    ['a shorter time', ttl(), ttl({ expireAfterSeconds: 10 * day })],
    ['a first time', ttl({ expireAfterSeconds: null }), ttl()],
    ['another field', ttl(), ttl({}, { seen: 1 })],
    ['a filter that goes', ttl({ partialFilter: done }), ttl()],
    ['another filter', ttl({ partialFilter: done }), ttl({ partialFilter: { state: 'new' } })],
    [
      'a collation that lets more pass the filter',
      ttl({ partialFilter: done }),
      ttl({ partialFilter: done, collation: { locale: 'en', strength: 1 } }),
    ],
    ['a time that deletes nothing, as it is no number', ttl({ expireAfterSeconds: Number.NaN }), ttl()],
    ['a time that deletes nothing, as the index has two fields', ttl({}, { at: 1, by: 1 }), ttl()],
    ['a time that deletes nothing, as the index has hashes', ttl({ key: [['at', 'hashed']] }), ttl()],
  ])('is a loss with %s', (_, before, after) => {
    expect(why(declaredForm(before), after)).toContain('Documents are deleted')
  })

  it.each<[string, IndexDeclaration, IndexDeclaration]>([
    ['the same', ttl(), ttl()],
    ['a longer time', ttl(), ttl({ expireAfterSeconds: 60 * day })],
    ['no time any more', ttl(), ttl({ expireAfterSeconds: null })],
    ['a first filter', ttl(), ttl({ partialFilter: done })],
    ['the other order', ttl(), ttl({}, { at: -1 })],
    ['a collation without a filter', ttl(), ttl({ collation: { locale: 'en', strength: 1 } })],
  ])('is none with %s', (_, before, after) => {
    expect(why(declaredForm(before), after)).toBeNull()
  })

  it('says what was deleted so far', () => {
    expect(why(null, ttl())).toContain('30 days after at; so far they stay.')
    expect(why(declaredForm(ttl({}, { seen: 1 })), ttl())).toContain('so far it is 30 days after seen.')
    expect(why(declaredForm(ttl({ partialFilter: done })), ttl())).toContain(
      'so far it is 30 days, and only for those that pass the filter of the index.',
    )
    expect(why(declaredForm(ttl({ expireAfterSeconds: Number.NaN })), ttl())).toContain('so far they stay.')
    expect(why(declaredForm(ttl({}, { at: 1, by: 1 })), ttl())).toContain('so far they stay.')
  })

  it('is counted with the collation by which documents pass its filter', () => {
    const collation = { locale: 'en', strength: 1 }
    expect(expiryQuestion('shop', 'items', ttl({ partialFilter: done, collation }))).toMatchObject({ collation })
    expect(expiryQuestion('shop', 'items', ttl({ partialFilter: done }))).toMatchObject({ collation: null })
  })

  it('expires sooner exactly where a document goes that stays by the current one, at some age and in some state', () => {
    const form = fc.record({
      field: fc.constantFrom('at', 'seen'),
      seconds: fc.constantFrom(null, 1, 2, 3),
      filter: fc.constantFrom(null, 'done', 'new'),
    })
    const indexOf = ({ field, seconds, filter }: { field: string; seconds: number | null; filter: string | null }) =>
      indexOn(
        { [field]: 1 },
        {
          name: 'ttl',
          expireAfterSeconds: seconds,
          partialFilter: filter === null ? null : { state: filter },
        },
      )
    fc.assert(
      fc.property(form, form, (before, after) => {
        const goes = (of: typeof before, age: Readonly<Record<string, number>>, state: string): boolean =>
          of.seconds !== null && (age[of.field] ?? 0) > of.seconds && (of.filter === null || of.filter === state)
        const ages = [0, 1.5, 2.5, 3.5]
        const more = ages.some((at) =>
          ages.some((seen) =>
            ['done', 'new', 'old'].some(
              (state) => goes(after, { at, seen }, state) && !goes(before, { at, seen }, state),
            ),
          ),
        )
        expect(expiresSooner(declaredForm(indexOf(before)), indexOf(after))).toBe(more)
      }),
    )
  })
})

describe('an index that refuses duplicates', () => {
  const unique = (key: Readonly<Record<string, number>>, more: Partial<IndexDeclaration> = {}): IndexDeclaration =>
    indexOn(key, { name: 'u', unique: true, ...more })
  const a = unique({ a: 1 })
  const english = (strength: number) => ({ collation: { locale: 'en', strength } })
  const lossOf = (before: IndexDeclaration, after: IndexDeclaration, dropped: 'before' | 'after') => {
    const none = { before: [], after: [] }
    return uniquenessLoss(place, after, { ...none, [dropped]: [declaredForm(before)] }, 2)?.why ?? null
  }

  it.each<[string, IndexDeclaration, IndexDeclaration]>([
    ['is not unique any more', a, { ...a, unique: false }],
    ['has one more field', a, unique({ a: 1, b: 1 })],
    ['has another field', a, unique({ b: 1 })],
    ['has a first filter', a, unique({ a: 1 }, { partialFilter: { b: 1 } })],
    [
      'has another filter',
      unique({ a: 1 }, { partialFilter: { b: 2 } }),
      unique({ a: 1 }, { partialFilter: { b: 1 } }),
    ],
    ['leaves out documents without the field', a, unique({ a: 1 }, { sparse: true })],
    [
      'leaves out documents that had the other field',
      unique({ a: 1, b: 1 }, { sparse: true }),
      unique({ a: 1 }, { sparse: true }),
    ],
    ['tells case apart', unique({ a: 1 }, english(2)), unique({ a: 1 }, english(3))],
    ['tells bytes apart', unique({ a: 1 }, english(2)), a],
    [
      'orders the texts of its filter otherwise',
      unique({ a: 1 }, { partialFilter: { b: { $gt: 'b' } }, ...english(3) }),
      unique({ a: 1 }, { partialFilter: { b: { $gt: 'b' } }, ...english(2) }),
    ],
    [
      'orders the texts of a part of its filter otherwise',
      unique({ a: 1 }, { partialFilter: { $and: [{ b: 1 }, { c: { $exists: true, $lte: 'b' } }] } }),
      unique({ a: 1 }, { partialFilter: { $and: [{ b: 1 }, { c: { $exists: true, $lte: 'b' } }] }, ...english(2) }),
    ],
    ['orders by another language', unique({ a: 1 }, english(2)), unique({ a: 1 }, { collation: { locale: 'fr' } })],
  ])('is a loss where it %s, also where the new one is built first', (_, before, after) => {
    expect(lossOf(before, after, 'after')).toContain('are accepted from then on')
    expect(lossOf(before, after, 'before')).toContain('are accepted from then on')
  })

  it.each<[string, IndexDeclaration, IndexDeclaration]>([
    ['has fewer fields', unique({ a: 1, b: 1 }), a],
    ['has the other order', a, unique({ a: -1 })],
    ['has no filter any more', unique({ a: 1 }, { partialFilter: { b: 1 } }), a],
    ['has all documents', unique({ a: 1 }, { sparse: true }), a],
    ['tells case apart no more', unique({ a: 1 }, english(3)), unique({ a: 1 }, english(2))],
    ['has a first collation', a, unique({ a: 1 }, english(2))],
    [
      'has a first collation, and a filter of equal and present values',
      unique({ a: 1 }, { partialFilter: { $and: [{ b: 'x' }, { c: { $eq: 'y' }, d: { $exists: true } }] } }),
      unique(
        { a: 1 },
        { partialFilter: { $and: [{ b: 'x' }, { c: { $eq: 'y' }, d: { $exists: true } }] }, ...english(2) },
      ),
    ],
    [
      'has the same collation and a filter that orders',
      unique({ a: 1, b: 1 }, { partialFilter: { b: { $gt: 'b' } }, ...english(2) }),
      unique({ a: 1 }, { partialFilter: { b: { $gt: 'b' } }, ...english(2) }),
    ],
    ['is unique for the first time', { ...a, unique: false }, a],
  ])('is none where it %s and the new one is built first', (_, before, after) => {
    expect(lossOf(before, after, 'after')).toBeNull()
  })

  it('is a loss for the time of a build where it is dropped before', () => {
    expect(lossOf(unique({ a: 1, b: 1 }), a, 'before')).toMatch(/^Index `u` is dropped before .* meanwhile nothing/)
    expect(lossOf(a, unique({ a: 1, b: 1 }), 'before')).toMatch(
      /^Index `u` is unique for more than its declaration \(other fields\): .* from then on\. Index `u` is dropped before/,
    )
    expect(lossOf({ ...a, unique: false }, a, 'before')).toBeNull()
  })

  it('implies another one only where each pair that it accepts is accepted by that, too', () => {
    const value = fc.constantFrom<string | undefined>('x', 'X', 'y', undefined)
    const document = fc.record({ a: value, b: value })
    const index = fc
      .record({
        fields: fc.constantFrom(['a'], ['b'], ['a', 'b']),
        sparse: fc.boolean(),
        filter: fc.constantFrom(null, 'x', { $gt: 'a' }),
        strength: fc.constantFrom(null, 2, 3),
      })
      .map(({ fields, sparse, filter, strength }) =>
        unique(Object.fromEntries(fields.map((field) => [field, 1])), {
          sparse,
          partialFilter: filter === null ? null : { b: filter },
          ...(strength === null ? {} : english(strength)),
        }),
      )
    type Document = { readonly a: string | undefined; readonly b: string | undefined }
    const accepts = (
      { key, sparse, partialFilter, collation }: IndexDeclaration,
      pair: readonly Document[],
    ): boolean => {
      const fold = (text: string | undefined) => (collation?.['strength'] === 2 ? text?.toLowerCase() : text)
      const valuesOf = (one: Document) => key.map(([field]) => (field === 'a' ? one.a : one.b))
      const held = pair
        // Above `a` are all of these letters in a dictionary, and only the small ones by their bytes.
        .filter((one) => {
          if (partialFilter === null) return true
          if (partialFilter['b'] === 'x') return fold(one.b) === 'x'
          return one.b !== undefined && (collation === null ? one.b > 'a' : true)
        })
        .filter((one) => !sparse || valuesOf(one).some((found) => found !== undefined))
      const keys = held.map((one) => JSON.stringify(valuesOf(one).map((found) => fold(found) ?? null)))
      return new Set(keys).size === keys.length
    }
    fc.assert(
      fc.property(index, index, document, document, (one, other, first, second) => {
        if (!impliesUniqueness(declaredForm(one), declaredForm(other))) return
        if (accepts(one, [first, second])) expect(accepts(other, [first, second])).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })
})
