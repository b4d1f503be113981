import type { Db, Document } from 'mongodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { StoreSession } from '../../src/stores/contract.ts'
import { findDrift, isAsDeclared } from '../../src/stores/find-drift.ts'
import type { CollectionDeclaration, Declaration } from '../../src/stores/mongodb/declaration.ts'
import type { StorePlan } from '../../src/stores/store-plan.ts'
import { describeMongodb, startMongodbs, type TestMongodb } from '../helpers/mongodb/mongodb.ts'
import {
  applyAll,
  collectionOf,
  emptyDeclaration,
  indexOn,
  openTestSession,
  type SessionOptions,
} from '../helpers/mongodb/mongodb-session.ts'
import { linesOf, verifySession } from '../helpers/stores/store-verification.ts'

const callbacks = collectionOf('callbacks', {
  validator: {
    schema: { bsonType: 'object', required: ['received_at'], properties: { received_at: { bsonType: 'date' } } },
    level: 'strict',
    action: 'error',
  },
  indexes: [
    indexOn({ received_at: 1 }, { expireAfterSeconds: 86_400 }),
    indexOn({ message_id: 1 }, { unique: true, partialFilter: { message_id: { $exists: true } } }),
    indexOn({ title: 'text', body: 'text' }, { name: 'words', weights: { title: 3 }, defaultLanguage: 'none' }),
    indexOn({ name: 1 }, { collation: { locale: 'zh' }, sparse: true }),
  ],
})

const place = { type: 'collection', database: 'platform', collection: 'callbacks' } as const

const full: Declaration = {
  ...emptyDeclaration(),
  databases: [{ name: 'platform', collections: [callbacks], views: [] }],
  roles: [
    { name: 'writer', database: 'platform', privileges: [{ resource: place, actions: ['find', 'insert'] }], roles: [] },
  ],
  users: [
    {
      name: 'collector',
      database: 'admin',
      password: 'pa$$wörd',
      roles: [{ role: 'writer', database: 'platform' }],
    },
  ],
}

/** The declaration with its collection changed. */
function withCallbacks(change: Partial<CollectionDeclaration>): Declaration {
  return { ...full, databases: [{ name: 'platform', collections: [{ ...callbacks, ...change }], views: [] }] }
}

describeMongodb('a MongoDB set', () => {
  let servers: readonly TestMongodb[] = []
  const opened: StoreSession[] = []
  const open = (options: Partial<SessionOptions> = {}): StoreSession => {
    const addresses = servers.map(({ address }) => address)
    const session = openTestSession({ addresses, declaration: full, prefix: 'pr1_', ...options })
    opened.push(session)
    return session
  }
  const primary = async (): Promise<TestMongodb> => {
    for (const server of servers) {
      if ((await server.client.db('admin').command({ hello: 1 }))['isWritablePrimary'] === true) return server
    }
    throw new Error('there is no primary')
  }
  const platform = async (): Promise<Db> => (await primary()).client.db('pr1_platform')
  /** Everything that was written to the set, but for the primary's own signs of life. */
  const countWrites = async (): Promise<number> => {
    const oplog = (await primary()).client.db('local').collection('oplog.rs')
    return oplog.countDocuments({ op: { $ne: 'n' } })
  }

  beforeAll(async () => {
    servers = await startMongodbs(3)
  })

  afterAll(async () => {
    await Promise.all(opened.map((session) => session.close()))
    await Promise.all(servers.map((server) => server.stop()))
  })

  it('is initiated and filled in one go', async () => {
    const changes = await applyAll(open())
    expect(changes.map(({ summary }) => summary.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST'))).toEqual([
      'initiate replica set rs0 from HOST with HOST, HOST, HOST',
      'create collection pr1_platform.callbacks with its validator',
      'create index received_at_1 (documents kept 1 day) on pr1_platform.callbacks',
      'create index message_id_1 (unique, partial) on pr1_platform.callbacks',
      'create index words on pr1_platform.callbacks',
      'create index name_1 (sparse) on pr1_platform.callbacks',
      'create role pr1_platform.pr1_writer',
      'create user admin.pr1_collector',
    ])
  })

  it('has nothing left to do then, and writes nothing, as the log of operations shows', async () => {
    const before = await countWrites()
    const session = open()
    const plan = await session.plan()
    expect(plan).toMatchObject({ store: 'mongodb', changes: [], notes: [] })
    expect(plan.version).toMatch(/^\d+\.\d+\.\d+$/)
    expect(plan.unchanged.length).toBe(1 + 3 + 1 + 1 + 4 + 1 + 1)
    await applyAll(session)
    expect(await countWrites()).toBe(before)
  })

  it('proves that it works, and leaves nothing of the proof', async () => {
    const checks = await open().verify()
    expect(checks.map(({ name, state }) => `${state}: ${name.replace(/127\.0\.0\.1:\d+/, 'HOST')}`)).toEqual([
      'good: HOST answers',
      'good: HOST answers',
      'good: HOST answers',
      'good: there is one primary',
      'good: all members have the same configuration',
      'good: one more member may fail',
      'good: a document written with majority is read everywhere',
      'warning: access control is on',
    ])
    const left = await (await platform()).listCollections({}, { nameOnly: true }).toArray()
    expect(left.map(({ name }) => name)).toEqual(['callbacks'])
  })

  const reconfigure = async (change: (config: Document) => void): Promise<void> => {
    const admin = (await primary()).client.db('admin')
    const { config } = await admin.command({ replSetGetConfig: 1 })
    config.version += 1
    change(config)
    await admin.command({ replSetReconfig: config })
  }
  const alter = async (command: Document): Promise<void> => {
    await (await platform()).command(command)
  }
  const drifts: readonly (readonly [what: string, drift: () => Promise<void>, resource: string, path: string])[] = [
    [
      'a dropped index',
      () => alter({ dropIndexes: 'callbacks', index: 'words' }),
      'index pr1_platform.callbacks.words',
      '',
    ],
    [
      'an index on another key',
      async () => {
        await alter({ dropIndexes: 'callbacks', index: 'name_1' })
        await alter({ createIndexes: 'callbacks', indexes: [{ key: { name: -1 }, name: 'name_1' }] })
      },
      'index pr1_platform.callbacks.name_1',
      'key',
    ],
    [
      'a longer life',
      () => alter({ collMod: 'callbacks', index: { name: 'received_at_1', expireAfterSeconds: 90_000 } }),
      'index pr1_platform.callbacks.received_at_1',
      'expireAfterSeconds',
    ],
    [
      'a hidden index',
      () => alter({ collMod: 'callbacks', index: { name: 'message_id_1', hidden: true } }),
      'index pr1_platform.callbacks.message_id_1',
      'hidden',
    ],
    [
      'an index that is no longer unique',
      async () => {
        await alter({ dropIndexes: 'callbacks', index: 'message_id_1' })
        const partialFilterExpression = { message_id: { $exists: true } }
        await alter({
          createIndexes: 'callbacks',
          indexes: [{ key: { message_id: 1 }, name: 'message_id_1', partialFilterExpression }],
        })
      },
      'index pr1_platform.callbacks.message_id_1',
      'unique',
    ],
    [
      'another rule',
      () => alter({ collMod: 'callbacks', validator: { $jsonSchema: { bsonType: 'object' } } }),
      'validator pr1_platform.callbacks',
      'validator.$jsonSchema.required',
    ],
    [
      'a lax rule',
      () => alter({ collMod: 'callbacks', validationAction: 'warn' }),
      'validator pr1_platform.callbacks',
      'validationAction',
    ],
    ['no rule', () => alter({ collMod: 'callbacks', validator: {} }), 'validator pr1_platform.callbacks', 'validator'],
    [
      'more permissions',
      () =>
        alter({
          grantPrivilegesToRole: 'pr1_writer',
          privileges: [{ resource: { db: 'pr1_platform', collection: 'callbacks' }, actions: ['remove'] }],
        }),
      'role pr1_platform.pr1_writer',
      'privileges on pr1_platform.callbacks',
    ],
    ['a dropped role', () => alter({ dropRole: 'pr1_writer' }), 'role pr1_platform.pr1_writer', ''],
    [
      'another password',
      async () => {
        await (await primary()).client.db('admin').command({ updateUser: 'pr1_collector', pwd: 'changed by hand' })
      },
      'user admin.pr1_collector',
      'password',
    ],
    [
      'a role too many',
      async () => {
        await (await primary()).client.db('admin').command({ grantRolesToUser: 'pr1_collector', roles: ['root'] })
      },
      'user admin.pr1_collector',
      'roles',
    ],
    [
      'a dropped user',
      async () => {
        await (await primary()).client.db('admin').command({ dropUser: 'pr1_collector' })
      },
      'user admin.pr1_collector',
      '',
    ],
    ['a dropped collection', () => alter({ drop: 'callbacks' }), 'collection pr1_platform.callbacks', ''],
    [
      'another priority',
      () => reconfigure((config) => Object.assign(config['members'][2], { priority: 0.5 })),
      'replica set member',
      'priority',
    ],
    [
      'another time limit',
      () => reconfigure((config) => Object.assign(config['settings'], { electionTimeoutMillis: 9000 })),
      'replica set rs0',
      'electionTimeoutMillis',
    ],
  ]

  it.each(drifts)('finds %s, names it and puts it right', async (_what, drift, resource, path) => {
    await drift()
    const session = open()
    const drifted = findDrift(await session.compare())
    expect(isAsDeclared(drifted)).toBe(false)
    expect(drifted.map(({ resource: { kind, name } }) => `${kind} ${name}`).join()).toContain(resource)
    const { changes } = await session.plan()
    const found = changes.filter((change) => `${change.resource.kind} ${change.resource.name}`.startsWith(resource))
    expect(found.length).toBeGreaterThan(0)
    if (path !== '') expect(found.flatMap(({ differences }) => differences).map((one) => one.path)).toContain(path)
    for (const change of changes) await session.apply(change)
    expect((await open().plan()).changes).toEqual([])
  })

  const lossOf = async (declaration: Declaration): Promise<StorePlan['changes'][number]['loss'] | undefined> =>
    (await open({ declaration }).plan()).changes[0]?.loss

  it('counts what a shorter life and a tighter rule would take away', async () => {
    const hours = (count: number): Date => new Date(Date.now() - count * 3_600_000)
    const documents = [hours(1), hours(2), hours(3)].map((received_at) => ({ received_at }))
    await (await platform()).collection('callbacks').insertMany(documents)
    const [life, ...others] = callbacks.indexes
    if (life === undefined) throw new Error('no index')
    const shorter = withCallbacks({ indexes: [{ ...life, expireAfterSeconds: 5400 }, ...others] })
    expect(await lossOf(shorter)).toMatchObject({
      code: 'expire-documents',
      affected: ['pr1_platform.callbacks (2 of 3 documents at once)'],
    })
    const schema = {
      bsonType: 'object',
      required: ['received_at', 'message_id'],
      properties: { received_at: { bsonType: 'date' } },
    }
    const tighter = withCallbacks({ validator: { schema, level: 'strict', action: 'error' } })
    expect(await lossOf(tighter)).toMatchObject({
      code: 'invalid-documents',
      affected: ['pr1_platform.callbacks (3 of 3 documents)'],
    })
    // Neither loosening nor a rule that leaves old documents alone takes anything away.
    expect(await lossOf(withCallbacks({ validator: { schema, level: 'moderate', action: 'error' } }))).toBeNull()
    expect(await lossOf(withCallbacks({ indexes: [{ ...life, expireAfterSeconds: 172_800 }, ...others] }))).toBeNull()
    await applyAll(open({ declaration: shorter }))
    await expect
      .poll(async () => (await platform()).collection('callbacks').countDocuments(), { timeout: 20_000 })
      .toBe(1)
    await applyAll(open())
  })

  it('refuses a unique index over values that are there more than once, and counts them', async () => {
    const documents = ['a', 'a', 'b', 'b', 'c'].map((name) => ({ received_at: new Date(), name }))
    await (await platform()).collection('callbacks').insertMany(documents)
    const declaration = withCallbacks({
      indexes: [...callbacks.indexes, indexOn({ name: 1, received_at: 1 }), indexOn({ name: -1 }, { unique: true })],
    })
    await expect(open({ declaration }).plan()).rejects.toMatchObject({
      code: 'MONGODB_DUPLICATES',
      faults: [{ why: '2 values of name occur more than once.' }],
    })
  })

  it('leaves alone what no file declares, and says so', async () => {
    const database = await platform()
    await database.createCollection('by_hand')
    await alter({ createIndexes: 'callbacks', indexes: [{ key: { seen: 1 }, name: 'seen_1' }] })
    const plan = await open().plan()
    expect(plan.changes).toEqual([])
    expect(plan.notes).toEqual([
      'Not changed, because no file declares it: collection pr1_platform.by_hand, index pr1_platform.callbacks.seen_1.',
    ])
    const verification = await verifySession(open())
    expect(verification).toMatchObject({ asDeclared: true })
    expect(linesOf(verification)).toEqual([
      'STORE_UNDECLARED collection pr1_platform.by_hand',
      'STORE_UNDECLARED index pr1_platform.callbacks.seen_1',
    ])
    await database.dropCollection('by_hand')
    await alter({ dropIndexes: 'callbacks', index: 'seen_1' })
  })

  it('names undeclared users and roles, and fails for one that may do anything', async () => {
    const admin = (await primary()).client.db('admin')
    await admin.command({ createUser: 'pr1_hacker', pwd: 'let me in', roles: ['root'] })
    await admin.command({ createUser: 'pr1_visitor', pwd: 'let me in', roles: [{ role: 'read', db: 'pr1_platform' }] })
    await admin.command({ createUser: 'operator', pwd: 'let me in', roles: ['root'] })
    await alter({ createRole: 'pr1_extra', privileges: [], roles: [] })
    const verification = await verifySession(open())
    expect(verification.asDeclared).toBe(true)
    expect(verification.findings).toMatchObject([
      { severity: 'warning', resource: { kind: 'role', name: 'pr1_platform.pr1_extra' } },
      // Of another environment, and may do anything here as well.
      { severity: 'warning', resource: { kind: 'user', name: 'admin.operator' }, why: 'Its roles: admin.root.' },
      { severity: 'error', resource: { kind: 'user', name: 'admin.pr1_hacker' }, why: 'Its roles: admin.root.' },
      { severity: 'warning', resource: { kind: 'user', name: 'admin.pr1_visitor' } },
    ])
    expect(verification.findings.every(({ code }) => code === 'STORE_UNDECLARED')).toBe(true)
    // As advised: one is declared without a password, the others are dropped.
    const visitor = { name: 'visitor', database: 'admin', password: '', roles: [] }
    for (const name of ['pr1_hacker', 'operator']) await admin.command({ dropUser: name })
    await alter({ dropRole: 'pr1_extra' })
    const declared = await verifySession(open({ declaration: { ...full, users: [...full.users, visitor] } }))
    expect(linesOf(declared)).toEqual(['STORE_NOT_COMPARED user admin.pr1_visitor'])
    expect(declared.asDeclared).toBe(false)
    await admin.command({ dropUser: 'pr1_visitor' })
    expect(await verifySession(open())).toMatchObject({ asDeclared: true, findings: [], compared: 12 })
  })

  it('finds a dropped unique index, a life of a day and a rule that only warns, duplicates or not', async () => {
    const [life, unique, ...others] = callbacks.indexes
    if (life === undefined || unique === undefined) throw new Error('no indexes')
    const declaration = withCallbacks({ indexes: [{ ...life, expireAfterSeconds: 7_776_000 }, unique, ...others] })
    await applyAll(open({ declaration }))
    await alter({ dropIndexes: 'callbacks', index: 'message_id_1' })
    await alter({ collMod: 'callbacks', index: { name: 'received_at_1', expireAfterSeconds: 86_400 } })
    await alter({ collMod: 'callbacks', validationAction: 'warn' })
    const drift = [
      'STORE_DRIFT validator pr1_platform.callbacks: validationAction warn -> error',
      'STORE_DRIFT index pr1_platform.callbacks.received_at_1: expireAfterSeconds 86400 -> 7776000',
    ]
    const session = open({ declaration })
    const missing = await verifySession(session)
    expect(missing.asDeclared).toBe(false)
    expect(linesOf(missing)).toEqual([...drift, 'STORE_MISSING index pr1_platform.callbacks.message_id_1'])
    // While it was gone a client wrote a value twice: a plan refuses that, and verify still says all of it.
    const documents = [1, 2].map(() => ({ received_at: new Date(), message_id: 'twice' }))
    await (await platform()).collection('callbacks').insertMany(documents)
    await expect(session.plan()).rejects.toMatchObject({ code: 'MONGODB_DUPLICATES' })
    const refused = await verifySession(session)
    expect(refused.asDeclared).toBe(false)
    expect(linesOf(refused)).toEqual(expect.arrayContaining([...drift, 'MONGODB_DUPLICATES store mongodb']))
    await (await platform()).collection('callbacks').deleteMany({ message_id: 'twice' })
    await applyAll(open())
  })

  it('refuses what only a new collection can have', async () => {
    await expect(open({ declaration: withCallbacks({ collation: { locale: 'zh' } }) }).plan()).rejects.toMatchObject({
      code: 'MONGODB_UNCHANGEABLE',
      faults: [{ why: 'Its `collation.locale` is not set, but zh is declared.' }],
    })
  })

  it('clears what carries the prefix, and nothing without one', async () => {
    expect(await open().clear()).toEqual([
      'user admin.pr1_collector',
      'role pr1_platform.pr1_writer',
      'database pr1_platform',
    ])
    await expect(open({ prefix: '' }).clear()).rejects.toMatchObject({ code: 'STORE_PREFIX_MISSING', exitCode: 78 })
  })
})
