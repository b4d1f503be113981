import type { Target } from '../../core/target.ts'
import type { Shard, ShardFinding, ShardRecord } from '../shard.ts'

/**
 * Why a table is made:
 * - `ahead`    its period is the current one, or one that must be there before it begins
 * - `hole`     a past period without a table, between others that have one
 * - `key`      a row of the key source has none
 * - `late`     its period ended, and rows may still come late
 * - `vanished` it was dropped outside of wwdb
 */
type MakingReason = 'ahead' | 'hole' | 'key' | 'late' | 'vanished'

export interface ShardToMake {
  readonly shard: Shard
  readonly why: MakingReason
}

/** What happens to a shard that exists. `restore` returns it to use; the other four retire it, in their order. */
export type ShardStepKind = 'restore' | 'seal' | 'hold' | 'archive' | 'drop'

/** One step of one shard. A shard takes at most one in a run. */
export interface ShardStep {
  readonly step: ShardStepKind
  /** As the registry has it, with what was settled of earlier runs. */
  readonly record: ShardRecord
  /** Half a sentence: "its period ended on 2026-01-01". */
  readonly why: string
}

/** What a rotation does to one family. */
export interface FamilyPlan {
  readonly family: string
  readonly target: Target
  /** Parents of the same run are made before. */
  readonly make: readonly ShardToMake[]
  /** Tables that the registry lacks: taken into it if their shape is the template's. */
  readonly adopt: readonly Shard[]
  /** Rows of the registry that looking proved wrong, as they should be: settled intents, gone keys, vanished tables. */
  readonly corrections: readonly ShardRecord[]
  /** Lost rows that no earlier run had found. */
  readonly losses: readonly ShardFinding[]
  /** Tables that an interrupted restore left behind: copies of what is in an archive. */
  readonly leftovers: readonly string[]
  readonly steps: readonly ShardStep[]
  /** Set where holding this number of the family's live shards requires a confirmation. */
  readonly question: { readonly holds: number; readonly live: number } | null
  /** Sentences: why something is not done, or what a person should look at. */
  readonly notes: readonly string[]
  /** End of the last period that will have its table, in milliseconds; null for keys. */
  readonly aheadUntil: number | null
}
