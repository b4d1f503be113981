import type { Target } from '../core/target.ts'

/** Events about the record of runs. */
type RecordEvent =
  /** Rows of `wwdb_runs` and `wwdb_shard_events` were removed, as `audit.keep` requires. */
  {
    readonly target: Target
    readonly type: 'record-removed'
    readonly runs: number
    readonly shardEvents: number
    readonly summary: string
  }

declare module '../command/event.ts' {
  interface RunEvents {
    readonly audit: RecordEvent
  }
}
