import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeMongodb, quickSettings, startMongodbs, type TestMongodb, testSet } from '../helpers/mongodb/mongodb.ts'
import { applyAll, emptyDeclaration, openTestSession } from '../helpers/mongodb/mongodb-session.ts'
import { runTool, startTool } from '../helpers/tool/tool.ts'
import { longest } from './support/seed.ts'

/** The other members are there, and do not answer: the primary steps down, and no majority elects another one. */
describeMongodb('a transaction whose commit no majority confirms', () => {
  let servers: readonly TestMongodb[] = []
  let client: MongoClient
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-unconfirmed-'))
  const [wrote, go] = [join(folder, 'wrote'), join(folder, 'go')]

  beforeAll(async () => {
    servers = await startMongodbs(3)
    const addresses = servers.map(({ address }) => address)
    const session = openTestSession({ addresses, declaration: emptyDeclaration(quickSettings) })
    await applyAll(session)
    await session.close()
    client = await new MongoClient(`mongodb://${addresses.join(',')}/?replicaSet=${testSet}&w=majority`).connect()
    const stores = { mongodb: { url: `mongodb://${addresses.join(',')}` } }
    write('wwdb.config.json', JSON.stringify({ databases: { app: {} }, stores }))
    write(
      'migrations/unsure.mongodb/0001_count.mjs',
      `import { existsSync, writeFileSync } from 'node:fs'
export async function up(db) {
  await db.collection('totals').updateOne({ _id: 1 }, { $inc: { count: 1 } }, { upsert: true })
  writeFileSync(${JSON.stringify(wrote)}, '')
  while (!existsSync(${JSON.stringify(go)})) await new Promise((next) => setTimeout(next, 20))
}`,
    )
  })
  afterAll(async () => {
    await client?.close()
    await Promise.all(servers.map((server) => server.stop()))
    rmSync(folder, { recursive: true, force: true })
  })

  function write(file: string, text: string): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }

  test(
    'the run ends, and the next one settles it: the change is there once',
    async () => {
      const run = startTool(['setup', 'migrate', '--yes'], { cwd: folder })
      await expect.poll(() => existsSync(wrote), { timeout: 60_000 }).toBe(true)
      const { primary } = await client.db('admin').command({ hello: 1 })
      const others = servers.filter(({ address }) => address !== primary)
      for (const server of others) server.freeze()
      write('go', '')
      const ended = await run.ended
      for (const server of others) server.thaw()
      expect([ended.exitCode, ended.stdout]).toEqual([69, expect.stringContaining('The replica set has no primary.')])
      const again = () => runTool(['setup', 'migrate', '--yes', '--lock-timeout', '60s'], { cwd: folder })
      await expect.poll(async () => (await again()).exitCode, { timeout: 240_000, interval: 1000 }).toBe(0)
      expect(await client.db('unsure').collection('totals').findOne({})).toMatchObject({ count: 1 })
    },
    longest,
  )
})
