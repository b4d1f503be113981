import type { LeasePlace } from '../lease.ts'
import type { AlertDeclaration, AlertKind, AlertValues } from './alerts.ts'
import type { BucketDeclaration, Declaration, MappingDeclaration, RetentionRule } from './declaration.ts'
import type { LabelDeclaration, LabeledKind } from './labels.ts'

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
  /** Ids. */
  readonly labels: readonly string[]
}

export interface ObservedTask {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly flux: string
  readonly active: boolean
  /** As the server reports it: `1h`, `1h30m`; empty for a task that runs by cron. */
  readonly every: string
  readonly cron: string
  readonly offset: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** When the latest ended run was due; the task's creation before its first run. Milliseconds since the epoch. */
  readonly latestCompleted: number
  readonly lastRun: 'success' | 'failed' | 'canceled' | null
  /** Ids. */
  readonly labels: readonly string[]
}

/** One right of a token: `id` null means all resources of the kind, `organizationId` null those of every organization. */
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
  /** The token of this run. False where the server stores no token that could be compared. */
  readonly isOwn: boolean
  readonly permissions: readonly ObservedPermission[]
}

export interface ObservedMapping {
  readonly id: string
  readonly database: string
  readonly retentionPolicy: string
  readonly bucketId: string
  readonly isDefault: boolean
  /** Created by the server itself, from a bucket named `database/policy`. */
  readonly isVirtual: boolean
}

/** A check, a notification endpoint or a notification rule. */
export interface ObservedAlert {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly active: boolean
  /** In the form of `normalValues`. */
  readonly values: AlertValues
  /** Of an endpoint, by the names of the API: the SHA-256 of each, as the server computes it; null where the run may not ask for it, or did not. */
  readonly secrets: Readonly<Record<string, string | null>>
  /** Of a rule. */
  readonly endpointId: string | null
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** When its content was written last. Milliseconds since the epoch. */
  readonly updatedAt: number
  /** When the latest ended run was due; its creation before its first run, and for an endpoint. Milliseconds since the epoch. */
  readonly latestCompleted: number
  readonly lastRun: ObservedTask['lastRun']
  /** Why its last run failed; null where it did not, and for a rule: the error of a rule can have the address and the token of its endpoint in it. */
  readonly failure: string | null
  /** The task that runs it; null for an endpoint. */
  readonly taskId: string | null
  /** Ids. */
  readonly labels: readonly string[]
}

/** Without those that wwdb uses itself. */
export interface ObservedLabel {
  readonly id: string
  readonly name: string
  readonly color: string
  readonly description: string
}

/** The content of one organization, without system buckets. */
export interface ObservedContent {
  readonly organization: ObservedOrganization
  readonly buckets: readonly ObservedBucket[]
  readonly tasks: readonly ObservedTask[]
  readonly checks: readonly ObservedAlert[]
  readonly endpoints: readonly ObservedAlert[]
  readonly rules: readonly ObservedAlert[]
  readonly labels: readonly ObservedLabel[]
  readonly tokens: readonly ObservedToken[]
  readonly mappings: readonly ObservedMapping[]
}

/**
 * - `fresh` the server is not set up: it has no organization, no user, no token.
 * - `absent` the organization does not exist.
 */
export type ServerState =
  | { readonly type: 'fresh' }
  | { readonly type: 'absent' }
  | { readonly type: 'content'; readonly content: ObservedContent }

/** How much of one measurement is older than a bound. */
export interface OldPoints {
  readonly measurement: string
  readonly points: number
  readonly series: number
}

/** One request that changes the server, with the server's IDs of what it changes. */
export type ServerWrite =
  | { readonly type: 'set-up'; readonly organization: string; readonly bucket: BucketDeclaration }
  | { readonly type: 'create-organization'; readonly name: string; readonly description: string | null }
  | { readonly type: 'describe-organization'; readonly id: string; readonly description: string }
  | { readonly type: 'create-bucket'; readonly organizationId: string; readonly bucket: BucketDeclaration }
  | { readonly type: 'update-bucket'; readonly id: string; readonly bucket: BucketDeclaration }
  | { readonly type: 'create-task'; readonly organizationId: string; readonly task: TaskText }
  | { readonly type: 'update-task'; readonly id: string; readonly task: TaskText }
  | { readonly type: 'remove-task'; readonly id: string }
  | AlertWrite
  | LabelWrite
  | { readonly type: 'remove-label'; readonly id: string }
  | { readonly type: 'remove-alert'; readonly kind: AlertKind; readonly id: string }
  | { readonly type: 'issue-token'; readonly organizationId: string; readonly token: TokenOrder }
  | { readonly type: 'activate-token'; readonly id: string }
  /** With a file, that file is also removed if it contains only a token. */
  | { readonly type: 'revoke-token'; readonly id: string; readonly file: string | null }
  | { readonly type: 'create-mapping'; readonly organizationId: string; readonly mapping: MappingOrder }
  | { readonly type: 'update-mapping'; readonly organizationId: string; readonly id: string; readonly policy: string }
  | { readonly type: 'remove-mapping'; readonly organizationId: string; readonly id: string }
  | { readonly type: 'remove-bucket'; readonly id: string }
  | { readonly type: 'remove-organization'; readonly id: string }

/** Everything about it is sent: the server has no requests for parts. */
export interface AlertWrite {
  readonly type: 'write-alert'
  readonly kind: AlertKind
  readonly organizationId: string
  /** Null for a new one. */
  readonly id: string | null
  readonly alert: AlertDeclaration
  /** Of a rule. */
  readonly endpointId: string | null
}

/** Something that can have a label. */
export interface LabeledResource {
  readonly kind: LabeledKind
  readonly id: string
  readonly name: string
}

/** A label, and where it comes and goes. */
export interface LabelWrite {
  readonly type: 'write-label'
  readonly organizationId: string
  /** Null for a new one. */
  readonly id: string | null
  readonly label: LabelDeclaration
  readonly attach: readonly LabeledResource[]
  readonly detach: readonly LabeledResource[]
}

/** A task as the server keeps it. */
export interface TaskText {
  readonly flux: string
  /** Null keeps the server's. */
  readonly description: string | null
  readonly active: boolean
}

/** A token to be created, with its rights by the IDs of buckets. */
export interface TokenOrder {
  readonly name: string
  readonly read: readonly string[]
  readonly write: readonly string[]
  /** Where it is written: an absolute path. */
  readonly file: string
  /** IDs of the tokens that it replaces: they are revoked when the new one is in its place. */
  readonly replaces: readonly string[]
}

interface MappingOrder extends Omit<MappingDeclaration, 'bucket'> {
  readonly bucketId: string
}

/** Why a script is invalid, with its own lines and columns, counted from 1. */
export interface FluxFault {
  readonly line: number
  readonly column: number
  readonly message: string
}

/** How a run of a task ended, if it has. */
export interface TaskRun {
  /** `missing` where the server lists it neither among the current runs nor among those that ended. */
  readonly state: 'success' | 'failed' | 'canceled' | 'running' | 'missing'
  /** The message of its log, where it failed. */
  readonly why: string
}

/** A number per time, in milliseconds since the epoch. */
export interface CanaryPoint {
  readonly time: number
  readonly value: number
}

/** The run that wrote the points of a proof: all of them have this tag. */
export interface Canary {
  readonly organizationId: string
  readonly measurement: string
  readonly run: string
}

/** Milliseconds since the epoch, the end not included. */
export interface TimeSpan {
  readonly from: number
  readonly to: number
}

/** The progress of a backfill, in milliseconds since the epoch. */
export interface BackfillPosition extends TimeSpan {
  readonly task: string
  /** The end that was asked for, which `to` may not have reached; null where none was. */
  readonly end: number | null
  /** What the task computed then: with another script, everything is computed again. */
  readonly script: string
  /** The end of what is done. */
  readonly done: number
}

/** Values by field. */
export type FieldValues = ReadonlyMap<string, number>

/**
 * One InfluxDB 2. Implemented by `driver.ts`. Throws ToolErrors: `STORE_UNREACHABLE`, `STORE_ACCESS_DENIED` (69), `STORE_TOO_OLD`, `STORE_REFUSED` with the
 * server's own words.
 */
export interface InfluxDriver {
  /** Digits only, as the server reports it. Read once. */
  readonly version: () => Promise<string>
  /** The names of all organizations; none where the server is not set up. */
  readonly listOrganizations: () => Promise<readonly string[]>
  /**
   * Writes nothing.
   * @param needs the kinds that the token of the run must be able to see; `all` to import what is there.
   */
  readonly observe: (declaration: Declaration, needs?: 'declared' | 'all') => Promise<ServerState>
  /** Counts what is older than `bound` (milliseconds since the epoch), by measurement. */
  readonly countBefore: (organizationId: string, bucket: string, bound: number) => Promise<readonly OldPoints[]>
  /** What the server's own parser finds wrong with a script; nothing runs. */
  readonly analyze: (flux: string) => Promise<readonly FluxFault[]>
  readonly write: (write: ServerWrite) => Promise<void>
  readonly writeCanary: (canary: Canary, bucket: string, points: readonly CanaryPoint[]) => Promise<void>
  /** The canary's values in a bucket, at `span.from` and after. */
  readonly readCanary: (canary: Canary, bucket: string, span: TimeSpan) => Promise<FieldValues>
  /** Removes the canary's points; with an empty `run`, those of every run. */
  readonly removeCanary: (canary: Canary, bucket: string, span: TimeSpan) => Promise<void>
  /** Starts a task as if it were `due` now (milliseconds since the epoch); returns the run's id. */
  readonly startRun: (taskId: string, due: number) => Promise<string>
  readonly run: (taskId: string, runId: string) => Promise<TaskRun>
  /** The message in the log of a task's last failed run. */
  readonly lastFailure: (taskId: string) => Promise<string>
  /** The positions of a task's unfinished backfills. */
  readonly readBackfills: (organizationId: string, task: string) => Promise<readonly BackfillPosition[]>
  readonly keepBackfill: (organizationId: string, position: BackfillPosition) => Promise<void>
  readonly forgetBackfill: (organizationId: string, position: BackfillPosition) => Promise<void>
  readonly lock: (organization: string) => LeasePlace
  readonly close: () => Promise<void>
}
