import { describe, expect, test } from 'vitest'
import { type CollectionDeclaration, nothingDeclared } from '../../../src/stores/mongodb/declaration.ts'
import { planUsers as planMongoUsers, planRoles } from '../../../src/stores/mongodb/plan-access.ts'
import { planCollections } from '../../../src/stores/mongodb/plan-collections.ts'
import { planSet } from '../../../src/stores/mongodb/plan-set.ts'
import { planViews } from '../../../src/stores/mongodb/plan-views.ts'
import type { Catalog, ObservedCollection, ReplicaSetConfiguration } from '../../../src/stores/mongodb/ports.ts'
import { markCode } from '../../../src/stores/redis/functions.ts'
import { planFunctions } from '../../../src/stores/redis/plan-functions.ts'
import { planSettings } from '../../../src/stores/redis/plan-settings.ts'
import { planUsers } from '../../../src/stores/redis/plan-users.ts'
import type { ObservedUser } from '../../../src/stores/redis/ports.ts'
import type { StoreLoss } from '../../../src/stores/store-plan.ts'
import { ModelCluster } from '../../helpers/redis/redis-model.ts'

function said(loss: StoreLoss | null | undefined): readonly [string, ...string[]] | null {
  return loss === null || loss === undefined ? null : [loss.code, ...loss.affected]
}

describe('MongoDB asks before what somebody else added goes:', () => {
  const catalog: Catalog = {
    collections: [],
    roles: [],
    users: [],
    allRoles: [],
    hiddenRoles: [],
    allUsers: [],
    defaults: null,
    compatibility: null,
  }
  const read = { role: 'read', database: 'app' }
  const write = { role: 'readWrite', database: 'app' }

  test('actions and inherited roles of a role', () => {
    const resource = { db: 'app', collection: 'notes' }
    const role = {
      name: 'r',
      database: 'app',
      privileges: [{ resource: { type: 'collection', database: 'app', collection: 'notes' }, actions: ['find'] }],
      roles: [read],
    } as const
    const observe = (actions: readonly string[], roles: readonly (typeof read)[]): Catalog => ({
      ...catalog,
      roles: [{ name: 'r', database: 'app', privileges: [{ resource, actions }], roles }],
    })
    const lossOf = (found: Catalog) => said(planRoles({ ...nothingDeclared, roles: [role] }, found)[0]?.change.loss)
    expect(lossOf(observe(['find', 'remove'], [read, write]))).toEqual([
      'removed-access',
      '`privileges.app.notes` remove',
      '`roles` app.readWrite',
    ])
    expect(lossOf(observe([], []))).toBeNull()
  })

  test('roles of a user, and not for another password', () => {
    const user = { name: 'u', database: 'admin', password: 'x', roles: [read] }
    const lossOf = (roles: readonly (typeof read)[], passwordMatches = true) => {
      const users = [{ name: 'u', database: 'admin', roles, passwordMatches }]
      return said(planMongoUsers({ ...nothingDeclared, users: [user] }, { ...catalog, users })[0]?.change.loss)
    }
    expect(lossOf([read, write])).toEqual(['removed-access', '`roles` app.readWrite'])
    expect(lossOf([read], false)).toBeNull()
  })

  const observed: ObservedCollection = {
    database: 'app',
    name: 'notes',
    type: 'collection',
    options: {},
    validator: null,
    indexes: [],
    documents: 0,
    bytes: 0,
  }

  test('rules of a validator, and a whole one that no file declares', () => {
    const schema = { properties: { a: { bsonType: 'string' } } }
    const rule = { $jsonSchema: { ...schema, required: ['a'] } }
    const lossOf = (validator: CollectionDeclaration['validator']) => {
      const collection: CollectionDeclaration = {
        name: 'notes',
        validator,
        collation: null,
        indexes: [],
        capped: null,
        timeSeries: null,
        preImages: null,
      }
      const databases = [{ name: 'app', collections: [collection], views: [] }]
      const found = { ...observed, validator: { rule, level: 'strict', action: 'error' } }
      const changes = planCollections(
        { ...nothingDeclared, databases },
        { ...catalog, collections: [found] },
        new Map(),
      )
      return said(changes[0]?.change.loss)
    }
    expect(lossOf({ schema, level: 'strict', action: 'error' })).toEqual([
      'removed-additions',
      '`validator.$jsonSchema.required` ["a"]',
    ])
    expect(lossOf(null)).toEqual(['removed-additions', expect.stringContaining('validator')])
    const other = { ...schema, required: ['a'], properties: { a: { bsonType: 'int' } } }
    expect(lossOf({ schema: other, level: 'strict', action: 'error' })).toBeNull()
  })

  test('stages of a view', () => {
    const view = { name: 'v', on: 'notes', pipeline: [{ $match: { a: 1 } }], collation: null }
    const lossOf = (pipeline: ObservedCollection['options'][string]) => {
      const databases = [{ name: 'app', collections: [], views: [view] }]
      const found: ObservedCollection = { ...observed, name: 'v', type: 'view', options: { viewOn: 'notes', pipeline } }
      return said(planViews({ ...nothingDeclared, databases }, { ...catalog, collections: [found] })[0]?.change.loss)
    }
    expect(lossOf([{ $match: { a: 1, b: 2 } }, { $project: { salary: 0 } }])).toEqual([
      'removed-additions',
      '`pipeline.$match.b` 2',
      '`pipeline` {"$project":{"salary":0}}',
    ])
    expect(lossOf([{ $match: { a: 1, deletedAt: null } }])).toEqual([
      'removed-additions',
      '`pipeline.$match.deletedAt` null',
    ])
    expect(lossOf([{ $match: { a: 2 } }])).toBeNull()
  })

  test('tags of a member', () => {
    const member = { host: 'a:1', address: 'a:1', votes: 1, priority: 1, hidden: false, tags: { dc: 'west' } } as const
    const settings = { electionTimeoutMillis: null, heartbeatIntervalMillis: null, catchUpTimeoutMillis: null }
    const lossOf = (tags: Readonly<Record<string, string>>) => {
      const configuration: ReplicaSetConfiguration = { _id: 'rs', version: 1, members: [{ _id: 0, host: 'a:1', tags }] }
      const set = { initiated: true, configuration, members: [] } as const
      return said(planSet({ name: 'rs', members: [member], settings }, set as never, null)[0]?.change.loss)
    }
    expect(lossOf({ dc: 'west', rack: '7' })).toEqual(['removed-additions', '`tags.rack` 7'])
    expect(lossOf({ dc: 'east' })).toBeNull()
  })
})

describe('Redis asks before what somebody else added goes:', () => {
  const facts = ['get', 'set', 'del', 'config', 'config|get'].map((name) => ({ name, categories: ['read'] }))
  const user = {
    name: 'app',
    enabled: true,
    passwordHashes: ['aa'],
    keys: ['app:*'],
    channels: [],
    commands: ['+get', '+set'],
  }
  const before: ObservedUser = { ...user, withoutPassword: false, selectors: 0 }
  const lossOf = (found: Partial<ObservedUser>) => {
    const nodes = new ModelCluster(['10.0.0.1', '10.0.0.2']).observe().map((node) => ({
      ...node,
      users: new Map([['app', { ...before, ...found }]]),
    }))
    const [change] = planUsers([user], nodes, new Map(nodes.map(({ node }) => [node, facts])))
    return said(change?.change.loss)
  }

  test.each<readonly [string, Partial<ObservedUser>, ReturnType<typeof said>]>([
    ['keys', { keys: ['app:*', 'other:*'] }, ['removed-access', '`keys` other:*']],
    ['channels', { channels: ['news'] }, ['removed-access', '`channels` news']],
    ['commands', { commands: ['+get', '+set', '+del'] }, ['removed-access', '`commands` del']],
    ['passwords', { passwordHashes: ['aa', 'bb'] }, ['removed-access', '`passwords` 1 of 2']],
    ['a login without a password', { withoutPassword: true }, ['removed-access', '`login` without a password']],
    ['selectors', { selectors: 1 }, ['removed-access', '`selectors` 1']],
    ['and not for keys that another pattern has', { keys: ['app:x:*'] }, null],
    ['and not for another password', { passwordHashes: ['bb'] }, null],
    ['and not for a disabled user', { enabled: false }, null],
  ])('%s of a user', (_what, found, loss) => {
    expect(lossOf(found)).toEqual(loss)
  })

  const lossFor = (declared: Partial<typeof user>, found: Partial<ObservedUser>) => {
    const nodes = new ModelCluster(['10.0.0.1']).observe().map((node) => ({
      ...node,
      users: new Map([['app', { ...before, ...found }]]),
    }))
    const [change] = planUsers([{ ...user, ...declared }], nodes, new Map(nodes.map(({ node }) => [node, facts])))
    return said(change?.change.loss)
  }

  test('a subcommand of a command whose other subcommands are declared', () => {
    expect(lossFor({ commands: ['+config', '-config|get'] }, { commands: ['+config'] })).toEqual([
      'removed-access',
      '`commands` config|get',
    ])
    // A server before 7 does not list it.
    expect(lossFor({ commands: ['+config'] }, { commands: ['+config|set', '+get'] })).toEqual([
      'removed-access',
      '`commands` get',
    ])
  })

  test('a password beside one that stays, whatever the file adds', () => {
    expect(lossFor({ passwordHashes: ['aa', 'bb'] }, { passwordHashes: ['aa', 'cc'] })).toEqual([
      'removed-access',
      '`passwords` 1 of 2',
    ])
    expect(lossFor({ passwordHashes: ['bb'] }, { passwordHashes: ['aa', 'cc'] })).toEqual([
      'removed-access',
      '`passwords` 1 of 2',
    ])
    expect(lossFor({ passwordHashes: ['bb', 'cc'] }, { passwordHashes: ['aa'] })).toBeNull()
  })

  test.each<readonly [string, string, string, readonly unknown[] | null]>([
    ['notify-keyspace-events', 'Ex', 'AE', ['removed-additions', expect.stringContaining('notify')]],
    ['notify-keyspace-events', 'AE', 'Ex', null],
    ['tls-protocols', 'TLSv1.3', 'TLSv1.2 TLSv1.3', ['removed-additions', '`tls-protocols` TLSv1.2']],
    ['save', '900 1', '900 1 60 1000', ['weaker-persistence', expect.any(String)]],
    ['save', '60 1', '900 1 60 1000', null],
    ['save', '900 1', '3600 1 300 100 60 10000', null],
    ['save', '7200 1', '900 1 300 10 60 10000', null],
  ])('values of the list %s %s, so far %s', (name, declared, actual, loss) => {
    const [node] = new ModelCluster(['10.0.0.1']).observe()
    if (node === undefined) throw new Error('no node')
    const settings = new Map([[name, actual]])
    const [change] = planSettings({ settings: new Map([[name, declared]]) }, [{ ...node, keys: 5, settings }])
    const [code, ...affected] = said(change?.change.loss) ?? []
    expect(code === undefined ? null : [code, affected[0]]).toEqual(loss)
  })

  test('code of a library that is not as wwdb wrote it', () => {
    const code = "#!lua name=shop\nredis.register_function('take', function() return 1 end)\n"
    const lossFor = (text: string) => {
      const nodes = new ModelCluster(['10.0.0.1']).observe().map((node) => ({
        ...node,
        functions: { type: 'libraries', libraries: new Map([['shop', { code: text, functions: ['take'] }]]) } as const,
      }))
      return said(planFunctions(new Map([['shop', code]]), nodes)[0]?.change.loss)
    }
    const older = code.replace('1', '2')
    expect(lossFor(markCode('shop', older))).toBeNull()
    expect(lossFor(markCode('shop', older).replace('return 2', 'return 3'))).toEqual([
      'removed-resource',
      '10.0.0.1:7000',
    ])
    expect(lossFor(older)).toEqual(['removed-resource', '10.0.0.1:7000'])
  })
})
