import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { StoreSession } from '../../../src/stores/contract.ts'
import { findDrift, isAsDeclared } from '../../../src/stores/find-drift.ts'
import type { MemberDeclaration } from '../../../src/stores/mongodb/declaration.ts'
import type { ReplicaSetConfiguration } from '../../../src/stores/mongodb/ports.ts'
import type { StoreChange } from '../../../src/stores/store-plan.ts'
import {
  describeMongodb,
  quickSettings,
  startMongodbs,
  type TestMongodb,
  testSet,
} from '../../helpers/mongodb/mongodb.ts'
import { applyAll, emptyDeclaration, openTestSession } from '../../helpers/mongodb/mongodb-session.ts'

const opened: StoreSession[] = []
const sent: ReplicaSetConfiguration[] = []

function memberOf({ address }: TestMongodb, more: Partial<MemberDeclaration> = {}): MemberDeclaration {
  return { host: address, address, votes: 1, priority: 1, hidden: false, tags: {}, ...more }
}

function open(members: readonly MemberDeclaration[]): StoreSession {
  const replicaSet = {
    name: testSet,
    members,
    settings: { ...emptyDeclaration().replicaSet?.settings, ...quickSettings },
  }
  const declaration = { ...emptyDeclaration(), replicaSet }
  const addresses = members.map(({ address }) => address)
  const session = openTestSession({ addresses, declaration, sent: (configuration) => sent.push(configuration) })
  opened.push(session)
  return session
}

/** Carries out what leads to these members, and shows that nothing is left then. */
async function reach(members: readonly MemberDeclaration[]): Promise<readonly StoreChange[]> {
  const session = open(members)
  const changes = await applyAll(session)
  expect((await session.plan()).changes).toEqual([])
  const bad = (await session.verify()).filter(({ state }) => state === 'bad')
  expect(bad).toEqual([])
  return changes
}

function summaries(changes: readonly StoreChange[], servers: readonly TestMongodb[]): readonly string[] {
  const letters = new Map(servers.map(({ address }, at) => [address, 'abcdef'.charAt(at)]))
  return changes.map(({ summary }) =>
    summary.replaceAll(/127\.0\.0\.1:\d+/g, (address) => letters.get(address) ?? address),
  )
}

/** How many votes are given and taken from one configuration to the next. */
function voteChanges(before: ReplicaSetConfiguration, after: ReplicaSetConfiguration): number {
  const voters = ({ members }: ReplicaSetConfiguration): readonly string[] =>
    members.filter((member) => (member['votes'] ?? 1) === 1).map(({ host }) => host)
  const [earlier, later] = [voters(before), voters(after)]
  return earlier.filter((host) => !later.includes(host)).length + later.filter((host) => !earlier.includes(host)).length
}

describeMongodb('a replica set', () => {
  let servers: readonly TestMongodb[] = []
  const at = (index: number): TestMongodb => {
    const server = servers[index]
    if (server === undefined) throw new Error(`there is no server ${index}`)
    return server
  }
  const initiateByHand = async (server: TestMongodb): Promise<void> => {
    const members = [{ _id: 0, host: server.address }]
    await server.client.db('admin').command({ replSetInitiate: { _id: testSet, members, settings: quickSettings } })
    const hello = () => server.client.db('admin').command({ hello: 1 })
    await expect.poll(async () => (await hello())['isWritablePrimary'], { timeout: 20_000 }).toBe(true)
  }
  const afresh = async (indexes: readonly number[]): Promise<void> => {
    await Promise.all(indexes.map((index) => at(index).kill()))
    await Promise.all(indexes.map((index) => at(index).restart({ empty: true })))
  }

  beforeAll(async () => {
    servers = await startMongodbs(4)
  })

  afterAll(async () => {
    await Promise.all(opened.map((session) => session.close()))
    await Promise.all(servers.map((server) => server.stop()))
  })

  it('that is half made is joined, grown, changed and shrunk, one vote at a time, and loses nothing', async () => {
    const [a, b, c, d] = [at(0), at(1), at(2), at(3)]
    await initiateByHand(a)
    await a.client
      .db('app')
      .collection('notes')
      .insertMany(Array.from({ length: 50 }, (_, _id) => ({ _id }) as never))
    const three = [memberOf(a, { priority: 2 }), memberOf(b), memberOf(c)]
    expect(summaries(await reach(three), servers)).toEqual([
      'add member b, without a vote for now',
      'add member c, without a vote for now',
      'alter member a',
      'give b its vote and priority 1, once it is a secondary',
      'give c its vote and priority 1, once it is a secondary',
    ])

    const { config } = await a.client.db('admin').command({ replSetGetConfig: 1 })
    config.version += 1
    config.members.pop()
    await a.client.db('admin').command({ replSetReconfig: config })
    expect(summaries(await reach(three), servers)).toEqual([
      'add member c, without a vote for now',
      'give c its vote and priority 1, once it is a secondary',
    ])

    const replaced = [memberOf(a, { priority: 2 }), memberOf(b, { tags: { rack: 'r1' } }), memberOf(d)]
    const changes = await reach(replaced)
    expect(summaries(changes, servers)).toEqual([
      'add member d, without a vote for now',
      'alter member b',
      'give d its vote and priority 1, once it is a secondary',
      'remove member c',
    ])
    expect(changes.map(({ loss }) => loss?.code ?? null)).toEqual([null, null, null, 'remove-member'])

    // The primary has to go: it steps down first, and the rest goes on without it.
    expect(summaries(await reach([memberOf(b, { tags: { rack: 'r1' } }), memberOf(d)]), servers)).toEqual([
      'remove member a',
    ])
    expect(
      summaries(
        await reach([memberOf(b, { tags: {} }), memberOf(d, { votes: 0, priority: 0, hidden: true })]),
        servers,
      ),
    ).toEqual(['alter member b', 'take the vote of d'])
    const client = await new MongoClient(`mongodb://${b.address}/?replicaSet=${testSet}`).connect()
    expect(await client.db('app').collection('notes').countDocuments()).toBe(50)
    await client.close()

    expect(sent.length).toBeGreaterThan(8)
    for (const [index, next] of sent.slice(1).entries()) {
      const before = sent[index]
      if (before?.version === next.version - 1) expect(voteChanges(before, next)).toBeLessThanOrEqual(1)
    }
  })

  it('is initiated once by two runs at once', async () => {
    // All of them: one that is left would tell the others of the set that was.
    await afresh([0, 1, 2, 3])
    const members = [memberOf(at(0)), memberOf(at(1)), memberOf(at(2))]
    const [one, two] = [open(members), open(members)]
    await Promise.all([one.plan(), two.plan()])
    const [change] = (await one.plan()).changes
    await two.plan()
    if (change === undefined) throw new Error('nothing to do')
    await Promise.all([one.apply(change), two.apply(change)])
    expect((await one.plan()).changes).toEqual([])
  })

  it('takes back a member that lost its data, and does without one that is down', async () => {
    const members = [memberOf(at(0)), memberOf(at(1)), memberOf(at(2))]
    const session = open(members)
    const seen = (await session.verify()).find(({ name }) => name === 'there is one primary')?.seen
    const lost = servers.slice(0, 3).find(({ address }) => address !== seen) ?? at(2)
    await lost.kill()
    const plan = await session.plan()
    expect(plan.changes).toEqual([])
    expect(plan.notes).toEqual([
      `${lost.address} is not reached (Nothing is listening there); it is a member of the set and rejoins when it is up.`,
    ])
    const findings = findDrift(await session.compare())
    expect(findings.map(({ code, resource }) => `${code} ${resource.kind} ${resource.name}`)).toEqual([
      `STORE_NOT_COMPARED replica set member ${lost.address}`,
    ])
    expect(isAsDeclared(findings)).toBe(false)
    await lost.restart({ empty: true })
    await expect
      .poll(async () => (await session.verify()).filter(({ state }) => state === 'bad'), { timeout: 40_000 })
      .toEqual([])
    expect((await session.plan()).changes).toEqual([])
  })

  it('refuses a server with data of its own, which joining would delete', async () => {
    await afresh([3])
    await initiateByHand(at(3))
    await at(3).client.db('app').collection('own').insertOne({})
    const members = [memberOf(at(0)), memberOf(at(1)), memberOf(at(2)), memberOf(at(3))]
    await expect(open(members).plan()).rejects.toMatchObject({
      code: 'MONGODB_OTHER_SET',
      faults: [{ what: expect.stringContaining('The members belong to 2 different sets with the same name') }],
    })
    // Its configuration is taken away by hand, its data is not: now it looks fresh.
    await at(3).kill('SIGTERM')
    await at(3).restart({ replicaSet: null })
    await at(3).client.db('local').collection('system.replset').deleteMany({})
    await at(3).kill('SIGTERM')
    await at(3).restart()
    await expect(open(members).plan()).rejects.toMatchObject({
      code: 'MONGODB_HAS_DATA',
      faults: [
        { what: expect.stringContaining(`${at(3).address} has 1 collections of its own, which joining would delete`) },
      ],
    })
  })
})
