import type { Db, Document } from 'mongodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readDeclarationDocument } from '../../../src/stores/declare/read-declarations.ts'
import { findDrift } from '../../../src/stores/find-drift.ts'
import type { Declaration } from '../../../src/stores/mongodb/declaration.ts'
import { readDeclaration } from '../../../src/stores/mongodb/schema.ts'
import type { StoreChange } from '../../../src/stores/store-plan.ts'
import { describeMongodb, startMongodb, type TestMongodb } from '../../helpers/mongodb/mongodb.ts'
import { applyAll, openTestSession } from '../../helpers/mongodb/mongodb-session.ts'

const full = `
replicaSet: { name: rs0 }
databases:
  app:
    collections:
      log: { capped: { size: 8kb, documents: 10 } }
      values:
        timeSeries: { timeField: at, metaField: host, granularity: minutes, expireAfter: 90 days }
        indexes: [{ key: { host: 1, at: -1 } }]
      orders: { preImages: true }
    views:
      open_orders:
        on: orders
        pipeline: [{ $match: { open: true, since: { $gt: { $date: "2026-01-01T00:00:00Z" } } } }, { $sort: { b: 1, a: -1 } }]
        collation: { locale: fr }
defaults: { readConcern: majority, writeConcern: { w: majority, timeout: 5s } }
profiling: { slowerThan: 50ms, sampleRate: 0.5, databases: { app: slow } }
`

function declarationOf(text: string): Declaration {
  const document = readDeclarationDocument(text, 'all.yaml')
  if (!('value' in document)) throw new Error(JSON.stringify(document))
  const reading = readDeclaration([document])
  if (reading.type === 'faults') throw new Error(JSON.stringify(reading.faults))
  return reading.declaration
}

describeMongodb('capped and time series collections, views, pre-images, default concerns and the profiler', () => {
  let server: TestMongodb
  let database: Db
  const open = (text = full) => openTestSession({ addresses: [server.address], declaration: declarationOf(text) })
  const changed = (from: string, to: string): string => {
    expect(full).toContain(from)
    return full.replace(from, to)
  }
  const planOf = async (text: string): Promise<readonly StoreChange[]> => {
    const session = open(text)
    const { changes } = await session.plan()
    await session.close()
    return changes
  }
  const apply = async (text: string): Promise<readonly StoreChange[]> => {
    const session = open(text)
    const changes = await applyAll(session)
    expect((await session.plan()).changes).toEqual([])
    await session.close()
    return changes
  }
  const admin = (command: Document) => server.client.db('admin').command(command)

  beforeAll(async () => {
    server = await startMongodb({})
    database = server.client.db('app')
    await applyAll(open('replicaSet: { name: rs0 }'))
  })
  afterAll(async () => {
    await server?.stop()
  })

  it('are planned, made and read back', async () => {
    const changes = await apply(full)
    expect(changes.map(({ summary }) => summary.replace(server.address, 'HOST'))).toEqual([
      'create capped collection app.log of 8.0 KiB, 10 documents without a validator',
      'create time series collection app.values by at',
      'create index host_1_at_-1 on app.values',
      'create collection app.orders without a validator',
      'create view app.open_orders on orders',
      'set the default concern of reads to majority and of writes to majority',
      'set what a slow operation is on HOST',
      'set profiling of app to slow on HOST',
    ])
    const session = open()
    const { findings, unchanged } = await session.compare()
    expect(findings).toEqual([])
    expect(unchanged.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['view', 'profiling', 'collection']))
    await session.close()
  })

  const drifts: readonly (readonly [what: string, drift: () => Promise<unknown>, resource: string, path: string])[] = [
    ['a larger cap', () => database.command({ collMod: 'log', cappedSize: 16_384 }), 'collection app.log', 'size'],
    ['no number', () => database.command({ collMod: 'log', cappedMax: 0 }), 'collection app.log', 'documents'],
    [
      'a longer life of a time series',
      () => database.command({ collMod: 'values', expireAfterSeconds: 9_000_000 }),
      'collection app.values',
      'expireAfterSeconds',
    ],
    [
      'no pre-images',
      () => database.command({ collMod: 'orders', changeStreamPreAndPostImages: { enabled: false } }),
      'collection app.orders',
      'preImages',
    ],
    [
      'another order in a view',
      () => database.command({ collMod: 'open_orders', viewOn: 'log', pipeline: [{ $sort: { a: -1, b: 1 } }] }),
      'view app.open_orders',
      'pipeline',
    ],
    ['a dropped view', () => database.dropCollection('open_orders'), 'view app.open_orders', ''],
    [
      'another write concern',
      () => admin({ setDefaultRWConcern: 1, defaultWriteConcern: { w: 1 }, defaultReadConcern: { level: 'local' } }),
      'read and write concern default',
      'writeConcern.w',
    ],
    ['another level', () => database.command({ profile: 0 }), 'profiling app', 'level'],
    ['another bound', () => admin({ profile: -1, slowms: 200 }), 'profiling slow operations', 'slowMillis'],
  ]

  it.each(drifts)('finds %s, names it and puts it right', async (_what, drift, resource, path) => {
    await drift()
    const session = open()
    const found = findDrift(await session.compare()).filter(
      ({ resource: { kind, name } }) => `${kind} ${name}` === resource,
    )
    expect(found).toHaveLength(1)
    if (path !== '') expect(found.flatMap(({ differences }) => differences).map((one) => one.path)).toContain(path)
    await applyAll(session)
    expect((await session.plan()).changes).toEqual([])
    await session.close()
  })

  it('forgets nothing of the profiler when a member restarts', async () => {
    await server.kill('SIGTERM')
    await server.restart()
    const changes = await apply(full)
    expect(changes.map(({ resource }) => resource.name)).toEqual(['slow operations', 'app'])
  })

  it('asks for what removes documents, images of them, or what a majority confirms, and counts it', async () => {
    const now = Date.now()
    await database.collection('log').insertMany(Array.from({ length: 10 }, (_, at) => ({ at })))
    const times = [1, 2, 40].map((days) => ({ at: new Date(now - days * 86_400_000), host: 'a' }))
    await database.collection('values').insertMany(times)
    const cases: readonly (readonly [from: string, to: string, code: string, affected: string])[] = [
      ['documents: 10', 'documents: 4', 'smaller-cap', 'app.log (6 of 10 documents over the limit)'],
      ['expireAfter: 90 days', 'expireAfter: 30 days', 'expire-documents', 'app.values (1 document at once)'],
      ['preImages: true', 'preImages: false', 'removed-pre-images', 'app.orders'],
      ['w: majority', 'w: 1', 'weaker-write-concern', ''],
    ]
    for (const [from, to, code, affected] of cases) {
      const [change, ...others] = await planOf(changed(from, to))
      expect(others).toEqual([])
      expect(change?.loss).toMatchObject({ code, affected: affected === '' ? [] : [affected] })
    }
    const bigger = changed('documents: 10', 'documents: 20').replace('90 days', '200 days')
    expect((await planOf(bigger)).map(({ loss }) => loss)).toEqual([null, null])
    await apply(changed('documents: 10', 'documents: 4'))
    await database.collection('log').insertOne({ at: 'new' })
    await expect.poll(() => database.collection('log').countDocuments()).toBe(4)
    await apply(full)
  })

  it('takes the steps of a granularity one after the other, and never a finer one', async () => {
    await database.createCollection('fine', { timeseries: { timeField: 'at' } })
    const declared = (granularity: string): string =>
      full.replace(
        '      orders:',
        `      fine: { timeSeries: { timeField: at, granularity: ${granularity} } }\n      orders:`,
      )
    expect(await apply(declared('hours'))).toMatchObject([
      { differences: [{ path: 'granularity', actual: 'seconds', declared: 'hours' }], loss: null },
    ])
    await expect(planOf(declared('seconds'))).rejects.toMatchObject({ code: 'MONGODB_UNCHANGEABLE' })
    expect(await planOf(declared('hours'))).toEqual([])
    await database.dropCollection('fine')
  })

  it('leaves alone what the declaration does not say', async () => {
    await database.createCollection('plain', { changeStreamPreAndPostImages: { enabled: true } })
    await admin({ setDefaultRWConcern: 1, defaultWriteConcern: { w: 'majority', j: true, wtimeout: 1 } })
    await apply(full.replace('      orders:', '      plain: {}\n      orders:'))
    const [plain] = await database.listCollections({ name: 'plain' }).toArray()
    expect(plain).toMatchObject({ options: { changeStreamPreAndPostImages: { enabled: true } } })
    expect(await admin({ getDefaultRWConcern: 1 })).toMatchObject({
      defaultWriteConcern: { w: 'majority', j: true, wtimeout: 5000 },
    })
    const without = full
      .replace(/^(?:defaults|profiling): .*\n/gm, '')
      .replace('      orders:', '      plain: {}\n      orders:')
    expect(await planOf(without)).toEqual([])
    await database.dropCollection('plain')
  })

  const refusals: readonly (readonly [what: string, from: string, to: string, why: RegExp, next: RegExp])[] = [
    ['another time field', 'timeField: at,', 'timeField: time,', /`timeField` is at, but time/, /new collection/],
    ['another series', 'metaField: host,', '', /`metaField` is host, but none/, /new collection/],
    [
      'a cap on a plain collection',
      '{ preImages: true }',
      '{ capped: { size: 1mb } }',
      /not capped/,
      /convertToCapped/,
    ],
    ['no cap', '{ capped: { size: 8kb, documents: 10 } }', '{}', /It is capped/, /Declare `capped`/],
    ['another collation of a view', 'locale: fr', 'locale: de', /`collation.locale` is fr, but de/, /\.drop\(\)/],
  ]

  it.each(refusals)('refuses %s, with the way out', async (_what, from, to, why, next) => {
    const session = open(changed(from, to))
    const refusal = { code: 'MONGODB_UNCHANGEABLE' }
    await expect(session.plan()).rejects.toMatchObject({
      ...refusal,
      faults: [{ why: expect.stringMatching(why), next: expect.stringMatching(next) }],
    })
    // The comparison names it among the others.
    expect(findDrift(await session.compare())).toMatchObject([refusal])
    await session.close()
  })

  it('refuses a view in the place of a collection, and a collection in the place of a view', async () => {
    const view = full.replace('      open_orders:', '      log2: { on: orders, pipeline: [] }\n      open_orders:')
    await database.createCollection('log2')
    await expect(planOf(view)).rejects.toMatchObject({ faults: [{ why: 'It is a collection, not a view.' }] })
    await database.dropCollection('log2')
    await apply(view)
    const collection = full.replace('      orders:', '      log2: {}\n      orders:')
    await expect(planOf(collection)).rejects.toMatchObject({ faults: [{ why: 'It is a view.' }] })
    await database.dropCollection('log2')
  })
})
