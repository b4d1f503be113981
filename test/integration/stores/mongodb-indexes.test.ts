import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Declaration, IndexDeclaration } from '../../../src/stores/mongodb/declaration.ts'
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
})
