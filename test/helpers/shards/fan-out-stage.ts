import type { RunEvent } from '../../../src/command/event.ts'
import type { StopRequest } from '../../../src/core/stop-request.ts'
import { defaultTuning } from '../../../src/migrations/execute/work.ts'
import type { Migration } from '../../../src/migrations/migration.ts'
import { type FanOutReport, fanOut } from '../../../src/shards/fan-out/fan-out.ts'
import type { ShardLedger } from '../../../src/shards/fan-out/ports.ts'
import { recoverLedger } from '../../../src/shards/fan-out/recover-ledger.ts'
import { assignShardPasses } from '../../../src/shards/fan-out/select-shards.ts'
import type { ShardRecord } from '../../../src/shards/shard.ts'
import { type MemoryProcess, type MemoryServer, openMemorySession, tinyFacts } from '../memory/memory-session.ts'
import { openMemoryLedger } from '../memory/shard-ledger.ts'
import { neverStopped } from '../migrations/engine.ts'

export const fanOutTarget = { database: 'app', schema: 'app', server: 'memory:3306' }

/** A live shard at version 1, of a family of keys. */
export function shardOf(key: string, changes: Partial<ShardRecord> = {}): ShardRecord {
  return {
    family: 'things',
    key,
    table: `things_${key}`,
    from: null,
    to: null,
    state: 'live',
    templateVersion: 1,
    fingerprint: null,
    goneAt: null,
    seal: null,
    hold: null,
    archive: null,
    protection: null,
    ...changes,
  }
}

export interface FanOutOptions {
  readonly migration: Migration
  readonly shards: readonly ShardRecord[]
  readonly direction?: 'up' | 'down'
  readonly connections?: number
  readonly together?: boolean
  readonly errorBudget?: number
  readonly stop?: StopRequest
  readonly emit?: (event: RunEvent) => void
}

async function assign(ledger: ShardLedger, options: FanOutOptions) {
  const { migration, shards, direction = 'up' } = options
  const change = { migration, direction, to: direction === 'up' ? 2 : 1 }
  const work = shards.map((shard) => ({
    shard,
    names: { table: shard.table, siblings: new Map<string, string>() },
    changes: [change],
  }))
  const runs = await assignShardPasses(await ledger.read(null), work, options.together ?? true)
  return { runs: runs.filter((run) => run.runs.length > 0), done: runs.filter((run) => run.runs.length === 0).length }
}

/** One run of a fan-out under the target's lock, as the engine does it, over a server in memory. */
export async function runFanOut(
  process: MemoryProcess,
  server: MemoryServer,
  options: FanOutOptions,
): Promise<FanOutReport> {
  const { emit = () => {}, stop = neverStopped } = options
  const leader = openMemorySession(process, server, fanOutTarget)
  await leader.lock(1000, () => {})
  const ledger = openMemoryLedger(process, server, fanOutTarget, leader.facts.connectionId)
  await ledger.create()
  await ledger.awaitWorkers(1000, () => {})
  const worker = await ledger.openWorker(0)
  await recoverLedger(worker, await ledger.read(null), emit)
  await worker.close()
  const { runs, done } = await assign(ledger, options)
  const report = await fanOut(
    {
      ledger,
      migration: options.migration,
      family: 'things',
      direction: options.direction ?? 'up',
      runs,
      done,
      canary: done === 0,
      connections: options.connections ?? 3,
      together: options.together ?? true,
      errorBudget: options.errorBudget ?? 0,
      schemas: new Map(),
      statementTimeout: null,
      guard: { transaction: null, budget: 60_000, kill: null },
      emit,
      stop,
    },
    { ...defaultTuning, classify: tinyFacts },
  )
  await leader.close()
  return report
}
