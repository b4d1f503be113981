import type { RunEvent } from '../../../src/command/event.ts'
import type { ShardFamily } from '../../../src/core/shard-family.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import type { FamilyOutcome } from '../../../src/shards/answers.ts'
import type { RotationWork } from '../../../src/shards/rotation/request.ts'
import { type RotationReport, runRotation } from '../../../src/shards/rotation/run-rotation.ts'
import type { ShardRecord } from '../../../src/shards/shard.ts'
import { MemoryArchive } from '../memory/archive.ts'
import { MemoryProcess } from '../memory/process.ts'
import type { MemorySchema } from '../memory/shard-schema.ts'
import { MemoryShardServer, memoryShardServers } from '../memory/shard-store.ts'
import { configOf, neverStopped } from '../migrations/engine.ts'
import { day, renderSimply } from './families.ts'

/** The schema of the families, and where the instances are. */
export const schemaName = 'message_db'

/** A server in memory, an archive and a clock, for rotation to work on. */
export class RotationStage {
  /** Milliseconds since the epoch. */
  now: number
  /** How much the server's clock is ahead of ours. */
  skew = 0
  families: readonly ShardFamily[]
  readonly server = new MemoryShardServer(() => this.now + this.skew)
  readonly archive = new MemoryArchive()
  readonly events: RunEvent[] = []

  constructor(start: string, families: readonly ShardFamily[]) {
    this.now = Date.parse(start)
    this.families = families
  }

  get schema(): MemorySchema {
    return this.server.schema(schemaName)
  }

  get records(): readonly ShardRecord[] {
    return this.schema.registry.shards
  }

  record(table: string): ShardRecord | undefined {
    return this.records.find((record) => record.table === table)
  }

  tables(prefix: string): readonly string[] {
    return this.schema.tables.map(({ name }) => name).filter((name) => name.startsWith(prefix))
  }

  setInstances(present: readonly string[], deleted: readonly string[] = []): void {
    const rows = [...present.map((key) => ({ key, deleted: false })), ...deleted.map((key) => ({ key, deleted: true }))]
    this.server.setKeys('instance_db', 'wework_instances', rows)
  }

  /** One run of the tool; its process is dead afterwards. */
  async run(changes: Partial<RotationWork> = {}, process = new MemoryProcess()): Promise<RotationReport> {
    try {
      return await runRotation({ ...this.request(process), ...changes })
    } finally {
      this.end(process)
    }
  }

  /** Ends a process; what the server continues alone, it finishes. */
  end(process: MemoryProcess): void {
    process.die()
    const orphan = this.server.holderOf(schemaName)
    if (orphan?.orphaned !== true) return
    try {
      orphan.finishOrphan()
    } catch (error) {
      // A reader is in its way: it gives up, as the server does for it.
      if (!(error instanceof ToolError)) throw error
      orphan.close()
    }
  }

  /** A run that must go well. */
  async runWell(changes: Partial<RotationWork> = {}): Promise<readonly FamilyOutcome[]> {
    const { outcomes, error } = await this.run(changes)
    if (error !== null) throw error
    return outcomes
  }

  request(process = new MemoryProcess()): RotationWork {
    return {
      config: configOf([schemaName, 'instance_db']),
      families: this.families,
      only: null,
      servers: memoryShardServers(this.server, process),
      now: () => this.now,
      rehearsal: false,
      ahead: 0,
      longestPause: 400 * day,
      trustClock: false,
      render: renderSimply,
      emit: (event) => this.events.push(event),
      stop: neverStopped,
      archive: async () => this.archive.port(this.server, process),
      confirm: () => Promise.reject(new ToolError('NOT_CONFIRMED', { what: 'There is no terminal for the question.' })),
      propagate: null,
    }
  }
}
