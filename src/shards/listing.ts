import type { Target } from '../core/target.ts'
import type { ShardState } from './shard.ts'

/** A shard as `shards list` and `shards locate` show it. Times are ISO 8601, UTC. */
export interface ShardListing {
  readonly target: Target
  readonly family: string
  readonly key: string
  readonly table: string
  /** Bounds `[from, to)` of its period; null for a key. */
  readonly from: string | null
  readonly to: string | null
  /**
   * As the registry has it. `unregistered` has a table and no row there, `missing` should have a table and has neither;
   * `lost` also where the registry believes the table there, and it is not.
   */
  readonly state: ShardState | 'unregistered' | 'missing'
  readonly templateVersion: number | null
  /** Rows when it was sealed; null before. */
  readonly rows: number | null
  readonly hold: { readonly table: string; readonly until: string } | null
  /** Address of its archive's manifest, in the archive folder. */
  readonly archive: string | null
  /** Why it is protected; null where it is not. */
  readonly protected: string | null
}
