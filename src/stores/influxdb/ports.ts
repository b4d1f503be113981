import type { BucketDeclaration, InfluxDeclaration, MappingDeclaration } from './declaration.ts'
import type { InfluxObservation, OldPoints } from './observation.ts'

/** One thing that a driver does, with the server's ids of what it is done to. */
export type InfluxDeed =
  | { readonly type: 'set-up'; readonly organization: string; readonly bucket: BucketDeclaration }
  | { readonly type: 'create-organization'; readonly name: string; readonly description: string | null }
  | { readonly type: 'describe-organization'; readonly id: string; readonly description: string }
  | { readonly type: 'create-bucket'; readonly organizationId: string; readonly bucket: BucketDeclaration }
  | { readonly type: 'update-bucket'; readonly id: string; readonly bucket: BucketDeclaration }
  | { readonly type: 'create-task'; readonly organizationId: string; readonly task: TaskText }
  | { readonly type: 'update-task'; readonly id: string; readonly task: TaskText }
  | { readonly type: 'remove-task'; readonly id: string }
  | { readonly type: 'issue-token'; readonly organizationId: string; readonly token: TokenOrder }
  | { readonly type: 'activate-token'; readonly id: string }
  /** With a file, that goes too, if a token is all that is in it. */
  | { readonly type: 'revoke-token'; readonly id: string; readonly file: string | null }
  | { readonly type: 'create-mapping'; readonly organizationId: string; readonly mapping: MappingOrder }
  | { readonly type: 'update-mapping'; readonly organizationId: string; readonly id: string; readonly policy: string }
  | { readonly type: 'remove-mapping'; readonly organizationId: string; readonly id: string }
  | { readonly type: 'remove-bucket'; readonly id: string }
  | { readonly type: 'remove-organization'; readonly id: string }

/** A task as the server keeps it. */
export interface TaskText {
  readonly flux: string
  /** Null leaves the server's alone. */
  readonly description: string | null
  readonly active: boolean
}

/** A token to be made, its rights by the ids of buckets. */
export interface TokenOrder {
  readonly name: string
  readonly read: readonly string[]
  readonly write: readonly string[]
  /** Where it goes: an absolute path. */
  readonly file: string
  /** Ids of tokens that it takes the place of: revoked when the new one is where it belongs. */
  readonly replaces: readonly string[]
}

interface MappingOrder extends Omit<MappingDeclaration, 'bucket'> {
  readonly bucketId: string
}

/** Why a script is none, by its own lines and columns, counted from 1. */
export interface FluxFault {
  readonly line: number
  readonly column: number
  readonly message: string
}

/** How a run of a task ended. */
export interface TaskRun {
  readonly state: 'success' | 'failed' | 'canceled' | 'running'
  /** What its log says, where it failed. */
  readonly why: string
}

/** A number at a time, in milliseconds since the epoch. */
export interface CanaryPoint {
  readonly time: number
  readonly value: number
}

/** Who wrote the points of a proof: what it writes and removes carries this tag. */
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

/** Values by field. */
export type FieldValues = ReadonlyMap<string, number>

/** One InfluxDB 2 as a session sees it. What its methods throw are ToolErrors, as StoreSession lists them. */
export interface InfluxServer {
  /** `host:port`. */
  readonly server: string
  /** Digits only, as the server says it. Looks once. */
  readonly version: () => Promise<string>
  /** Writes nothing. */
  readonly observe: (declaration: InfluxDeclaration) => Promise<InfluxObservation>
  /** Counts what is older than `bound` (milliseconds since the epoch), by measurement. */
  readonly countBefore: (organizationId: string, bucket: string, bound: number) => Promise<readonly OldPoints[]>
  /** What the server's own parser finds wrong with a script; it runs nothing. */
  readonly analyze: (flux: string) => Promise<readonly FluxFault[]>
  readonly perform: (deed: InfluxDeed) => Promise<void>
  readonly writeCanary: (canary: Canary, bucket: string, points: readonly CanaryPoint[]) => Promise<void>
  /** The canary's values in a bucket, at `span.from` and after. */
  readonly readCanary: (canary: Canary, bucket: string, span: TimeSpan) => Promise<FieldValues>
  /** Removes the canary's points; with an empty `run` those of every run. */
  readonly removeCanary: (canary: Canary, bucket: string, span: TimeSpan) => Promise<void>
  /** Starts a task as if it were `due` now (milliseconds since the epoch); returns the run's id. */
  readonly startRun: (taskId: string, due: number) => Promise<string>
  readonly run: (taskId: string, runId: string) => Promise<TaskRun>
  /** What the log of a task's last failed run says. */
  readonly lastFailure: (taskId: string) => Promise<string>
  readonly close: () => Promise<void>
}
