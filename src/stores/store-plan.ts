import type { StoreKind } from '../core/store.ts'
import type { SaidFinding, StoreFinding } from './find-drift.ts'

/** One declared resource of a store: the bucket `metrics_hot`, the member `10.0.0.2:27017`. */
export interface StoreResource {
  /** In the store's own terms, singular: `bucket`, `index template`, `replica set member`. */
  readonly kind: string
  /** Its name in the store, with the environment's prefix. */
  readonly name: string
}

export function isSameResource(one: StoreResource, other: StoreResource): boolean {
  return one.kind === other.kind && one.name === other.name
}

/** One value that differs from its declaration. Both are texts for people; null where there is none. */
export interface StoreDifference {
  /** Below the resource: `retention`, `mappings.properties.level.type`. Empty where the whole resource is meant. */
  readonly path: string
  readonly actual: string | null
  readonly declared: string | null
}

/** Every loss that a change of a store can cause; each is allowed by its code. */
export const storeLossCodes = [
  'changed-alias',
  'changed-compatibility',
  'changed-repository',
  'changed-type',
  'downsampling',
  'duplicate-documents',
  'expire-documents',
  'invalid-documents',
  'lost-uniqueness',
  'persistence-off',
  'remove-member',
  'removed-access',
  'removed-additions',
  'removed-for-good',
  'removed-index',
  'removed-node',
  'removed-phase',
  'removed-resource',
  'removed-pre-images',
  'removed-rollover',
  'removed-rules',
  'removed-snapshot',
  'revoked-token',
  'shorter-age',
  'shorter-retention',
  'smaller-cap',
  'smaller-memory',
  'surplus-task',
  'weaker-persistence',
  'weaker-snapshots',
  'weaker-write-concern',
  'wider-eviction',
] as const

export type StoreLossCode = (typeof storeLossCodes)[number]

/** What a change removes, immediately or later, and the code that allows it. */
export interface StoreLoss {
  /** For `--allow`. */
  readonly code: StoreLossCode
  /** More codes, each of which has to be allowed as well; absent where there is none. */
  readonly also?: readonly StoreLossCode[]
  /** A sentence: what is lost, and when. */
  readonly why: string
  /** The affected things, counted where the store can count: `logs-app-2026.10.01 (1,204 documents)`. */
  readonly affected: readonly string[]
}

/** Every code that has to be allowed. */
export function codesOf({ code, also = [] }: StoreLoss): readonly StoreLossCode[] {
  return [code, ...also]
}

/** One step towards the declaration. The steps of a plan are carried out in their order. */
export interface StoreChange {
  /** Its place in its plan, from 0. */
  readonly number: number
  readonly resource: StoreResource
  readonly action: 'create' | 'update' | 'replace' | 'remove'
  /** What is done, as half a sentence: `create bucket metrics_hot, kept 30 days`. */
  readonly summary: string
  /** Empty for a resource that does not exist yet. */
  readonly differences: readonly StoreDifference[]
  readonly loss: StoreLoss | null
}

/** The change of another plan that does the same. A resource may have several: the one with the same sentence comes first, then the one that changes the same, then any. */
export function findSameChange(changes: readonly StoreChange[], change: StoreChange): StoreChange | undefined {
  const ofIt = changes.filter(({ resource }) => isSameResource(resource, change.resource))
  const alike = ofIt.filter(({ action }) => action === change.action)
  const paths = pathsOf(change)
  return (
    alike.find(({ summary }) => summary === change.summary) ??
    alike.find((one) => pathsOf(one) === paths) ??
    alike[0] ??
    ofIt[0]
  )
}

function pathsOf({ differences }: StoreChange): string {
  return JSON.stringify(differences.map(({ path }) => path))
}

/** The changes that would bring one store to its files. */
export interface StorePlan {
  readonly store: StoreKind
  /** `host:port`, several with commas; never a URL. */
  readonly server: string
  /** Digits only; null where the store does not report it. */
  readonly version: string | null
  readonly changes: readonly StoreChange[]
  /** Resources that are as declared already. */
  readonly unchanged: readonly StoreResource[]
  /** Sentences that a person should read: what was chosen and why, what is left alone. */
  readonly notes: readonly string[]
  /** Sentences: what the changes leave undone, because a part of the store does not answer; absent where there is nothing. */
  readonly left?: readonly string[]
  /** Resources that exist but no file declares, and those that could not be compared: neither leads to a change. */
  readonly findings: readonly StoreFinding[]
}

/** A plan with its findings in both languages. */
export interface ComparedPlan extends StorePlan {
  readonly findings: readonly SaidFinding[]
}
