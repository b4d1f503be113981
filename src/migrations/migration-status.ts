import type { Target } from '../core/target.ts'
import type { Fault } from '../core/tool-error.ts'
import type { Pass } from './journal.ts'

/** How far a migration is on the shards of a family. */
export interface ShardProgress {
  readonly done: number
  readonly total: number
}

/** One migration as `status` shows it. */
export interface MigrationStatus {
  readonly version: string
  readonly name: string
  readonly kind: Pass['kind']
  /**
   * - `outdated`       a repeatable whose text changed since it ran
   * - `changed`        an applied file whose checksum differs from the journal
   * - `missing`        applied, but its file is gone
   * - `out-of-order`   pending, but sorts before an applied one
   * - `running`        a run is carrying it out, or taking it back, at this moment
   * - `reverting`      a rollback of it stopped half way
   * - `not-applicable` its `-- wwdb:when` does not hold here
   */
  readonly state:
    | 'applied'
    | 'pending'
    | 'partial'
    | 'running'
    | 'reverting'
    | 'outdated'
    | 'changed'
    | 'missing'
    | 'out-of-order'
    | 'baseline'
    | 'not-applicable'
  readonly file: string | null
  readonly appliedAt: string | null
  /** How long its statements took; null where none was closed. For `running`: how long the present one runs. */
  readonly milliseconds: number | null
  /** For `partial`, `running` and `reverting`: statements closed and in all. */
  readonly closed: number | null
  readonly total: number | null
  /** For a migration that runs on shards and stopped half way: how many have it. */
  readonly shards?: ShardProgress
}

export interface TargetStatus {
  readonly target: Target
  readonly serverVersion: string | null
  /** False while the schema does not exist yet. */
  readonly schemaExists: boolean
  readonly migrations: readonly MigrationStatus[]
  /** What `migrate` refuses to run over, and what is wrong with the journal, each with what to do. */
  readonly findings: readonly Fault[]
}
