import type { Document } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openMongodb } from '../../../src/stores/mongodb/driver.ts'
import type { ReplicaSetConfiguration } from '../../../src/stores/mongodb/ports.ts'
import {
  describeMongodb,
  quickSettings,
  startMongodb,
  type TestMongodb,
  testSet,
} from '../../helpers/mongodb/mongodb.ts'
import { applyAll, emptyDeclaration, openTestSession } from '../../helpers/mongodb/mongodb-session.ts'

/** Servers that the cases share: what is refused changes none of them. */
interface Stand {
  /** Fresh until the set is made of them. */
  readonly one: TestMongodb
  readonly two: TestMongodb
  readonly three: TestMongodb
  readonly alone: TestMongodb
  readonly other: TestMongodb
}

const nobody = '127.0.0.1:9'

function many(count: number, more: Document = {}): (stand: Stand) => readonly Document[] {
  return ({ one }) =>
    Array.from({ length: count }, (_, at) => ({ _id: at, host: at === 0 ? one.address : `127.0.0.1:${at}`, ...more }))
}

/** What the server itself has against a first configuration; each is sent to the first server. */
const initiations: readonly (readonly [
  what: string,
  members: (stand: Stand) => readonly Document[],
  reason: RegExp,
  more?: Document,
])[] = [
  [
    'another name than it was started with',
    many(1),
    /set name that differs from command line set name/,
    { _id: 'elsewhere' },
  ],
  [
    'a list without the server itself',
    ({ two }) => [{ _id: 0, host: two.address }],
    /No host described in new configuration .*maps to this node/,
  ],
  [
    'a member that does not answer',
    ({ one }) => [
      { _id: 0, host: one.address },
      { _id: 1, host: nobody },
    ],
    /not enough voting nodes|quorum check failed/i,
  ],
  [
    'a member that was started without a set',
    ({ one, alone }) => [
      { _id: 0, host: one.address },
      { _id: 1, host: alone.address },
    ],
    /quorum check failed|not running with --replSet/i,
  ],
  [
    'a member of another set',
    ({ one, other }) => [
      { _id: 0, host: one.address },
      { _id: 1, host: other.address },
    ],
    /quorum check failed|set name/i,
  ],
  [
    'one host twice',
    ({ one }) => [
      { _id: 0, host: one.address },
      { _id: 1, host: one.address },
    ],
    /Found two member configurations with same host/,
  ],
  [
    'one number twice',
    ({ one, two }) => [
      { _id: 0, host: one.address },
      { _id: 0, host: two.address },
    ],
    /same _id/,
  ],
  ['no members', () => [], /contains 0 members/],
  ['eight votes', many(8), /contains 8 voting members/],
  ['fifty-one members', many(51), /contains 51 members/],
  ['two votes for one member', many(1, { votes: 2 }), /votes/],
  [
    'a priority without a vote',
    ({ one, two }) => [
      { _id: 0, host: one.address },
      { _id: 1, host: two.address, votes: 0 },
    ],
    /priority must be 0 when non-voting/,
  ],
  [
    'a hidden member that may become primary',
    ({ one, two }) => [
      { _id: 0, host: one.address },
      { _id: 1, host: two.address, hidden: true },
    ],
    /priority must be 0 when hidden/,
  ],
  [
    'a delayed member that may become primary',
    ({ one, two }) => [
      { _id: 0, host: one.address },
      { _id: 1, host: two.address, secondaryDelaySecs: 60 },
    ],
    /priority must be 0 when/,
  ],
  [
    'a member without indexes that may become primary',
    ({ one, two }) => [
      { _id: 0, host: one.address },
      { _id: 1, host: two.address, buildIndexes: false },
    ],
    /priority must be 0 when buildIndexes/,
  ],
  ['a priority above 1000', many(1, { priority: 1001 }), /priority.*out of range|priority/i],
  ['a priority below 0', many(1, { priority: -1 }), /priority/],
  ['no member that could become primary', many(1, { priority: 0 }), /electable|priority/],
  [
    'a server that could not become primary itself',
    ({ one, two }) => [
      { _id: 0, host: one.address, priority: 0 },
      { _id: 1, host: two.address },
    ],
    /not electable|electable/,
  ],
  ['a number below 0', ({ one }) => [{ _id: -1, host: one.address }], /_id/],
  [
    'names for some and localhost for others',
    ({ one }) => [
      { _id: 0, host: one.address },
      { _id: 1, host: 'db.invalid:27017' },
    ],
    /localhost|not reachable|quorum|resolve/i,
  ],
  ['an unknown key of a member', many(1, { colour: 'red' }), /colour/],
  ['an unknown key of the set', many(1), /colour/, { colour: 'red' }],
  ['tags that are no texts', many(1, { tags: { rack: 1 } }), /tags|rack/],
  [
    'an arbiter with tags',
    ({ one, two }) => [
      { _id: 0, host: one.address },
      { _id: 1, host: two.address, arbiterOnly: true, tags: { a: 'b' } },
    ],
    /[Aa]rbiter/,
  ],
  ['an election timeout of nothing', many(1), /electionTimeoutMillis/, { settings: { electionTimeoutMillis: 0 } }],
  ['a heartbeat interval of nothing', many(1), /heartbeatIntervalMillis/, { settings: { heartbeatIntervalMillis: 0 } }],
  ['the protocol of old', many(1), /protocolVersion/, { protocolVersion: 0 }],
]

type Change = (configuration: Document, stand: Stand) => void

/** What the server itself has against a next configuration of its set of three. */
const reconfigurations: readonly (readonly [what: string, change: Change, expected: RegExp | 'later'])[] = [
  ['a version that it has already', (next) => Object.assign(next, { version: 1 }), 'later'],
  [
    'two votes taken at once',
    (next) => {
      for (const member of next['members'].slice(1)) Object.assign(member, { votes: 0, priority: 0 })
    },
    /at most 1 voting member/,
  ],
  [
    'two votes less at once',
    (next) => next['members'].splice(1, 2),
    /at most one voting node|Non force replica set reconfig/i,
  ],
  ['another name', (next) => Object.assign(next, { _id: 'renamed' }), /name/],
  [
    'another mark of the set',
    (next) => Object.assign(next['settings'], { replicaSetId: { $oid: '65f000000000000000000000' } }),
    /replicaSetId|replica set ID|ObjectID|OID/i,
  ],
  ['another number for one host', (next) => Object.assign(next['members'][2], { _id: 12 }), /_id|same host/],
  [
    'a primary without priority',
    (next, { one }) =>
      Object.assign(
        next['members'].find((member: Document) => member['host'] === one.address),
        { priority: 0 },
      ),
    /not electable|electable/,
  ],
  [
    'a primary that is left out',
    (next, { one }) =>
      Object.assign(next, { members: next['members'].filter((member: Document) => member['host'] !== one.address) }),
    /No host described in new configuration|maps to this node/,
  ],
  [
    'a new vote for a member of another set',
    (next, { other }) => next['members'].push({ _id: 11, host: other.address }),
    /set name|quorum|Our set name/i,
  ],
  [
    'an arbiter, with which a write of the majority would mean less',
    (next) => Object.assign(next['members'][2], { arbiterOnly: true, priority: 0 }),
    /implicit default write concern/,
  ],
]

describeMongodb('what mongod refuses', () => {
  let stand: Stand
  const driver = openMongodb({ user: null, password: null, authenticationDatabase: '', secure: false, tls: null })

  beforeAll(async () => {
    const [one, two, three, alone, other] = await Promise.all([
      startMongodb(),
      startMongodb(),
      startMongodb(),
      startMongodb({ replicaSet: null }),
      startMongodb({ replicaSet: 'other' }),
    ])
    stand = { one, two, three, alone, other }
  })

  afterAll(async () => {
    await driver.close()
    await Promise.all(Object.values(stand).map((server) => server.stop()))
  })

  const statusOf = async ({ address }: TestMongodb): Promise<string> =>
    (await driver.observeMember(address)).status.type

  describe('to initiate', () => {
    it.each(initiations.map(([what, members, reason, more = {}]) => ({ what, members, reason, more })))(
      '$what',
      async ({ members, reason, more }) => {
        const configuration = {
          _id: testSet,
          version: 1,
          members: members(stand),
          ...more,
        } as unknown as ReplicaSetConfiguration
        const attempt = driver.initiate(stand.one.address, configuration)
        await expect(attempt).rejects.toMatchObject({
          code: 'STORE_REFUSED',
          exitCode: 2,
          faults: [
            {
              what: `MongoDB at ${stand.one.address} refused a request.`,
              where: { server: stand.one.address },
              why: expect.stringMatching(reason),
            },
          ],
        })
        expect(await statusOf(stand.one)).toBe('fresh')
      },
    )
  })

  describe('to plan', () => {
    const plan = async (addresses: readonly string[], name = testSet): Promise<unknown> => {
      const declaration = emptyDeclaration()
      const replicaSet = declaration.replicaSet === null ? null : { ...declaration.replicaSet, name }
      const session = openTestSession({ addresses, declaration: { ...declaration, replicaSet } })
      try {
        return await session.plan()
      } finally {
        await session.close()
      }
    }

    it.each<readonly [string, (stand: Stand) => readonly string[], string, number]>([
      [
        'a server that was started without a set',
        ({ one, alone }) => [one.address, alone.address],
        'MONGODB_NOT_REPLICATED',
        2,
      ],
      [
        'a server that was started for another set',
        ({ one, other }) => [one.address, other.address],
        'MONGODB_OTHER_SET',
        2,
      ],
      ['a server that does not answer', ({ one }) => [one.address, nobody], 'STORE_UNREACHABLE', 69],
    ])('with %s', async (_what, addresses, code, exitCode) => {
      await expect(plan(addresses(stand))).rejects.toMatchObject({ code, exitCode })
    })

    it('with another name than the servers were started with', async () => {
      await expect(plan([stand.one.address], 'wework')).rejects.toMatchObject({
        code: 'MONGODB_OTHER_SET',
        faults: [{ what: `${stand.one.address} was started for the replica set \`rs0\`, not for \`wework\`.` }],
      })
    })
  })

  describe('to reconfigure', () => {
    beforeAll(async () => {
      const { one, two, three } = stand
      const members = [one, two, three].map(({ address }, at) => ({
        ...{ host: address, address, votes: 1, hidden: false, tags: {} },
        // The first stays primary throughout.
        priority: at === 0 ? 2 : 1,
      })) as never
      const declaration = { ...emptyDeclaration(), replicaSet: { name: testSet, members, settings: quickSettings } }
      const session = openTestSession({ addresses: [one.address, two.address, three.address], declaration })
      await applyAll(session)
      await session.close()
      await vi.waitFor(
        async () => expect((await driver.observeMember(one.address)).status).toMatchObject({ writable: true }),
        30_000,
      )
    })

    const read = async (): Promise<Document> => {
      const { status } = await driver.observeMember(stand.one.address)
      if (status.type !== 'member' || status.configuration === null) throw new Error('there is no configuration')
      return status.configuration
    }

    it.each(reconfigurations)('%s', async (_what, change, expected) => {
      const before = await read()
      const next: Document = {
        ...structuredClone(before),
        settings: { ...before['settings'] },
        version: before['version'] + 1,
      }
      change(next, stand)
      const attempt = driver.reconfigure(stand.one.address, next as ReplicaSetConfiguration)
      if (expected === 'later') expect(await attempt).toBe('later')
      else
        await expect(attempt).rejects.toMatchObject({
          code: 'STORE_REFUSED',
          faults: [{ why: expect.stringMatching(expected) }],
        })
      expect((await read())['version']).toBe(before['version'])
    })

    it('on a secondary, and reports that it is elsewhere', async () => {
      const next = await read()
      expect(await driver.reconfigure(stand.two.address, { ...next, version: next['version'] + 1 } as never)).toBe(
        'elsewhere',
      )
    })

    it('to initiate once more, which is no fault', async () => {
      const before = await read()
      const { one } = stand
      const again = { _id: testSet, version: 1, members: [{ _id: 0, host: one.address }] }
      expect(await driver.initiate(one.address, again)).toBe('done')
      expect((await read())['version']).toBe(before['version'])
    })
  })
})
