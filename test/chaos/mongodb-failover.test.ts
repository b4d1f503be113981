import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { StoreSession } from '../../src/stores/contract.ts'
import type { StoreCheck } from '../../src/stores/outcome.ts'
import { describeMongodb, startMongodbs, type TestMongodb, testSet } from '../helpers/mongodb/mongodb.ts'
import { applyAll, collectionOf, emptyDeclaration, openTestSession } from '../helpers/mongodb/mongodb-session.ts'

describeMongodb('a replica set whose primary is killed', () => {
  let servers: readonly TestMongodb[] = []
  let session: StoreSession
  let client: MongoClient

  beforeAll(async () => {
    servers = await startMongodbs(3)
    const addresses = servers.map(({ address }) => address)
    session = openTestSession({ addresses, declaration: emptyDeclaration() })
    await applyAll(session)
    client = await new MongoClient(`mongodb://${addresses.join(',')}/?replicaSet=${testSet}&w=majority`).connect()
  })

  afterAll(async () => {
    await client.close()
    await session.close()
    await Promise.all(servers.map((server) => server.stop()))
  })

  const verify = async (): Promise<Readonly<Record<string, StoreCheck>>> =>
    Object.fromEntries((await session.verify()).map((check) => [check.name, check]))
  const find = (address: string | undefined): TestMongodb => {
    const found = servers.find((server) => server.address === address)
    if (found === undefined) throw new Error(`no server ${address}`)
    return found
  }
  const writing = 'a document written with majority is read everywhere'

  it('a set that lost its primary takes writes again from another one, and verify reports its state before, during and after', async () => {
    const notes = client.db('app').collection('notes')
    await notes.insertOne({ at: 'before' })
    const before = await verify()
    expect(Object.values(before).filter(({ state }) => state === 'bad')).toEqual([])
    expect(before['one more member may fail']).toMatchObject({
      state: 'good',
      seen: '3 of 3 voting members are healthy, 2 are needed',
    })

    const killed = find(before['there is one primary']?.seen)
    await killed.kill()
    // At once: no member has noticed yet, and still what is reported is true.
    const during = await verify()
    expect(during[`${killed.address} answers`]).toMatchObject({ state: 'bad', seen: 'Nothing is listening there.' })
    expect(during['there is one primary']?.seen).not.toBe(killed.address)

    const started = Date.now()
    await notes.insertOne({ at: 'during' })
    console.log(`a write with majority went through ${Date.now() - started} ms after the primary was killed`)
    const after = await verify()
    expect(after['there is one primary']).toMatchObject({ state: 'good' })
    expect(after['one more member may fail']).toMatchObject({
      state: 'warning',
      seen: '2 of 3 voting members are healthy, 2 are needed',
    })
    expect(after[writing]).toMatchObject({ state: 'good' })
    expect((await session.plan()).changes).toEqual([])

    const second = find(after['there is one primary']?.seen)
    await second.kill()
    await expect
      .poll(async () => (await verify())['there is one primary'], { timeout: 30_000 })
      .toMatchObject({ state: 'bad', seen: 'there is no primary' })
    const worst = await verify()
    // A plan would wait for a primary; the comparison says at once that there is none.
    const asked = Date.now()
    await expect(session.compare()).rejects.toMatchObject({ code: 'MONGODB_NO_PRIMARY', exitCode: 69 })
    expect(Date.now() - asked).toBeLessThan(10_000)
    expect(worst['one more member may fail']).toMatchObject({ state: 'bad' })
    expect(worst[writing]).toMatchObject({ state: 'bad', seen: 'no member accepts writes' })

    await killed.restart()
    await second.restart()
    await expect
      .poll(async () => Object.values(await verify()).filter(({ state }) => state === 'bad'), { timeout: 60_000 })
      .toEqual([])
    expect(await notes.find({}, { projection: { _id: 0 } }).toArray()).toEqual([{ at: 'before' }, { at: 'during' }])
  })

  it('an apply that finds no primary waits for one', async () => {
    const place = { name: 'app', collections: [collectionOf('later')], views: [] }
    const addresses = servers.map(({ address }) => address)
    const more = openTestSession({ addresses, declaration: { ...emptyDeclaration(), databases: [place] } })
    const [change] = (await more.plan()).changes
    if (change === undefined) throw new Error('nothing to do')
    const killed = find((await verify())['there is one primary']?.seen)
    await killed.kill()
    await more.apply(change)
    expect((await more.plan()).changes).toEqual([])
    await killed.restart()
    await more.close()
  })

  it('that is frozen, not killed, is found out as well', async () => {
    await expect
      .poll(async () => Object.values(await verify()).filter(({ state }) => state === 'bad'), { timeout: 60_000 })
      .toEqual([])
    const frozen = find((await verify())['there is one primary']?.seen)
    frozen.freeze()
    try {
      expect((await verify())[`${frozen.address} answers`]).toMatchObject({
        state: 'bad',
        seen: 'It did not answer in time.',
      })
    } finally {
      frozen.thaw()
    }
  })
})
