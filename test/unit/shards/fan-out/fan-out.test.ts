import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../../../src/command/event.ts'
import { ToolError } from '../../../../src/core/tool-error.ts'
import type { FanOutReport } from '../../../../src/shards/fan-out/fan-out.ts'
import { MemoryProcess, MemoryServer, type Mishap } from '../../../helpers/memory/memory-session.ts'
import { MemoryConnection } from '../../../helpers/memory/server.ts'
import { migrationOf, neverStopped, scriptOf } from '../../../helpers/migrations/engine.ts'
import { fanOutTarget, runFanOut, shardOf } from '../../../helpers/shards/fan-out-stage.ts'
import { chooseSeed } from '../../../helpers/tool/seed.ts'

const migration = migrationOf('app/5', {
  shards: 'things',
  up: scriptOf(['ALTER {{table}} 1', 'INSERT {{table}} 7', 'ALTER {{table}} 2']),
  down: scriptOf(['ALTER {{table}} -2', 'ALTER {{table}} -1']),
})
const shards = Array.from({ length: 9 }, (_, index) => shardOf(String(index + 1)))
const upOf = (table: string): readonly string[] => [`ALTER ${table} 1`, `INSERT ${table} 7`, `ALTER ${table} 2`]

/** A server with the shards' tables. */
async function serverWithShards(): Promise<MemoryServer> {
  const server = new MemoryServer()
  const connection = new MemoryConnection(server, fanOutTarget.schema)
  for (const { table } of shards) await connection.run(`CREATE ${table}`)
  connection.close()
  server.effects.length = 0
  return server
}

/** What happened to each shard, in order. */
function effectsByShard(server: MemoryServer): ReadonlyMap<string, readonly string[]> {
  const texts = server.effects.map((effect) => effect.text)
  return new Map(shards.map(({ table }) => [table, texts.filter((text) => text.split(' ')[1] === table)]))
}

const everyShardOnce = new Map(shards.map(({ table }) => [table, upOf(table)]))

describe('a fan-out', () => {
  test('runs every statement once on each shard, the first shard alone before all others', async () => {
    const server = await serverWithShards()
    const events: RunEvent[] = []
    const report = await runFanOut(new MemoryProcess(), server, {
      migration,
      shards,
      emit: (event) => events.push(event),
    })
    expect(report).toMatchObject({ failures: [], left: 0, error: null, stopped: false })
    expect(effectsByShard(server)).toEqual(everyShardOnce)
    expect(server.effects.slice(0, 3).map((effect) => effect.text)).toEqual(upOf('things_1'))
    expect(events[0]).toMatchObject({ type: 'fan-out-started', canary: 'things_1', done: 0, total: 9 })
    const finished = events.flatMap((event) => (event.type === 'shard-finished' ? [event] : []))
    expect(finished.map((event) => event.done)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(finished[0]).toMatchObject({ table: 'things_1', statements: 3, version: '5', total: 9 })
  })

  test('has nothing to do when it runs again', async () => {
    const server = await serverWithShards()
    await runFanOut(new MemoryProcess(), server, { migration, shards })
    const before = server.effects.length
    const report = await runFanOut(new MemoryProcess(), server, { migration, shards })
    expect(report).toMatchObject({ finished: [], failures: [], left: 0 })
    expect(server.effects).toHaveLength(before)
  })

  test('takes back by the down part what it made, and can be made again', async () => {
    const server = await serverWithShards()
    await runFanOut(new MemoryProcess(), server, { migration, shards })
    await runFanOut(new MemoryProcess(), server, { migration, shards, direction: 'down' })
    await runFanOut(new MemoryProcess(), server, { migration, shards })
    for (const [table, texts] of effectsByShard(server))
      expect(texts).toEqual([...upOf(table), `ALTER ${table} -2`, `ALTER ${table} -1`, ...upOf(table)])
  })

  test('a fan-out begins no other shard when the canary fails, with any budget', async () => {
    const server = await serverWithShards()
    server.schema(fanOutTarget.schema).tables.delete('things_1')
    const report = await runFanOut(new MemoryProcess(), server, { migration, shards, errorBudget: 5 })
    expect(report.failures.map((failure) => failure.shard.key)).toEqual(['1'])
    expect(report.left).toBe(8)
    expect(server.effects).toEqual([])
  })

  test('without a budget begins no shard after the first failure; the running ones end', async () => {
    const server = await serverWithShards()
    server.schema(fanOutTarget.schema).tables.delete('things_3')
    const report = await runFanOut(new MemoryProcess(), server, { migration, shards, connections: 2, together: false })
    expect(report.failures.map(({ shard, error }) => [shard.key, error.code])).toEqual([['3', 'STATEMENT_FAILED']])
    expect(report.left).toBeGreaterThan(0)
    const touched = [...effectsByShard(server)].filter(([, texts]) => texts.length > 0)
    for (const [table, texts] of touched) expect(texts).toEqual(upOf(table))
    expect(touched).toHaveLength(report.finished.length)
  })

  test('with a budget does all the others, and the next run only what is left', async () => {
    const server = await serverWithShards()
    server.schema(fanOutTarget.schema).tables.delete('things_3')
    const first = await runFanOut(new MemoryProcess(), server, { migration, shards, errorBudget: 1 })
    expect(first).toMatchObject({ left: 0, error: null })
    expect(first.finished).toHaveLength(8)
    await new MemoryConnection(server, fanOutTarget.schema).run('CREATE things_3')
    server.effects.pop()
    const second = await runFanOut(new MemoryProcess(), server, { migration, shards })
    expect(second.finished.map((run) => run.shard.key)).toEqual(['3'])
    expect(effectsByShard(server)).toEqual(everyShardOnce)
  })

  test('a fan-out stops after the running statements when asked, and continues there', async () => {
    const server = await serverWithShards()
    const stop = { ...neverStopped, requested: false }
    const emit = (event: RunEvent): void => {
      if (event.type === 'shard-finished' && event.done === 3) stop.requested = true
    }
    const first = await runFanOut(new MemoryProcess(), server, { migration, shards, stop, emit })
    expect(first).toMatchObject({ stopped: true, error: null, failures: [] })
    expect(first.left).toBeGreaterThan(0)
    await runFanOut(new MemoryProcess(), server, { migration, shards })
    expect(effectsByShard(server)).toEqual(everyShardOnce)
  })

  test('ends as a whole when the lock is lost: no shard is to blame', async () => {
    const server = await serverWithShards()
    const emit = (event: RunEvent): void => {
      if (event.type !== 'shard-finished') return
      const leader = server.holderOf(fanOutTarget.schema)
      if (leader !== null) server.unlock(leader)
    }
    const report = await runFanOut(new MemoryProcess(), server, { migration, shards, emit })
    expect(report.failures).toEqual([])
    expect(report.error).toBeInstanceOf(ToolError)
    expect(report.error).toMatchObject({ code: 'LOCK_LOST' })
    await runFanOut(new MemoryProcess(), server, { migration, shards })
    expect(effectsByShard(server)).toEqual(everyShardOnce)
  })
})

/** Runs that go wrong at any calls of any session, and then runs until one has nothing to complain about. */
async function play(server: MemoryServer, mishaps: readonly (readonly (readonly [number, Mishap])[])[]) {
  for (let run = 0; run < mishaps.length + 20; run += 1) {
    const process = new MemoryProcess(mishaps[run] ?? [])
    const wish = { migration, shards, connections: 3, errorBudget: run % 2 === 0 ? 0 : 3 }
    const result: unknown = await runFanOut(process, server, wish).catch((error: unknown) => error)
    process.die()
    if (result instanceof Error) continue
    const report = result as FanOutReport
    if (report.error === null && report.failures.length === 0 && report.left === 0) return run + 1
  }
  throw new Error('it never came to an end')
}

const kinds: readonly Mishap[] = ['die-before', 'die-during', 'die-after', 'lose-before', 'lose-during', 'lose-after']

test('after a failure in any worker or in the leader: every statement once per shard, in order', {
  timeout: 120_000,
}, async () => {
  const mishap = fc.tuple(fc.integer({ min: 1, max: 120 }), fc.constantFrom(...kinds))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(mishap, { maxLength: 3 }), { maxLength: 6 }), async (mishaps) => {
      const server = await serverWithShards()
      await play(server, mishaps)
      expect(effectsByShard(server)).toEqual(everyShardOnce)
    }),
    { numRuns: 300, seed: chooseSeed('fan-outs') },
  )
})
