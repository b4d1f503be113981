import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readDeclarationDocument } from '../../../src/stores/declare/read-declarations.ts'
import type { Declaration, IndexDeclaration } from '../../../src/stores/mongodb/declaration.ts'
import { readDeclaration } from '../../../src/stores/mongodb/schema.ts'
import { describeMongodb, startMongodb, type TestMongodb } from '../../helpers/mongodb/mongodb.ts'
import {
  applyAll,
  collectionOf,
  emptyDeclaration,
  indexOn,
  openTestSession,
} from '../../helpers/mongodb/mongodb-session.ts'

const plain = indexOn({ a: 1 }, { name: 'a_plain' })
const unique = indexOn({ a: 1 }, { name: 'a_unique', unique: true })

describeMongodb('an index that is declared otherwise', () => {
  let server: TestMongodb
  let client: MongoClient

  beforeAll(async () => {
    server = await startMongodb({})
    await applyAll(session([]))
    client = new MongoClient(`mongodb://${server.address}/?directConnection=true`)
  })
  afterAll(async () => {
    await client?.close()
    await server?.stop()
  })

  function session(indexes: readonly IndexDeclaration[]) {
    const collections = [collectionOf('items', { indexes })]
    const databases = indexes.length === 0 ? [] : [{ name: 'shop', collections, views: [] }]
    const declaration: Declaration = { ...emptyDeclaration(), databases }
    return openTestSession({ addresses: [server.address], declaration })
  }

  /** A fresh collection with an index and a document. */
  async function begin(index: IndexDeclaration): Promise<void> {
    await client.db('shop').dropDatabase()
    const before = session([index])
    await applyAll(before)
    await before.close()
    await client.db('shop').collection('items').insertOne({ a: 1, b: 1 })
  }

  const names = async () => (await client.db('shop').collection('items').indexes()).map(({ name }) => name).toSorted()

  it.each([
    ['plain', plain],
    ['unique', unique],
  ])('under another name alone is as declared: %s', async (_, index) => {
    await begin(index)
    const renamed = session([{ ...index, name: 'other' }])
    const { changes, findings } = await renamed.plan()
    expect([changes, findings]).toEqual([[], []])
    await renamed.close()
  })

  it('unique under another name refuses duplicates at every moment, with a writer beside it', async () => {
    await begin(unique)
    const items = client.db('shop').collection('items')
    const partial = { ...unique, name: 'a_partial', partialFilter: { a: { $exists: true } } }
    const plan = session([partial])
    let writing = true
    let accepted = 0
    const writer = (async () => {
      while (writing)
        accepted += await items.insertOne({ a: 1 }).then(
          () => 1,
          () => 0,
        )
    })()
    const changes = await applyAll(plan)
    writing = false
    await writer
    await plan.close()
    expect(accepted).toBe(0)
    expect(changes).toMatchObject([{ action: 'create', summary: expect.stringContaining('a_partial'), loss: null }])
    expect(await names()).toContain('a_partial')
  })

  it('unique instead of plain is made so without a build, under the name that it has', async () => {
    await begin(plain)
    const plan = session([unique])
    expect(await applyAll(plan)).toMatchObject([{ action: 'update', loss: null }])
    expect((await plan.plan()).changes).toEqual([])
    expect(await names()).toEqual(['_id_', 'a_plain'])
    await plan.close()
  })

  it('with another strength under another name is built before the other goes', async () => {
    const french = { ...unique, collation: { locale: 'fr', strength: 2 } }
    await begin(french)
    const plan = session([{ ...french, name: 'a_strict', collation: { locale: 'fr', strength: 3 } }])
    let applying = true
    const seen: (readonly (string | undefined)[])[] = []
    const watcher = (async () => {
      while (applying) seen.push(await names())
    })()
    await applyAll(plan)
    applying = false
    await watcher
    expect(seen.length).toBeGreaterThan(1)
    expect(seen.filter((one) => !one.includes('a_unique') && !one.includes('a_strict'))).toEqual([])
    expect((await plan.plan()).changes).toEqual([])
    expect(await names()).toEqual(['_id_', 'a_strict'])
    await plan.close()
  })

  it.each([
    [
      'no longer unique, under another name',
      unique,
      plain,
      /is unique, and its declaration is not: duplicates of a are accepted/,
    ],
    ['no longer unique, under its name', unique, { ...plain, name: 'a_unique' }, /its declaration is not/],
    [
      'on other fields under its name',
      unique,
      indexOn({ a: 1, b: 1 }, { name: 'a_unique', unique: true }),
      /is dropped before the new one can be built.*meanwhile nothing refuses duplicates of a/,
    ],
  ])('%s is a loss that is asked about', async (_, before, after, why) => {
    await begin(before)
    const plan = session([after])
    const { changes } = await plan.plan()
    expect(changes).toMatchObject([
      { action: 'replace', loss: { code: 'lost-uniqueness', why: expect.stringMatching(why) } },
    ])
    expect(changes[0]?.loss?.affected).toEqual(['shop.items (1 document)'])
    for (const change of changes) await plan.apply(change)
    expect((await plan.plan()).changes).toEqual([])
    await plan.close()
  })

  it('that an interrupted run left beside its successor is dropped by the next', async () => {
    await begin(plain)
    await client
      .db('shop')
      .command({ createIndexes: 'items', indexes: [{ key: { a: 1 }, name: 'a_unique', unique: true }] })
    const plan = session([unique])
    const changes = await applyAll(plan)
    expect(changes).toMatchObject([
      { summary: expect.stringMatching(/^drop index a_plain on shop\.items/), loss: null },
    ])
    expect(await names()).toEqual(['_id_', 'a_unique'])
    expect((await plan.plan()).changes).toEqual([])
    await plan.close()
  })

  const day = 86_400
  const old = new Date(Date.now() - 40 * day * 1000)
  const ttl = indexOn({ at: 1 }, { name: 'ttl', expireAfterSeconds: 30 * day })
  const done = { ...ttl, partialFilter: { state: 'done' } }

  it.each([
    ['on another field', { ...ttl, key: [['seen', 1]] as const }, ttl, /so far it is 30 days after seen/],
    ['without the filter that it had', done, ttl, /only for those that pass the filter of the index/],
    ['with another filter', { ...done, partialFilter: { state: 'new' } }, done, /only for those that pass/],
  ])('expires documents %s under its name: a loss that is counted', async (_, before, after, why) => {
    await begin(before)
    const items = client.db('shop').collection('items')
    await items.insertMany([
      { a: 2, at: old, state: 'done' },
      { a: 3, at: old, state: 'done' },
      { a: 4, at: new Date(), state: 'done' },
    ])
    const plan = session([after])
    const { changes } = await plan.plan()
    expect(changes).toMatchObject([
      {
        action: 'replace',
        loss: {
          code: 'expire-documents',
          why: expect.stringMatching(why),
          affected: ['shop.items (2 of 4 documents at once)'],
        },
      },
    ])
    for (const change of changes) await plan.apply(change)
    expect((await plan.plan()).changes).toEqual([])
    await plan.close()
  })

  it('expires fewer documents without a question: a longer time, a first filter, no time', async () => {
    for (const after of [{ ...ttl, expireAfterSeconds: 60 * day }, done, { ...ttl, expireAfterSeconds: null }]) {
      await begin(ttl)
      await client.db('shop').collection('items').insertOne({ a: 2, at: new Date(), state: 'done' })
      const plan = session([after])
      expect(await applyAll(plan)).toMatchObject([{ loss: null }])
      expect((await plan.plan()).changes).toEqual([])
      await plan.close()
    }
  })

  it('that refuses less is a loss, also where the new one is built first; one that refuses more is none', async () => {
    const english = (strength: number) => ({ ...unique, collation: { locale: 'en', strength } })
    const strict = english(2)
    const loose = { ...english(3), name: 'a_loose' }
    await begin(strict)
    const plan = session([loose])
    const { changes } = await plan.plan()
    expect(changes).toMatchObject([
      { action: 'replace', loss: { code: 'lost-uniqueness', why: expect.stringContaining('another collation') } },
    ])
    for (const change of changes) await plan.apply(change)
    const items = client.db('shop').collection('items')
    await items.insertMany([{ a: 'x' }, { a: 'X' }])
    await plan.close()
    const back = session([strict])
    await expect(back.plan()).rejects.toMatchObject({
      code: 'MONGODB_DUPLICATES',
      faults: [{ why: '1 value of a occurs more than once.' }],
    })
    await items.deleteOne({ a: 'X' })
    expect(await applyAll(back)).toMatchObject([{ action: 'replace', loss: null }])
    expect(await items.insertOne({ a: 'X' }).catch(({ code }: { code: number }) => code)).toBe(11_000)
    await back.close()
  })

  it('unique on fewer fields is refused before the one of its name goes, where values are there twice', async () => {
    const pair = indexOn({ a: 1, b: 1 }, { name: 'a_unique', unique: true })
    await begin(pair)
    await client.db('shop').collection('items').insertOne({ a: 1, b: 2 })
    const plan = session([unique])
    await expect(plan.plan()).rejects.toMatchObject({ code: 'MONGODB_DUPLICATES' })
    expect(await names()).toEqual(['_id_', 'a_unique'])
    await plan.close()
  })

  it('no longer unique and with a first expiry is two changes, each with its loss', async () => {
    const day = indexOn({ at: 1 }, { name: 'at_unique', unique: true })
    await begin(day)
    const plan = session([{ ...day, unique: false, expireAfterSeconds: 86_400 }])
    const { changes } = await plan.plan()
    expect(changes.map(({ loss }) => loss?.code)).toEqual(['lost-uniqueness', 'expire-documents'])
    for (const change of changes) await plan.apply(change)
    expect((await plan.plan()).changes).toEqual([])
    await plan.close()
  })

  /** What a file declares, in a database of its own. */
  function read(text: string) {
    const document = readDeclarationDocument(text, 'shop.yaml')
    const reading = 'value' in document ? readDeclaration([document]) : null
    if (reading?.type !== 'declaration') throw new Error(JSON.stringify([document, reading]))
    const declaration = { ...emptyDeclaration(), databases: reading.declaration.databases }
    return openTestSession({ addresses: [server.address], declaration })
  }

  it('takes the collation of its collection, as the server gives it one, and has none where it says so', async () => {
    await client.db('shop').dropDatabase()
    const plan = read(`
databases:
  shop:
    collections:
      names:
        collation: { locale: en, strength: 2 }
        indexes:
          - { key: { a: 1 }, unique: true }
          - { key: { b: 1 }, unique: true, collation: { locale: simple } }
          - { key: { c: text } }
          - { key: { at: 1 }, expireAfter: 30 days, partialFilter: { state: done } }
      bytes:
        collation: { locale: simple }
        indexes: [{ key: { a: 1 }, unique: true }]
`)
    await applyAll(plan)
    const again = await plan.plan()
    expect([again.changes, again.findings]).toEqual([[], []])
    const namesOf = client.db('shop').collection('names')
    const orders = (await namesOf.indexes()).map(({ name, collation }) => [name, collation?.locale ?? null])
    expect(orders).toEqual([
      ['_id_', 'en'],
      ['a_1', 'en'],
      ['b_1', null],
      ['c_text', null],
      ['at_1', 'en'],
    ])
    await plan.close()
    const insert = (document: object) => namesOf.insertOne(document).catch(({ code }: { code: number }) => code)
    await insert({ a: 'x', b: 'x' })
    expect(await insert({ a: 'X', b: 'y' })).toBe(11_000)
    expect(await insert({ a: 'y', b: 'X' })).not.toBe(11_000)
  })

  it('counts what it would delete and what is there twice as it compares texts itself', async () => {
    await client.db('shop').dropDatabase()
    const names = client.db('shop').collection('names')
    const text = (more: string) => `
databases:
  shop:
    collections:
      names:
        collation: { locale: en, strength: 2 }
        indexes:
          - { key: { b: 1 }, collation: { locale: simple }${more} }
          - { key: { at: 1 }, collation: { locale: simple }, partialFilter: { state: done }${more === '' ? '' : ', expireAfter: 30 days'} }
`
    const first = read(text(''))
    await applyAll(first)
    await first.close()
    await names.insertMany([
      { b: 'x', at: old, state: 'DONE' },
      { b: 'X', at: old, state: 'done' },
      { b: 'y', at: old, state: 'new' },
    ])
    const plan = read(text(', unique: true'))
    expect((await plan.plan()).changes).toMatchObject([
      { resource: { name: 'shop.names.b_1' }, loss: null },
      { loss: { code: 'expire-documents', affected: ['shop.names (1 of 3 documents at once)'] } },
    ])
    await plan.close()
  })

  it('with a language alone is as declared where the server fills in the rest, in every order that it knows', async () => {
    for (const locale of ['ar', 'da', 'de', 'en', 'fr_CA', 'hi', 'ja', 'ko', 'mt', 'ru', 'th', 'vi', 'zh']) {
      await begin({ ...unique, collation: { locale } })
      const plan = session([{ ...unique, collation: { locale } }])
      expect([locale, (await plan.plan()).changes]).toEqual([locale, []])
      await plan.close()
    }
  })
})
