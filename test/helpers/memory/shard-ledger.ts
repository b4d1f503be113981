import type { Target } from '../../../src/core/target.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import type { LedgerSnapshot, ShardLedger, TemplateChange } from '../../../src/shards/fan-out/ports.ts'
import { describeHolder } from './lock.ts'
import { openMemorySession } from './memory-session.ts'
import type { MemoryProcess } from './process.ts'
import type { MemoryServer } from './server.ts'

/** As many as any test asks for. */
const mostWorkers = 8

/** The engine's `ShardLedger` over a server in memory, for what the executor of fan-outs asks of it. */
export function openMemoryLedger(
  process: MemoryProcess,
  server: MemoryServer,
  target: Target,
  leader: number,
): ShardLedger {
  const schema = server.schema(target.schema)
  const changes = server.templateChanges
  const demandLeader = (): void => {
    if (server.holderOf(target.schema)?.id !== leader) throw new ToolError('LOCK_LOST', { what: 'The lock was lost' })
  }
  const isSame = (a: TemplateChange) => (b: TemplateChange) => a.family === b.family && a.version === b.version
  const remove = (old: readonly TemplateChange[]): void => {
    for (const one of old) {
      const at = changes.findIndex(isSame(one))
      if (at >= 0) changes.splice(at, 1)
    }
  }
  return {
    target,
    create: async () => {
      schema.ledger.exists = true
    },
    read: async (migrations) => readLedger(server, target.schema, migrations),
    readChanges: async () => [...changes],
    recordChanges: async (record) => {
      demandLeader()
      remove(record)
      changes.push(...record)
    },
    forgetChanges: async (_leader, undone) => {
      demandLeader()
      server.holderOf(target.schema)?.stage(() => remove(undone))
    },
    awaitWorkers: async (_milliseconds, waiting) => {
      for (let worker = 0; worker < mostWorkers; worker += 1) {
        const holder = server.holderOf(`${target.schema} worker ${worker}`)
        if (holder === null) continue
        waiting(describeHolder({ id: holder.id, orphaned: true }), 0)
        if (!holder.orphaned) throw new ToolError('LOCK_HELD', { what: 'Another worker is at work' }, { exitCode: 75 })
        holder.finishOrphan()
      }
    },
    openWorker: async (worker) => {
      const session = openMemorySession(process, server, target, { number: worker, leader })
      await session.lock(1000, () => {})
      return session
    },
    tryChange: () => Promise.reject(new Error('the memory server has no shapes')),
    readStorage: async () => ({ limit: 64, used: new Map(), bytes: new Map() }),
    close: async () => {},
  }
}

function readLedger(server: MemoryServer, schema: string, migrations: readonly string[] | null): LedgerSnapshot {
  const all = server.schema(schema).ledger.read()
  const passes = all.passes.filter(
    ({ version }) => migrations === null || migrations.includes(version.split('/')[0] ?? ''),
  )
  const wanted = new Set(passes.map((pass) => pass.pass))
  const rows = all.rows.filter((row) => wanted.has(row.pass))
  return { exists: all.exists, passes, rows, lastPass: all.passes.at(-1)?.pass ?? 0 }
}
