import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeMongodb, startMongodbs, type TestMongodb } from '../../helpers/mongodb/mongodb.ts'
import { writeKeyFile } from '../../helpers/mongodb/mongodb-credentials.ts'
import { showUndeclared, upOfStores } from '../../helpers/stores/show-undeclared.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const password = 'sehr-geheim-1'
const collectorPassword = 'auch-geheim-2'

const declaration = (keep: string, more = ''): string => `
replicaSet:
  name: rs0
  settings: { electionTimeout: 1s, heartbeatInterval: 200ms }
databases:
  platform:
    collections:
      callbacks:
        validator:
          schema: { bsonType: object, required: [received_at] }
        indexes:
          - { key: { received_at: 1 }, expireAfter: ${keep} }
roles:
  collector_role:
    database: platform
    privileges: [{ database: platform, collection: callbacks, actions: [find, insert] }]
users:
  collector:
    password: \${COLLECTOR_PASSWORD}
    roles: [{ role: collector_role, database: platform }]
${more}`

/** Servers with access control: nobody is known to them, and the first user comes in through the localhost exception. */
describeMongodb('wwdb setup, with MongoDB', () => {
  let servers: readonly TestMongodb[] = []
  let stage: Stage
  /** The configuration as the stage has it, with its MySQL. */
  let own: object = {}
  const environment = { MONGODB_PASSWORD: password, COLLECTOR_PASSWORD: collectorPassword }
  const hosts = (): string => servers.map(({ address }) => address).join(',')
  const configure = (user = 'admin'): void => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of the configuration
    const mongodb = { url: `mongodb://${user}${user === '' ? '' : '@'}${hosts()}`, password: '${MONGODB_PASSWORD}' }
    stage.write('wwdb.config.json', JSON.stringify({ ...own, stores: { mongodb } }))
  }
  const run = async (args: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    const ended = await stage.run(['setup', ...args], { environment: { ...environment, ...more } })
    for (const secret of [password, collectorPassword]) expect(ended.stdout + ended.stderr).not.toContain(secret)
    return ended
  }
  const connect = async (): Promise<MongoClient> => {
    const credentials = `admin:${password}`
    return new MongoClient(`mongodb://${credentials}@${hosts()}/?replicaSet=rs0`).connect()
  }

  beforeAll(async () => {
    servers = await startMongodbs(3, { flags: ['--keyFile', await writeKeyFile()] })
    stage = await openStage({ create: false, files: { 'migrations/mongodb/all.yaml': declaration('90 days') } })
    own = JSON.parse(readFileSync(join(stage.folder, 'wwdb.config.json'), 'utf8'))
    configure()
  })

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()))
  })

  test('shows what it would do to bare servers, and does nothing', async () => {
    const planned = await run(['plan', '--exit-code'])
    expect(planned).toMatchObject({ exitCode: 1 })
    expect(planned.stdout).toContain(`initiate replica set rs0 from ${servers[0]?.address}`)
    expect(planned.stdout).toContain('create admin, the first user, with the role root (localhost exception)')
    expect(planned.stdout).toContain(`create collection ${stage.prefix}platform.callbacks with its validator`)
    expect(planned.stdout).toContain(`create user admin.${stage.prefix}collector`)
    const hello = await servers[0]?.client.db('admin').command({ hello: 1 })
    expect(hello).toMatchObject({ isreplicaset: true })
  })

  test('makes the set, its first user and everything else, and then has nothing to do', async () => {
    expect(await run(['apply'])).toMatchObject({ exitCode: 0 })
    const client = await connect()
    const operations = client.db('local').collection('oplog.rs')
    const before = await operations.countDocuments({ op: { $ne: 'n' } })
    const again = await run(['apply'])
    expect(again).toMatchObject({ exitCode: 0 })
    expect(again.stdout).toContain('nothing to do')
    expect(await operations.countDocuments({ op: { $ne: 'n' } })).toBe(before)
    await client.close()
    expect(await run(['plan', '--exit-code'])).toMatchObject({ exitCode: 0 })
    const own = await new MongoClient(`mongodb://${hosts()}/?replicaSet=rs0`, {
      auth: { username: `${stage.prefix}collector`, password: collectorPassword },
    }).connect()
    await own
      .db(`${stage.prefix}platform`)
      .collection('callbacks')
      .insertOne({ received_at: new Date(0) })
    await own.close()
  })

  test('proves that the set works, as a document whose shape is published', async () => {
    const verified = await stage.json(['setup', 'verify', '--only', 'mongodb'], { environment })
    expect(verified).toMatchObject({ exitCode: 0 })
    expect(JSON.stringify(verified)).not.toContain(password)
    expect(JSON.stringify(verified)).toContain('a document written with majority is read everywhere')
  })

  test('names an undeclared user who may do anything in every command, and once in the report', async () => {
    const mighty = `${stage.prefix}mighty`
    const client = await connect()
    const admin = client.db('admin')
    const roles = [{ role: 'root', db: 'admin' }]
    await admin.command({ createUser: mighty, pwd: password, roles, writeConcern: { w: 3 } })
    await showUndeclared(stage, {
      sentence: `User \`admin.${mighty}\` exists, but is not declared in any file.`,
      environment,
    })
    await admin.command({ dropUser: mighty, writeConcern: { w: 3 } })
    await client.close()
    const whole = await stage.run(upOfStores, { environment })
    expect(whole.stdout).not.toContain(mighty)
  })

  test('does not let documents expire unless that is allowed', async () => {
    const client = await connect()
    const callbacks = client.db(`${stage.prefix}platform`).collection('callbacks')
    await callbacks.deleteMany({})
    const days = [1, 40, 50].map((age) => ({ received_at: new Date(Date.now() - age * 86_400_000) }))
    await callbacks.insertMany(days, { writeConcern: { w: 3 } })
    stage.write('migrations/mongodb/all.yaml', declaration('30 days'))
    const refused = await run(['apply'])
    expect(refused).toMatchObject({ exitCode: 2 })
    expect(refused.stdout + refused.stderr).toContain(`${stage.prefix}platform.callbacks (2 of 3 documents at once)`)
    expect(refused.stdout + refused.stderr).toMatch(/--allow '?expire-documents:/)
    expect(await callbacks.countDocuments()).toBe(3)
    expect(await run(['apply', '--allow', 'expire-documents', '--yes'])).toMatchObject({ exitCode: 0 })
    await expect.poll(() => callbacks.countDocuments(), { timeout: 20_000 }).toBe(1)
    await client.close()
  })

  test('ends with 78 where a declaration is wrong, and shows where', async () => {
    stage.write('migrations/mongodb/more.yaml', 'roles:\n  extra:\n    privilages: []\n')
    const refused = await run(['plan'])
    stage.remove('migrations/mongodb/more.yaml')
    expect(refused).toMatchObject({ exitCode: 78 })
    expect(refused.stderr).toContain('Did you mean `privileges`?')
    expect(refused.stderr).toContain('migrations/mongodb/more.yaml:3:5')
  })

  test('ends with 69 where the password is wrong, or none is given', async () => {
    const wrong = await run(['plan'], { MONGODB_PASSWORD: 'ganz-falsch-3' })
    expect(wrong).toMatchObject({ exitCode: 69 })
    expect(wrong.stdout + wrong.stderr).toContain('rejected these credentials')
    expect(wrong.stdout + wrong.stderr).not.toContain('ganz-falsch-3')
    configure('')
    const none = await run(['plan'])
    configure()
    expect(none).toMatchObject({ exitCode: 69 })
    expect(none.stdout + none.stderr).toContain('requires a user, but the configuration has none')
  })

  test('ends with 2 where the user may only read', async () => {
    const client = await connect()
    const roles = ['readAnyDatabase', 'clusterMonitor', 'userAdminAnyDatabase'].map((role) => ({ role, db: 'admin' }))
    await client.db('admin').command({ createUser: 'reader', pwd: password, roles, writeConcern: { w: 3 } })
    await client.close()
    stage.write('migrations/mongodb/more.yaml', 'databases: { platform: { collections: { more: {} } } }\n')
    configure('reader')
    const refused = await run(['apply'])
    configure()
    stage.remove('migrations/mongodb/more.yaml')
    expect(refused).toMatchObject({ exitCode: 2 })
    expect(refused.stdout + refused.stderr).toContain('not authorized')
    expect(refused.stdout + refused.stderr).toContain('Give the user `reader` the required role')
  })

  test('ends with 69 where the user may not even look, and plans once it has the roles that the advice names', async () => {
    const client = await connect()
    const admin = client.db('admin')
    await admin.command({ createUser: 'blind', pwd: password, roles: [], writeConcern: { w: 3 } })
    configure('blind')
    const refused = await run(['plan'])
    expect(refused).toMatchObject({ exitCode: 69 })
    expect(refused.stdout + refused.stderr).toContain('denied this user the reads that a plan needs')
    const roles = ['clusterMonitor', 'userAdminAnyDatabase', 'readAnyDatabase']
    for (const role of roles) expect(refused.stdout + refused.stderr).toContain(role)
    await admin.command({ grantRolesToUser: 'blind', roles, writeConcern: { w: 3 } })
    expect(await run(['plan'])).toMatchObject({ exitCode: 0 })
    configure()
    await client.close()
  })

  test('ends with 69 where the servers are stopped', async () => {
    await Promise.all(servers.map((server) => server.kill()))
    const refused = await run(['plan'])
    expect(refused).toMatchObject({ exitCode: 69 })
    expect(refused.stdout + refused.stderr).toContain('Nothing is listening there.')
  })
})
