import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkMembers, observeSet } from '../../../src/stores/mongodb/check-members.ts'
import { compareDocuments, compareIndexes, declaredForm, observedForm } from '../../../src/stores/mongodb/compare.ts'
import { configurationSteps, hasVote, nextConfiguration, sameHost } from '../../../src/stores/mongodb/configuration.ts'
import type { IndexDeclaration, MemberDeclaration } from '../../../src/stores/mongodb/declaration.ts'
import { nothingDeclared, prefixNames } from '../../../src/stores/mongodb/declaration.ts'
import type { MemberOfSet, ObservedMember, ReplicaSetConfiguration } from '../../../src/stores/mongodb/ports.ts'
import { checkMajority } from '../../../src/stores/mongodb/verify.ts'

const noSettings = { electionTimeoutMillis: null, heartbeatIntervalMillis: null, catchUpTimeoutMillis: null }

const hosts = ['a:1', 'b:1', 'c:1', 'd:1', 'e:1', 'f:1', 'g:1', 'h:1', 'i:1'] as const

/** Members with at least one that may become primary, and at most seven votes. */
const members = fc
  .uniqueArray(
    fc.record({
      host: fc.constantFrom(...hosts),
      votes: fc.constantFrom(0 as const, 1 as const),
      rack: fc.constantFrom('r1', 'r2'),
    }),
    { minLength: 1, maxLength: 9, selector: ({ host }) => host },
  )
  .map((list) =>
    list.map(({ host, votes, rack }, at): MemberDeclaration => {
      const vote = at === 0 ? 1 : at < 7 ? votes : 0
      return { host, address: host, votes: vote, priority: vote, hidden: false, tags: { rack } }
    }),
  )

function configurationOf(list: readonly MemberDeclaration[]): ReplicaSetConfiguration {
  const documents = list.map(({ host, votes, priority, hidden, tags }, at) => ({
    _id: at,
    host,
    votes,
    priority,
    hidden,
    tags,
  }))
  return { _id: 'rs0', version: 1, term: 1, members: documents }
}

function votersOf({ members: list }: ReplicaSetConfiguration): readonly string[] {
  return list.filter(hasVote).map(({ host }) => host)
}

describe('the way from one configuration to another', () => {
  it('arrives, changes one vote a step, and never has fewer votes or copies than the poorer of both', () => {
    fc.assert(
      fc.property(members, members, (before, after) => {
        const least = Math.min(
          before.filter(({ votes }) => votes === 1).length,
          after.filter(({ votes }) => votes === 1).length,
        )
        const copies = Math.min(before.length, after.length)
        let configuration = configurationOf(before)
        for (const operation of configurationSteps(configuration, after, noSettings)) {
          const next = nextConfiguration(configuration, operation)
          if (next === null) throw new Error(`a step that does nothing: ${JSON.stringify(operation)}`)
          const [earlier, later] = [votersOf(configuration), votersOf(next)]
          const changed = [
            ...earlier.filter((host) => !later.includes(host)),
            ...later.filter((host) => !earlier.includes(host)),
          ]
          expect(changed.length).toBeLessThanOrEqual(1)
          expect(later.length).toBeLessThanOrEqual(7)
          expect(later.length).toBeGreaterThanOrEqual(Math.min(least, 6))
          expect(next.members.length).toBeGreaterThanOrEqual(copies)
          expect(next.version).toBe(configuration.version + 1)
          expect(new Set(next.members.map(({ _id }) => _id)).size).toBe(next.members.length)
          configuration = next
        }
        expect(configurationSteps(configuration, after, noSettings)).toEqual([])
        const byHost = (list: readonly { readonly host: string }[]) => [...list].map(({ host }) => host).sort()
        expect(byHost(configuration.members)).toEqual(byHost(after))
      }),
      { numRuns: 500 },
    )
  })

  it('does nothing twice', () => {
    fc.assert(
      fc.property(members, members, (before, after) => {
        let configuration = configurationOf(before)
        for (const operation of configurationSteps(configuration, after, noSettings)) {
          configuration = nextConfiguration(configuration, operation) ?? configuration
          expect(nextConfiguration(configuration, operation)).toBeNull()
        }
      }),
      { numRuns: 200 },
    )
  })

  it('keeps what it does not know of a member and of the set', () => {
    const configuration = {
      ...configurationOf([]),
      members: [{ _id: 3, host: 'a:1', secondaryDelaySecs: 0 }],
      writeConcernMajorityJournalDefault: true,
    }
    const member: MemberDeclaration = { host: 'a:1', address: 'a:1', votes: 1, priority: 5, hidden: false, tags: {} }
    const next = nextConfiguration(configuration, { type: 'alter-member', member })
    expect(next).toMatchObject({
      writeConcernMajorityJournalDefault: true,
      members: [{ _id: 3, secondaryDelaySecs: 0, priority: 5 }],
    })
  })

  it('knows a host with and without the usual port, in any case', () => {
    expect(sameHost('DB1', 'db1:27017')).toBe(true)
    expect(sameHost('db1:27018', 'db1')).toBe(false)
  })
})

function index(change: Partial<IndexDeclaration>): IndexDeclaration {
  const plain = { name: 'i', key: [], unique: false, sparse: false, hidden: false, expireAfterSeconds: null }
  return { ...plain, partialFilter: null, collation: null, weights: {}, defaultLanguage: null, ...change }
}

describe('the form of an index', () => {
  it('an index of texts has the form that MongoDB gives it', () => {
    const declared = index({
      name: 'words',
      key: [
        ['at', 1],
        ['title', 'text'],
        ['body', 'text'],
      ],
      weights: { title: 3 },
    })
    const specification = {
      v: 2,
      key: { at: 1, _fts: 'text', _ftsx: 1 },
      name: 'words',
      weights: { body: 1, title: 3 },
      default_language: 'english',
      language_override: 'language',
      textIndexVersion: 3,
    }
    expect(compareIndexes(observedForm({ name: 'words', specification }), declaredForm(declared))).toEqual([])
  })

  it('compares the order of fields, and only the declared part of a collation', () => {
    const declared = index({
      name: 'x',
      key: [
        ['a', 1],
        ['b', -1],
      ],
      collation: { locale: 'zh' },
    })
    const specification = { key: { b: -1, a: 1 }, collation: { locale: 'zh', strength: 3, version: '57.1' } }
    expect(
      compareIndexes(observedForm({ name: 'x', specification }), declaredForm(declared)).map(({ path }) => path),
    ).toEqual(['key'])
  })
})

describe('the difference of two documents', () => {
  it('is reported leaf by leaf, and the order of keys is not a difference', () => {
    expect(compareDocuments('v', { a: { b: 1, c: [1, 2] }, d: 'x' }, { d: 'x', a: { c: [1, 3], b: 1 } })).toEqual([
      { path: 'v.a.c', actual: '[1,2]', declared: '[1,3]' },
    ])
    expect(compareDocuments('v', { a: 'y'.repeat(200) }, {})[0]?.actual?.length).toBe(120)
  })
})

function memberOfSet(setName: string, setId: string): MemberOfSet {
  const known = { self: null, writable: false, state: 'SECONDARY', primary: null, version: 1, term: 1 }
  return { type: 'member', setName, setId, ...known, configuration: null, peers: [], withoutUsers: false }
}

describe('the members that are found', () => {
  const seen = (statuses: readonly ObservedMember['status'][]): readonly ObservedMember[] =>
    statuses.map((status, at) => ({ host: hosts[at] ?? '', address: hosts[at] ?? '', version: '6.0.0', status }))
  const fresh = { type: 'fresh', setName: 'rs0', collections: 0, locked: false, removed: false } as const

  it.each<readonly [string, readonly ObservedMember['status'][], string]>([
    ['of another set', [memberOfSet('other', '1')], 'MONGODB_OTHER_SET'],
    ['of two sets of one name', [memberOfSet('rs0', '1'), memberOfSet('rs0', '2')], 'MONGODB_OTHER_SET'],
    ['started for another set', [fresh, { ...fresh, setName: 'other' }], 'MONGODB_OTHER_SET'],
    [
      'with data, twice',
      [
        { ...fresh, collections: 2 },
        { ...fresh, collections: 1 },
      ],
      'MONGODB_HAS_DATA',
    ],
    ['with data, beside a set', [memberOfSet('rs0', '1'), { ...fresh, collections: 1 }], 'MONGODB_HAS_DATA'],
    ['before a sharded cluster', [fresh, { type: 'router' }], 'MONGODB_NOT_REPLICATED'],
    ['without a set', [{ type: 'standalone' }], 'MONGODB_NOT_REPLICATED'],
    ['not at all', [fresh, { type: 'unreachable', why: 'Nothing is listening there.' }], 'STORE_UNREACHABLE'],
  ])('%s are refused', (_what, statuses, code) => {
    expect(() => checkMembers('rs0', observeSet(seen(statuses)))).toThrow(expect.objectContaining({ code }))
  })

  it.each<readonly [string, readonly ObservedMember['status'][]]>([
    ['fresh', [fresh, fresh, fresh]],
    ['fresh, one of them with data', [fresh, { ...fresh, collections: 4 }]],
    ['fresh, beside a set', [memberOfSet('rs0', '1'), fresh]],
    ['removed from the set with their data', [memberOfSet('rs0', '1'), { ...fresh, collections: 4, removed: true }]],
    ['silent about what they are', [{ ...fresh, setName: null, collections: null }]],
  ])('%s are taken', (_what, statuses) => {
    expect(() => checkMembers('rs0', observeSet(seen(statuses)))).not.toThrow()
  })
})

describe('the prefix', () => {
  it('stands before every name that is made, and before no other', () => {
    const prefixed = prefixNames(
      {
        ...nothingDeclared,
        databases: [{ name: 'app', collections: [], views: [] }],
        roles: [
          {
            name: 'writer',
            database: 'app',
            privileges: [
              { resource: { type: 'collection', database: 'app', collection: 'notes' }, actions: ['find'] },
              { resource: { type: 'collection', database: 'elsewhere', collection: '' }, actions: ['find'] },
              { resource: { type: 'cluster' }, actions: ['serverStatus'] },
            ],
            roles: [{ role: 'read', database: 'app' }],
          },
        ],
        users: [
          {
            name: 'ann',
            database: 'admin',
            password: 'x',
            roles: [
              { role: 'writer', database: 'app' },
              { role: 'root', database: 'admin' },
            ],
          },
        ],
      },
      'pr_',
    )
    expect(prefixed).toMatchObject({
      databases: [{ name: 'pr_app' }],
      roles: [
        {
          name: 'pr_writer',
          database: 'pr_app',
          privileges: [
            { resource: { database: 'pr_app' } },
            { resource: { database: 'elsewhere' } },
            { resource: { type: 'cluster' } },
          ],
          roles: [{ role: 'read', database: 'pr_app' }],
        },
      ],
      users: [
        {
          name: 'pr_ann',
          database: 'admin',
          roles: [
            { role: 'pr_writer', database: 'pr_app' },
            { role: 'root', database: 'admin' },
          ],
        },
      ],
    })
  })
})

describe('what keeps a majority from being lost', () => {
  const voters = (count: number) =>
    configurationOf(
      hosts.slice(0, count).map((host) => ({ host, address: host, votes: 1, priority: 1, hidden: false, tags: {} })),
    )
  const seen = (states: readonly (string | null)[]): readonly ObservedMember[] =>
    states.map((state, at) => ({
      host: hosts[at] ?? '',
      address: hosts[at] ?? '',
      version: '6.0.0',
      status:
        state === null
          ? { type: 'unreachable', why: 'Nothing is listening there.' }
          : { ...memberOfSet('rs0', '1'), state, configuration: voters(states.length) },
    }))

  it.each<readonly [string, readonly (string | null)[], string, RegExp]>([
    ['a set of one', ['PRIMARY'], 'warning', /too few: declare at least three/],
    ['a set of two', ['PRIMARY', 'SECONDARY'], 'warning', /too few: declare at least three/],
    ['one that is down', ['PRIMARY', null, 'SECONDARY'], 'warning', /^Not seen healthy: b:1\. /],
    [
      'one that is down and one that catches up',
      ['SECONDARY', null, 'RECOVERING'],
      'bad',
      /^Not seen healthy: b:1, c:1\. /,
    ],
  ])('%s', (_what, states, state, advice) => {
    const proof = checkMajority(seen(states))
    expect(proof).toMatchObject({ state })
    expect(JSON.stringify(proof)).toMatch(new RegExp(advice.source.replace('^', '"')))
  })

  it('an arbiter that votes counts, also where only the others see it', () => {
    expect(checkMajority(seen(['PRIMARY', 'SECONDARY', 'ARBITER']))).toMatchObject({ state: 'good' })
    const [first, second] = seen(['PRIMARY', 'SECONDARY', null])
    const asPeer = (state: string, healthy: boolean): readonly ObservedMember[] =>
      [first, second].flatMap((member) =>
        member?.status.type === 'member'
          ? [{ ...member, status: { ...member.status, peers: [{ host: 'c:1', healthy, state, lastWrite: null }] } }]
          : [],
      )
    expect(checkMajority(asPeer('ARBITER', true))).toMatchObject({ state: 'good' })
    expect(JSON.stringify(checkMajority(asPeer('(not reachable/healthy)', false)))).toContain('Not seen healthy: c:1.')
  })

  it('is nothing where three are healthy', () => {
    expect(checkMajority(seen(['PRIMARY', 'SECONDARY', 'SECONDARY']))).toMatchObject({ state: 'good' })
  })
})
