import { afterAll, expect, it } from 'vitest'
import type { Secret } from '../../../src/config/secret.ts'
import type { StoreSession } from '../../../src/stores/contract.ts'
import { findDrift } from '../../../src/stores/find-drift.ts'
import type { RoleDeclaration, RoleReference, UserDeclaration } from '../../../src/stores/mongodb/declaration.ts'
import {
  describeMongodb,
  startMongodb,
  type TestMongodb,
  type TestMongodbOptions,
} from '../../helpers/mongodb/mongodb.ts'
import { readAuthorities, tlsFlags, writeKeyFile } from '../../helpers/mongodb/mongodb-credentials.ts'
import {
  applyAll,
  collectionOf,
  emptyDeclaration,
  openTestSession,
  type SessionOptions,
} from '../../helpers/mongodb/mongodb-session.ts'
import { startOlderMongodb } from '../../helpers/mongodb/older-mongodb.ts'

const closings: (() => Promise<unknown>)[] = []

afterAll(async () => {
  for (const close of closings.toReversed()) await close()
})

async function start(options: TestMongodbOptions): Promise<TestMongodb> {
  const server = await startMongodb(options)
  closings.push(server.stop)
  return server
}

function open(address: string, options: Partial<SessionOptions> = {}): StoreSession {
  const session = openTestSession({ addresses: [address], declaration: emptyDeclaration(), ...options })
  closings.push(session.close)
  return session
}

describeMongodb('the way to MongoDB', () => {
  it('leads through TLS, where the right authority is named, and only there', async () => {
    const { address } = await start({ flags: await tlsFlags() })
    const { right, wrong } = await readAuthorities()
    const tls = (ca: string | null, verify = true) => ({ ca, cert: null, key: null as Secret | null, verify })
    const session = open(address, { tls: tls(right) })
    await applyAll(session)
    expect((await session.plan()).changes).toEqual([])
    expect((await open(address, { tls: tls(null, false) }).plan()).changes).toEqual([])
    for (const ca of [wrong, null]) {
      await expect(open(address, { tls: tls(ca) }).plan()).rejects.toMatchObject({
        code: 'STORE_UNREACHABLE',
        exitCode: 69,
        faults: [
          {
            what: `MongoDB at ${address} cannot be reached.`,
            why: expect.stringMatching(/^TLS failed: .*certificate/),
          },
        ],
      })
    }
    await expect(open(address).plan()).rejects.toMatchObject({
      code: 'STORE_UNREACHABLE',
      faults: [{ why: 'It closed the connection.' }],
    })
  })

  it('ends at a server that is too old, and says so', async () => {
    const server = await start({})
    const { version } = await server.client.db('admin').command({ buildInfo: 1 })
    const older = await startOlderMongodb(server.port, String(version))
    closings.push(older.stop)
    await expect(open(older.address).plan()).rejects.toMatchObject({
      code: 'STORE_TOO_OLD',
      faults: [{ what: `MongoDB 5${String(version).slice(1)} at ${older.address} is too old.` }],
    })
  })

  it('shows what to type on the host of a server that lets its first user in from there only', async () => {
    // As a server on another machine looks from here: its localhost exception is not for us.
    const flags = ['--keyFile', await writeKeyFile(), '--setParameter', 'enableLocalhostAuthBypass=0']
    const { address, port } = await start({ flags })
    const user = { user: 'root', password: 'nirgends zu lesen' }
    const refusal: unknown = await open(address, user)
      .plan()
      .catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'MONGODB_LOCALHOST_ONLY', exitCode: 2 })
    const { faults } = refusal as { readonly faults: readonly { readonly next: string }[] }
    const next = faults[0]?.next ?? ''
    expect(next.split('\n')).toEqual([
      'On that host, run these three commands, then run this command again:',
      `mongosh --port ${port} --eval 'rs.initiate({"_id":"rs0","members":[{"_id":0,"host":"${address}","votes":1,"priority":1,"hidden":false,"tags":{}}],"settings":{"electionTimeoutMillis":1000,"heartbeatIntervalMillis":200,"catchUpTimeoutMillis":1000}})'`,
      `mongosh --port ${port} --eval 'while (!db.hello().isWritablePrimary) sleep(500)'`,
      `mongosh --port ${port} admin --eval 'db.createUser({ user: "root", pwd: passwordPrompt(), roles: ["root"] })'`,
    ])
    expect(JSON.stringify(refusal)).not.toContain(user.password)
  })

  it('takes wrong credentials for a fault, never for a set that has nothing, where access control is off', async () => {
    const { address, client } = await start({})
    const databases = [{ name: 'app', collections: [collectionOf('callbacks')], views: [] }]
    const declaration = { ...emptyDeclaration(), databases }
    await applyAll(open(address, { declaration }))
    const denied = {
      code: 'STORE_ACCESS_DENIED',
      exitCode: 69,
      faults: [
        {
          what: `MongoDB at ${address} rejected these credentials.`,
          where: { server: address },
          why: 'Authentication failed; access control is off there.',
          next: expect.stringContaining('leave the user out of the URL'),
        },
      ],
    }
    const wrong = { declaration, user: 'u', password: 'wrong' }
    await expect(open(address, wrong).plan()).rejects.toMatchObject(denied)
    await expect(open(address, wrong).verify()).rejects.toMatchObject(denied)
    // As advised.
    expect((await open(address, { declaration }).plan()).changes).toEqual([])
    // The same where the user is known, and only the password is another.
    await client.db('app').dropDatabase()
    await client.db('admin').command({ createUser: 'u', pwd: 'right', roles: ['root'] })
    await expect(open(address, wrong).plan()).rejects.toMatchObject(denied)
    const right = open(address, { ...wrong, password: 'right' })
    expect((await right.plan()).changes.map(({ summary }) => summary)).toEqual([
      'create collection app.callbacks without a validator',
    ])
  })

  it('takes nothing from the user that the run is, and gives it more', async () => {
    const { address, client } = await start({})
    const password = 'ein Wort'
    const as = { user: 'ops', password }
    await applyAll(open(address))
    const role = { db: 'app', collection: 'callbacks' }
    const privileges = [{ resource: role, actions: ['find', 'insert'] }]
    await client.db('app').command({ createRole: 'caller', privileges, roles: [] })
    const roles = ['root', { role: 'caller', db: 'app' }]
    await client.db('admin').command({ createUser: 'ops', pwd: password, roles })
    const root = { role: 'root', database: 'admin' }
    const caller = { role: 'caller', database: 'app' }
    const ops = (own: readonly RoleReference[], pwd = password): UserDeclaration => ({
      name: 'ops',
      database: 'admin',
      password: pwd,
      roles: own,
    })
    const narrow: RoleDeclaration = {
      name: 'caller',
      database: 'app',
      privileges: [{ resource: { type: 'collection', database: 'app', collection: 'callbacks' }, actions: ['find'] }],
      roles: [],
    }
    const refusals = [
      [{ users: [ops([caller])] }, 'user `admin.ops` would take roles: admin.root from `ops`'],
      [{ users: [ops([root, caller], 'another')] }, 'user `admin.ops` would take its password from `ops`'],
      [{ roles: [narrow] }, 'role `app.caller` would take privileges on app.callbacks: insert from `ops`'],
    ] as const
    for (const [declared, what] of refusals) {
      const session = open(address, { ...as, declaration: { ...emptyDeclaration(), ...declared } })
      await expect(session.plan()).rejects.toMatchObject({
        code: 'STORE_OWN_USER',
        exitCode: 2,
        faults: [{ what: expect.stringContaining(what), where: { server: address } }],
      })
      // To verify is no danger: the difference is named.
      expect(findDrift(await session.compare()).length).toBeGreaterThan(0)
    }
    const more = { ...emptyDeclaration(), users: [ops([root, caller, { role: 'read', database: 'local' }])] }
    const given = open(address, { ...as, declaration: more })
    await applyAll(given)
    expect((await given.plan()).changes).toEqual([])
  })

  it('plans other kinds, defaults, the profiler and the oplog with the roles that the page names for it', async () => {
    const { address, client } = await start({})
    const database = { name: 'app', collections: [collectionOf('log', { capped: { bytes: 4096, documents: 9 } })] }
    const declaration = {
      ...emptyDeclaration(),
      databases: [{ ...database, views: [{ name: 'v', on: 'log', pipeline: [], collation: null }] }],
      defaults: { readConcern: 'majority', writeConcern: null },
      profiling: { slowMillis: 50, sampleRate: null, databases: [{ name: 'app', level: 'slow' as const }] },
      oplog: { megabytes: 1000, minRetentionHours: null },
    }
    await applyAll(open(address))
    await applyAll(open(address, { declaration }))
    const roles = ['clusterMonitor', 'userAdminAnyDatabase', 'readAnyDatabase']
    await client.db('admin').command({ createUser: 'planner', pwd: 'ein Wort', roles })
    const planner = open(address, { declaration, user: 'planner', password: 'ein Wort' })
    expect((await planner.plan()).changes).toEqual([])
  })

  it('makes the first user of a set that has nothing, also where a run was killed before and access control is off', async () => {
    const { address } = await start({})
    const user = { user: 'root', password: 'ein Wort' }
    const first = open(address, user)
    const [initiation] = (await first.plan()).changes
    if (initiation === undefined) throw new Error('nothing to do')
    await first.apply(initiation)
    await applyAll(open(address, user))
    const again = await open(address, user).plan()
    expect(again).toMatchObject({ changes: [], notes: [] })
  })

  it('continues a run that was killed between initiating the replica set and creating its first user', async () => {
    const { address } = await start({ flags: ['--keyFile', await writeKeyFile()] })
    const user = { user: 'root', password: 'ein Wort' }
    const first = open(address, user)
    const [initiation] = (await first.plan()).changes
    if (initiation === undefined) throw new Error('nothing to do')
    await first.apply(initiation)
    const second = open(address, user)
    const resumed = await second.plan()
    expect(resumed.notes).toEqual([expect.stringContaining('This replica set cannot be read until it has a user')])
    expect(resumed.changes.map(({ summary }) => summary)).toEqual([
      'create root, the first user, with the role root (localhost exception)',
    ])
    // Nobody can read there yet: what is declared is not known to be missing.
    const databases = [{ name: 'app', collections: [collectionOf('callbacks')], views: [] }]
    const declaration = { ...emptyDeclaration(), databases }
    const blind = await open(address, { ...user, declaration }).compare()
    expect(findDrift(blind).map(({ code, resource: { kind } }) => `${code} ${kind}`)).toEqual([
      'STORE_MISSING user',
      'STORE_NOT_COMPARED catalog',
    ])
    await applyAll(second)
    expect((await second.plan()).changes).toEqual([])
    expect((await second.verify()).find(({ name }) => name === 'access control is on')).toMatchObject({ state: 'good' })
  })
})
