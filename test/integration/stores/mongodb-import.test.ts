import type { Db } from 'mongodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeMongodb, startMongodb, type TestMongodb } from '../../helpers/mongodb/mongodb.ts'
import { type ImportProject, openImportProject, takeOwnDeclarations } from '../../helpers/stores/import-project.ts'

const projects: ImportProject[] = []

function openProject(server: TestMongodb, environment: Readonly<Record<string, string>> = {}): ImportProject {
  const project = openImportProject('mongodb', { url: `mongodb://${server.address}` }, environment)
  projects.push(project)
  return project
}

afterAll(() => {
  for (const project of projects) project.close()
})

describeMongodb('an import of a MongoDB that somebody made by hand', () => {
  let server: TestMongodb
  let odd: Db

  beforeAll(async () => {
    server = await startMongodb({ replicaSet: null })
    odd = server.client.db('Odd_库')
    const schema = {
      bsonType: 'object',
      properties: {
        password: { bsonType: 'string' },
        code: { pattern: '^\\d{3}$', description: `\${HOME} is no variable` },
      },
    }
    await odd.createCollection('a.b.c', { validator: { $jsonSchema: schema }, validationAction: 'warn' })
    await odd.createCollection('订单 Capital', { collation: { locale: 'zh' } })
    for (const name of ['constructor', 'toString', '123', 'no', '__proto__', 'recent-capped']) {
      await odd.createCollection(name, name === 'recent-capped' ? { capped: true, size: 4096 } : {})
    }
    const since = { $gt: new Date(1) }
    await odd.createCollection('newest', {
      viewOn: 'a.b.c',
      pipeline: [{ $match: { since } }, { $sort: { b: 1, a: -1 } }],
      collation: { locale: 'de' },
    })
    const timeseries = { timeField: 'at', metaField: 'host', granularity: 'hours' } as const
    await odd.createCollection('Temperaturen', { timeseries, expireAfterSeconds: 3600 })
    await odd.collection('Temperaturen').createIndex({ host: 1, at: -1 })
    await odd.createCollection('watched', { changeStreamPreAndPostImages: { enabled: true } })
    await odd.collection('订单 Capital').createIndex({ 名: 1, b: -1 }, { unique: true })
    const strange = odd.collection('constructor')
    await strange.createIndex({ at: 1 }, { expireAfterSeconds: 5_400, name: 'kept for 90 min' })
    await strange.createIndex({ end: 1 }, { expireAfterSeconds: 0 })
    await strange.createIndex(
      { z: 'text', a: 'text', n: 1 },
      { weights: { z: 5 }, default_language: 'none', name: 'words' },
    )
    await strange.createIndex(
      { x: 1 },
      { partialFilterExpression: { since: { $gt: new Date(0) } }, collation: { locale: 'en', strength: 2 } },
    )
    await strange.createIndex({ place: '2dsphere', kind: 1 })
    await strange.createIndex({ '$**': 1 })
    const role = {
      createRole: 'Aufräumer',
      privileges: [{ resource: { db: 'Odd_库', collection: 'a.b.c' }, actions: ['find'] }],
      roles: [],
    }
    await odd.command(role)
    await server.client
      .db('admin')
      .command({ ...role, createRole: 'toString', roles: [{ role: 'read', db: 'Odd_库' }] })
    await server.client.db('admin').command({ ...role, createRole: 'Aufräumer' })
    for (const name of ['app.User', 'app User', 'hasOwnProperty']) {
      const roles = [{ role: 'Aufräumer', db: 'admin' }]
      await server.client.db('admin').command({ createUser: name, pwd: 'nie zu sehen', roles })
    }
    await server.client.db('wwdb').collection('setup_lock').insertOne({ held: false })
    await odd.collection('wwdb_migrations').insertOne({ state: 'applied' })
  })

  afterAll(() => server.stop())

  it('declares all that can be declared, names the rest, and leaves a plan nothing to change', async () => {
    const project = openProject(server)
    const { exitCode, answer } = await project.importAll()
    expect(exitCode).toBe(1)
    expect(answer.notDeclarable.map(({ resource: { kind, name } }) => `${kind} ${name}`).toSorted()).toEqual([
      'collection Odd_库.__proto__',
      'index Odd_库.constructor.end_1',
      'role Odd_库.Aufräumer',
    ])
    expect(answer.variables.map(({ variable }) => variable)).toEqual([
      'MONGODB_APP_USER_PASSWORD',
      'MONGODB_APP_USER_PASSWORD_2',
      'MONGODB_HAS_OWN_PROPERTY_PASSWORD',
    ])
    expect(project.files()).toEqual(['access.yaml', 'collections.yaml', 'views.yaml'])
    expect(project.read('migrations/mongodb/collections.yaml')).not.toMatch(/wwdb|local:|config:/)
    expect(project.read('migrations/mongodb/access.yaml')).not.toContain('nie zu sehen')
    expect(await project.changes()).toEqual([])
    const applied = await project.setup('apply')
    expect(applied).toMatchObject({ exitCode: 0 })
    expect(applied.stdout).toContain('nothing to do')
  })

  it('imports what is not declared yet beside what is, and overwrites nothing', async () => {
    const project = openProject(server)
    const first = await project.importAll('--only', 'Odd_库.a*')
    expect(first).toMatchObject({ exitCode: 0, answer: { declared: [{ name: 'Odd_库.a.b.c' }], declaredBefore: 0 } })
    const text = project.read('migrations/mongodb/collections.yaml')
    const second = await project.importAll('--only', '*.constructor*', '--only', 'Odd_库.a*')
    expect(second.answer.declared.map(({ name }) => name)).toEqual([
      'Odd_库.constructor',
      'Odd_库.constructor.kept for 90 min',
      'Odd_库.constructor.words',
      'Odd_库.constructor.x_1',
      'Odd_库.constructor.place_2dsphere_kind_1',
      'Odd_库.constructor.$**_1',
    ])
    expect(second.answer.declaredBefore).toBe(1)
    expect(project.read('migrations/mongodb/collections.yaml')).toBe(text)
    expect(project.files()).toEqual(['collections-2.yaml', 'collections.yaml'])
    expect(await project.changes()).toEqual([])
  })

  it('writes nothing with --dry-run, and another folder with --out', async () => {
    const project = openProject(server)
    const dry = await project.setup('import', 'mongodb', '--dry-run', '--only', '*.a.b.c')
    expect(dry).toMatchObject({ exitCode: 0 })
    expect(dry.stdout).toContain('would write migrations/mongodb/collections.yaml')
    expect(dry.stdout).toContain(`$\${HOME} is no variable`)
    expect(project.files()).toEqual([])
    await project.importAll('--out', 'elsewhere', '--only', '*.a.b.c')
    expect(project.read('elsewhere/collections.yaml')).toContain('a.b.c')
    expect(project.files()).toEqual([])
    expect(await project.setup('import', 'mongodb', '--prefix', 'pr1_')).toMatchObject({ exitCode: 64 })
  })
})

describeMongodb('an import of the MongoDB of this platform', () => {
  let servers: readonly TestMongodb[] = []

  beforeAll(async () => {
    servers = await Promise.all([startMongodb(), startMongodb()])
  })

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()))
  })

  it('declares what the repository does: each plans nothing on what the other has made', async () => {
    const [made, copied] = servers
    if (made === undefined || copied === undefined) throw new Error('there are no servers')
    const own = {
      WWDB_MONGODB_REPLICA_SET: 'rs0',
      WEWORK_MONGODB_APP_PASSWORD: 'a1',
      WEWORK_MONGODB_READER_PASSWORD: 'r1',
    }
    const repository = openProject(made, own)
    takeOwnDeclarations(repository, 'mongodb')
    // What the repository leaves to the servers, and an import finds.
    repository.write('migrations/mongodb/defaults.yaml', 'defaults: { writeConcern: { w: majority, timeout: 5s } }')
    expect(await repository.setup('apply')).toMatchObject({ exitCode: 0 })
    const known = { MONGODB_WEWORK_APP_PASSWORD: 'a1', MONGODB_WEWORK_READER_PASSWORD: 'r1' }
    const imported = openProject(made, known)
    expect(await imported.importAll()).toMatchObject({ exitCode: 0, answer: { notDeclarable: [] } })
    expect(await imported.changes()).toEqual([])
    const copy = openProject(copied, known)
    for (const file of imported.files())
      copy.write(`migrations/mongodb/${file}`, imported.read(`migrations/mongodb/${file}`))
    expect(await copy.setup('apply')).toMatchObject({ exitCode: 0 })
    const back = openProject(copied, own)
    takeOwnDeclarations(back, 'mongodb')
    expect(await back.changes()).toEqual([])
  })
})
