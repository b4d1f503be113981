import type { RetentionRule } from './declaration.ts'

export interface ObservedOrganization {
  readonly id: string
  readonly name: string
  readonly description: string
}

export interface ObservedBucket {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly rule: RetentionRule
}

export interface ObservedTask {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly flux: string
  readonly active: boolean
  /** As the server tells it: `1h`, `1h30m`; empty for a task that runs by cron. */
  readonly every: string
  readonly cron: string
  readonly offset: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** When the latest run that has ended was due; the task's creation before its first run. Milliseconds since the epoch. */
  readonly latestCompleted: number
  readonly lastRun: 'success' | 'failed' | 'canceled' | null
}

/** One right of a token: `id` null means all resources of the kind, `organizationId` null those of every organisation. */
interface ObservedPermission {
  readonly action: 'read' | 'write'
  /** As the server names it: `buckets`, `tasks`, `authorizations`. */
  readonly kind: string
  readonly id: string | null
  readonly organizationId: string | null
}

/** A token without its secret. */
export interface ObservedToken {
  readonly id: string
  readonly description: string
  readonly active: boolean
  /** The one of this run. False where the server keeps no token that could be compared. */
  readonly isOwn: boolean
  readonly permissions: readonly ObservedPermission[]
}

export interface ObservedMapping {
  readonly id: string
  readonly database: string
  readonly retentionPolicy: string
  readonly bucketId: string
  readonly isDefault: boolean
  /** Made by the server itself, from a bucket named `database/policy`. */
  readonly isVirtual: boolean
}

/** What one organisation holds, system buckets left out. */
export interface ObservedContent {
  readonly organization: ObservedOrganization
  readonly buckets: readonly ObservedBucket[]
  readonly tasks: readonly ObservedTask[]
  readonly tokens: readonly ObservedToken[]
  readonly mappings: readonly ObservedMapping[]
}

/**
 * - `fresh` nobody has set the server up: it has no organisation, no user, no token.
 * - `absent` the organisation is not there.
 */
export type InfluxObservation =
  | { readonly type: 'fresh' }
  | { readonly type: 'absent' }
  | { readonly type: 'content'; readonly content: ObservedContent }

/** How much of one measurement is older than a bound. */
export interface OldPoints {
  readonly measurement: string
  readonly points: number
  readonly series: number
}
