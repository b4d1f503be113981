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

/** What happens to an existing shard. `restore` returns it to use; the other four retire it, in this order. */
export type ShardStepKind = 'restore' | 'seal' | 'hold' | 'archive' | 'drop'

/** One step of one shard. A shard takes at most one step per run. */
export interface ShardStep {
  readonly step: ShardStepKind
  /** As in the registry, after earlier runs were settled. */
  readonly record: ShardRecord
  /** Half a sentence: "its period ended on 2026-01-01". */
  readonly why: string
}

/** What a rotation does to one family. */
export interface FamilyPlan {
  readonly family: string
  readonly target: Target
  /** Parents of the same run are created before. */
  readonly make: readonly ShardToMake[]
  /** Tables that are missing from the registry: adopted if they have the template's shape. */
  readonly adopt: readonly Shard[]
  /** Registry rows that the check proved wrong, in their corrected form: settled intents, deleted keys, vanished tables. */
  readonly corrections: readonly ShardRecord[]
  /** Lost rows that no earlier run had found. */
  readonly losses: readonly ShardFinding[]
  /** Tables that an interrupted restore left behind: copies of an archive's content. */
  readonly leftovers: readonly string[]
  readonly steps: readonly ShardStep[]
  /** Set where holding this number of the family's live shards requires a confirmation. */
  readonly question: { readonly holds: number; readonly live: number } | null
  /** Sentences: why something is not done, or what a person should check. */
  readonly notes: readonly string[]
  /** End of the last period that will have its table, in milliseconds; null for keys. */
  readonly aheadUntil: number | null
}
