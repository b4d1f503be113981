import { MongoClient } from 'mongodb'
import { afterAll, expect, it } from 'vitest'
import { openCodeProject, saidBy } from '../../helpers/mongodb/code-project.ts'
import { describeMongodb, quickSettings, startMongodb } from '../../helpers/mongodb/mongodb.ts'
import { writeKeyFile } from '../../helpers/mongodb/mongodb-credentials.ts'
import { applyAll, emptyDeclaration, openTestSession } from '../../helpers/mongodb/mongodb-session.ts'

const closings: (() => unknown)[] = []

afterAll(async () => {
  for (const close of closings.toReversed()) await close()
})

describeMongodb('the rights that migrations of MongoDB need', () => {
  it('are named where they are missing, and no code is blamed', async () => {
    const server = await startMongodb({ flags: ['--keyFile', await writeKeyFile()] })
    closings.push(server.stop)
    const password = 'nirgends zu lesen'
    const declaration = emptyDeclaration(quickSettings)
    const session = openTestSession({ addresses: [server.address], declaration, user: 'root', password })
    await applyAll(session)
    await session.close()
    const url = `mongodb://${server.address}/?directConnection=true`
    const root = await new MongoClient(url, { auth: { username: 'root', password } }).connect()
    closings.push(() => root.close())
    const usual = ['clusterMonitor', { role: 'readWrite', db: 'wwdb' }]
    const create = (user: string, role: string) =>
      root.db('admin').command({ createUser: user, pwd: password, roles: [...usual, { role, db: 'app' }] })
    await create('reader', 'read')
    await create('writer', 'readWrite')
    await root.db('app').collection('changelog').insertOne({ fileName: '1-a.js', appliedAt: new Date() })

    const projectOf = (user: string) => {
      const project = openCodeProject(server, 'app', { url: `mongodb://${user}@${server.address}`, password })
      closings.push(project.close)
      project.write('app/1_a.js', 'exports.up = () => { throw new Error("twice") }')
      project.write('app/2_b.mjs', "export const up = (db) => db.collection('b').insertOne({})")
      return project
    }
    const reader = projectOf('reader')
    const adopting = await reader.setup('migrate', '--adopt')
    expect(saidBy(adopting)).toContain('The user `reader` may not write the journal of migrations.')
    expect(adopting).toMatchObject({ exitCode: 69 })
    await root.db('app').collection('changelog').deleteMany({})
    reader.remove('app/1_a.js')
    const migrating = await reader.setup('migrate')
    expect(saidBy(migrating)).toContain('Give the user `readWrite` on `app` and on `wwdb`.')
    expect(migrating).toMatchObject({ exitCode: 69 })
    const writer = projectOf('writer')
    writer.remove('app/1_a.js')
    expect(await writer.setup('migrate')).toMatchObject({ exitCode: 0 })
    expect(await root.db('app').collection('b').countDocuments({})).toBe(1)
  })

  it('are of no use at a server alone, which a dry run says as well', async () => {
    const server = await startMongodb({ replicaSet: null })
    closings.push(server.stop)
    const project = openCodeProject(server, 'app')
    closings.push(project.close)
    project.write('app/1_a.mjs', "export const up = (db) => db.collection('a').insertOne({})")
    const run = await project.setup('migrate', '--dry-run')
    expect(run).toMatchObject({ exitCode: 2 })
    expect(saidBy(run)).toContain('is not a member of a replica set')
  })
})
