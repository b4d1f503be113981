import { noRegistryChange, type ShardStore } from '../ports.ts'
import type { ShardRecord } from '../shard.ts'
import type { ShardRun } from './shard-runs.ts'

/** So many are told of at once while others still run: one question for their shapes, one write. */
const enough = 128

/**
 * Tells the registry which shards are through and what they look like now, beside the workers that take the others through: at
 * the end there is little left to be waited for. What is lost with a killed run the ledger knows, and the next run tells it.
 */
export class ThroughShards {
  readonly #store: ShardStore
  #waiting: ShardRecord[] = []
  #writing: Promise<void> | null = null
  #error: unknown = null

  constructor(store: ShardStore) {
    this.#store = store
  }

  /** Never throws: what goes wrong is told by `end`. */
  add({ shard, to }: ShardRun): void {
    this.#waiting.push({ ...shard, templateVersion: to })
    if (this.#writing !== null || this.#error !== null || this.#waiting.length < enough) return
    this.#writing = this.#write()
      .catch((error: unknown) => {
        this.#error = error
      })
      .finally(() => {
        this.#writing = null
      })
  }

  /** Writes what is left. Throws what went wrong meanwhile, too. */
  async end(): Promise<void> {
    await this.#writing
    if (this.#error !== null) throw this.#error
    await this.#write()
  }

  async #write(): Promise<void> {
    const shards = this.#waiting
    this.#waiting = []
    if (shards.length === 0) return
    const shapes = await this.#store.readShapes(
      shards.map((shard) => shard.table),
      'fingerprint',
    )
    const changed = shards.map((shard) => ({ ...shard, fingerprint: shapes.get(shard.table)?.fingerprint ?? null }))
    await this.#store.writeRegistry({ ...noRegistryChange, shards: changed })
  }
}
