import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { kill } from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeMongodb, quickSettings, startMongodbs, type TestMongodb, testSet } from '../helpers/mongodb/mongodb.ts'
import { applyAll, emptyDeclaration, openTestSession } from '../helpers/mongodb/mongodb-session.ts'
import { runTool, startTool } from '../helpers/tool/tool.ts'
import { isSoak, longest, randomFrom, seed } from './support/seed.ts'

const wait = 'await new Promise((go) => setTimeout(go, 20))'

/** One of each kind; each counts how often it took effect. */
const files: Readonly<Record<string, string>> = {
  '0001_transaction.mjs': `
export async function up(db) {
  for (let at = 0; at < 20; at++) {
    await db.collection('accounts').updateOne({ _id: at }, { $inc: { passes: 1 } }, { upsert: true })
    ${wait}
  }
}
export async function down(db) {
  for (let at = 0; at < 20; at++) {
    await db.collection('accounts').updateOne({ _id: at }, { $inc: { passes: -1 } })
    ${wait}
  }
}`,
  '0002_walk.mjs': `
const walk = (by) => ({
  collection: 'notes',
  size: 40,
  change: async (documents, { collection }) => {
    for (const { _id } of documents) await collection.updateOne({ _id }, { $inc: { passes: by } })
    ${wait}
  },
})
export const up = walk(1)
export const down = walk(-1)`,
  '0003_outside.mjs': `
export const transaction = false
export async function up(db) {
  for (let at = 0; at < 20; at++) {
    await db.collection('notes').updateOne({ _id: at }, { $set: { outside: true } })
    ${wait}
  }
}
export async function down(db) {
  await db.collection('notes').updateMany({}, { $unset: { outside: '' } })
}`,
  '0004_transaction.mjs': `
export async function up(db) {
  await db.collection('totals').updateOne({ _id: 1 }, { $inc: { count: 1 } }, { upsert: true })
  ${wait}
}
export async function down(db) {
  await db.collection('totals').updateOne({ _id: 1 }, { $inc: { count: -1 } })
}`,
}

describeMongodb('migrations of MongoDB, killed at any step', () => {
  let servers: readonly TestMongodb[] = []
  let client: MongoClient
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-code-kills-'))
  const random = randomFrom(seed)
  const notes = 400
  let elections = 0

  beforeAll(async () => {
    servers = await startMongodbs(3)
    const addresses = servers.map(({ address }) => address)
    const session = openTestSession({ addresses, declaration: emptyDeclaration(quickSettings) })
    await applyAll(session)
    await session.close()
    client = await new MongoClient(`mongodb://${addresses.join(',')}/?replicaSet=${testSet}&w=majority`).connect()
    const stores = { mongodb: { url: `mongodb://${addresses.join(',')}` } }
    write('wwdb.config.json', JSON.stringify({ databases: { app: {} }, stores }))
    for (const [name, text] of Object.entries(files)) write(`migrations/kills.mongodb/${name}`, text)
    const documents = Array.from({ length: notes }, (_, at) => ({ _id: at as never, passes: 0 }))
    await client.db('kills').collection('notes').insertMany(documents)
  })

  afterAll(async () => {
    await client.close()
    await Promise.all(servers.map((server) => server.stop()))
    rmSync(folder, { recursive: true, force: true })
  })

  function write(file: string, text: string): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }

  /** Makes another member the primary, in the middle of what the run does. */
  async function elect(): Promise<void> {
    const admin = client.db('admin')
    const primary = async (): Promise<unknown> => (await admin.command({ hello: 1 }))['primary']
    const before = await primary()
    const isAnother = async (): Promise<boolean> => {
      const now = await primary().catch(() => undefined)
      if (typeof now === 'string' && now !== before) return true
      // Refused where no other member has caught up: then it is asked again.
      if (now === before)
        await admin.command({ replSetStepDown: 5, secondaryCatchUpPeriodSecs: 5 }).catch(() => undefined)
      return false
    }
    await expect.poll(isAnother, { timeout: 60_000, interval: 200 }).toBe(true)
    elections += 1
  }

  /** Kills runs at a moment of their own until one comes through; returns how many were killed. */
  async function killUntilDone(words: readonly string[], most: number, electIn: number): Promise<number> {
    for (let kills = 0; ; ) {
      const tool = startTool(['setup', ...words, '--yes', '--json'], { cwd: folder })
      const begun = kills < most && (await tool.says('stdout', 'store-change-started').then(Boolean, () => false))
      if (begun || kills < most) {
        await pause(Math.floor(random() * 2500))
        if (kills === electIn) await elect()
        tool.child.kill('SIGKILL')
      } else if (electIn >= most) await elect()
      const ended = await tool.ended
      if (ended.signal === null) {
        expect(ended).toMatchObject({ exitCode: 0 })
        return kills
      }
      kills += 1
    }
  }

  /** Every document took the change as often as it should have, whatever was killed. */
  async function expectPasses(count: number): Promise<void> {
    const database = client.db('kills')
    const passes = async (name: string) =>
      (await database.collection(name).find().toArray()).map((one) => one['passes'])
    expect(await passes('notes')).toEqual(Array.from({ length: notes }, () => count))
    expect(await passes('accounts')).toEqual(Array.from({ length: 20 }, () => count))
    expect(await database.collection('totals').findOne({})).toMatchObject({ count })
    expect(await database.collection('notes').countDocuments({ outside: true })).toBe(count * 20)
  }

  test(
    'each takes effect once, up and down, and with an election in the middle',
    async () => {
      // A run that comes through before its moment is no kill: rounds are added until as many were killed as wanted.
      const wanted = isSoak ? 40 : 4
      const each = isSoak ? 5 : 2
      let killed = 0
      let rounds = 0
      for (; killed < wanted; rounds++) {
        killed += await killUntilDone(['migrate'], each, 1)
        await expectPasses(1)
        expect(await runTool(['setup', 'migrate'], { cwd: folder })).toMatchObject({ exitCode: 0 })
        killed += await killUntilDone(['rollback', '--to', '0'], each, each)
        await expectPasses(0)
        expect(rounds, `${killed} of ${wanted} kills`).toBeLessThan(3 * wanted)
      }
      const history = client.db('kills').collection('wwdb_migration_history')
      expect(await history.countDocuments({})).toBe(rounds * 8)
      console.log(
        `${killed} runs were killed in ${rounds} rounds, with ${elections} elections of another primary (SOAK_SEED=${seed})`,
      )
      expect(killed).toBeGreaterThanOrEqual(wanted)
      expect(elections).toBeGreaterThan(0)
    },
    longest,
  )

  test('a run that was paused and overtaken is refused when it goes on, by the server', async () => {
    const paused = startTool(['setup', 'migrate', '--json'], { cwd: folder })
    await paused.says('stdout', '0002_walk in kills: ')
    const parent = paused.child.pid ?? 0
    const both = [
      parent,
      ...execFileSync('pgrep', ['-P', String(parent)], { encoding: 'utf8' })
        .trim()
        .split('\n'),
    ]
    for (const id of both) kill(Number(id), 'SIGSTOP')
    try {
      // Its lock ends in fifteen seconds; the transaction that it left open is ended by the next run.
      const other = ['setup', 'migrate', '--lock-timeout', '60s']
      expect(await runTool(other, { cwd: folder })).toMatchObject({ exitCode: 0 })
    } finally {
      for (const id of both) kill(Number(id), 'SIGCONT')
    }
    expect((await paused.ended).exitCode).not.toBe(0)
    await expectPasses(1)
  })
})
