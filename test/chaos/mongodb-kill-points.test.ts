import { setTimeout as pause } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeMongodb, startMongodbs, type TestMongodb } from '../helpers/mongodb/mongodb.ts'
import { type Stage, withStages } from '../helpers/tool/stage.ts'
import { isSoak, randomFrom, seed } from './support/seed.ts'

const openStage = withStages()

function declare(members: readonly TestMongodb[], keep: string): string {
  return `
replicaSet:
  name: rs0
  members: [${members.map(({ address }) => `{ host: '${address}' }`).join(', ')}]
  settings: { electionTimeout: 1s, heartbeatInterval: 200ms }
databases:
  app:
    collections:
      notes:
        validator: { schema: { bsonType: object, required: [at] } }
        indexes:
          - { key: { at: 1 }, expireAfter: ${keep} }
          - { key: { author: 1, at: -1 }, unique: true }
      pictures:
        indexes: [{ key: { sha256: 1 }, sparse: true }]
        preImages: ${keep === '90 days'}
      log: { capped: { size: 1mb, documents: ${keep === '90 days' ? 100 : 50} } }
      values: { timeSeries: { timeField: at, granularity: ${keep === '90 days' ? 'seconds' : 'hours'}, expireAfter: ${keep} } }
    views:
      recent: { on: notes, pipeline: [{ $match: { keep: '${keep}' } }] }
defaults: { readConcern: ${keep === '90 days' ? 'local' : 'majority'}, writeConcern: { w: majority, timeout: 5s } }
profiling: { databases: { app: slow } }
oplog: { size: ${keep === '90 days' ? 1000 : 1200}mb, minRetention: 2h }
roles:
  writer: { database: app, privileges: [{ database: app, collection: notes, actions: [find, insert] }] }
`
}

/** Every run is killed in the middle of its first changes, until one has nothing left to be killed in. */
describeMongodb('wwdb setup apply, killed in the middle', () => {
  let servers: readonly TestMongodb[] = []
  let stage: Stage
  const random = randomFrom(seed)

  beforeAll(async () => {
    servers = await startMongodbs(4)
    stage = await openStage({ create: false })
    const url = `mongodb://${servers.map(({ address }) => address).join(',')}`
    const configuration = { prefix: stage.prefix, databases: { app: {} }, stores: { mongodb: { url } } }
    stage.write('wwdb.config.json', JSON.stringify(configuration))
  })

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()))
  })

  /** Runs that were killed before one came through. */
  async function killUntilDone(most: number): Promise<number> {
    const args = [
      'setup',
      'apply',
      '--json',
      '--yes',
      '--allow',
      'remove-member',
      '--allow',
      'expire-documents',
      '--allow',
      'removed-pre-images',
    ]
    for (let kills = 0; ; kills++) {
      const tool = stage.start(args)
      const begun =
        kills < most &&
        (await tool.says('stdout', 'store-change-started').then(
          () => true,
          () => false,
        ))
      if (begun) {
        await pause(Math.floor(random() * 600))
        tool.child.kill('SIGKILL')
      }
      const ended = await tool.ended
      if (ended.signal === null) {
        expect(ended).toMatchObject({ exitCode: 0 })
        return kills
      }
    }
  }

  async function expectConverged(): Promise<void> {
    expect(await stage.run(['setup', 'plan', '--exit-code'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['setup', 'verify'])).toMatchObject({ exitCode: 0 })
  }

  test('an apply that is killed converges from bare servers, and from one set to another', async () => {
    const rounds = isSoak ? 20 : 1
    for (let round = 0; round < rounds; round++) {
      const [a, b, c, d] = servers
      if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('no servers')
      stage.write('migrations/mongodb/all.yaml', declare([a, b, c], '90 days'))
      const first = await killUntilDone(isSoak ? 100 : 6)
      await expectConverged()
      const client = await new MongoClient(
        `mongodb://${[a, b, c].map(({ address }) => address).join(',')}/?replicaSet=rs0`,
      ).connect()
      const documents = Array.from({ length: 20 }, (_, author) => ({ at: new Date(), author }))
      const notes = client.db(`${stage.prefix}app`).collection('notes')
      await notes.deleteMany({})
      await notes.insertMany(documents, { writeConcern: { w: 'majority' } })

      stage.write('migrations/mongodb/all.yaml', declare([b, c, d], '30 days'))
      const second = await killUntilDone(isSoak ? 100 : 6)
      await expectConverged()
      expect(await notes.countDocuments()).toBe(20)
      await client.close()
      console.log(`${first} and ${second} runs were killed before one came through (SOAK_SEED=${seed})`)
      expect(first + second).toBeGreaterThan(0)
    }
  })
})
