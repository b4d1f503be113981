import type { StoreKind } from '../core/store.ts'
import type { SaidFinding, StoreFinding } from './find-drift.ts'

/** One declared thing of a store: the bucket `metrics_hot`, the member `10.0.0.2:27017`. */
export interface StoreResource {
  /** In the store's own words, singular: `bucket`, `index template`, `replica set member`. */
  readonly kind: string
  /** As it is called in the store, with the environment's prefix. */
  readonly name: string
}

/** One value that is not as it was declared. Both are texts for people; null where there is none. */
export interface StoreDifference {
  /** Below the resource: `retention`, `mappings.properties.level.type`. Empty where the whole is meant. */
  readonly path: string
  readonly actual: string | null
  readonly declared: string | null
}

/** Every loss that a change of a store can bring; each is allowed by its code. */
export const storeLossCodes = [
  'changed-type',
  'downsampling',
  'duplicate-documents',
  'expire-documents',
  'invalid-documents',
  'lost-uniqueness',
  'persistence-off',
  'remove-member',
  'removed-phase',
  'removed-rollover',
  'removed-snapshot',
  'revoked-token',
  'shorter-age',
  'shorter-retention',
  'smaller-memory',
  'surplus-task',
  'weaker-persistence',
  'wider-eviction',
] as const

export type StoreLossCode = (typeof storeLossCodes)[number]

/** What a change takes away, at once or later, and the word that allows it. */
export interface StoreLoss {
  /** For `--allow`. */
  readonly code: StoreLossCode
  /** A sentence: what goes, and when. */
  readonly why: string
  /** What is concerned, counted where the store can count: `logs-app-2026.10.01 (1,204 documents)`. */
  readonly affected: readonly string[]
}

/** One step towards what is declared. The steps of a plan are carried out in their order. */
export interface StoreChange {
  /** Its place in its plan, from 0. */
  readonly number: number
  readonly resource: StoreResource
  readonly action: 'create' | 'update' | 'replace' | 'remove'
  /** What is done, as half a sentence: `create bucket metrics_hot, kept 30 days`. */
  readonly summary: string
  /** Empty for what is not there yet. */
  readonly differences: readonly StoreDifference[]
  readonly loss: StoreLoss | null
}

/** What would bring one store to what its files declare. */
export interface StorePlan {
  readonly store: StoreKind
  /** `host:port`, several with commas; never a URL. */
  readonly server: string
  /** Digits only; null where the store does not report it. */
  readonly version: string | null
  readonly changes: readonly StoreChange[]
  /** As declared already. */
  readonly unchanged: readonly StoreResource[]
  /** Sentences a person should read: what was chosen and why, what is left alone. */
  readonly notes: readonly string[]
  /** Sentences: what the changes leave undone, because a part of the store does not answer; absent where nothing is. */
  readonly left?: readonly string[]
  /** What is there and no file declares, and what could not be compared: no change comes of either. */
  readonly findings: readonly StoreFinding[]
}

/** A plan with its findings in both languages. */
export interface ComparedPlan extends StorePlan {
  readonly findings: readonly SaidFinding[]
}
