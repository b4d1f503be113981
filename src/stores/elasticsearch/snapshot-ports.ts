import type { JsonObject } from './declaration.ts'

/** A place for snapshots, as the server returns it. */
export interface ObservedRepository {
  readonly type: string
  /** By their dotted keys. Secrets belong into the keystore of the nodes, but a server may have one here. */
  readonly settings: JsonObject
}

/** All that a server has. */
export interface FoundSnapshots {
  readonly repositories: ReadonlyMap<string, ObservedRepository>
  /** Bodies with `name`, `schedule`, `repository`, `config`, `retention`. */
  readonly policies: ReadonlyMap<string, JsonObject>
}

/** The declared ones, and what else matters to them. */
export interface ObservedSnapshots extends FoundSnapshots {
  /** Repositories that no file names. */
  readonly others: ReadonlyMap<string, ObservedRepository>
  /** By policy that begins to remove snapshots of its name in a repository: how many are there; null where that is not known. */
  readonly earlier: ReadonlyMap<string, number | null>
}

/** What a policy has done. */
export interface PolicyRuns {
  /** When it was written last, in milliseconds since the epoch, as all instants here. */
  readonly changedAt: number
  readonly lastSuccess: { readonly snapshot: string; readonly at: number } | null
  readonly lastFailure: { readonly snapshot: string; readonly at: number; readonly why: string } | null
  readonly isRunning: boolean
}

export interface SnapshotRuns {
  /** `RUNNING` where policies are carried out; null where the server does not report it. */
  readonly mode: string | null
  readonly policies: ReadonlyMap<string, PolicyRuns>
}

/** What of them is to be read. */
export interface WantedSnapshots {
  readonly repositories: readonly string[]
  readonly policies: readonly string[]
  /** Policies with a retention, and where it works. */
  readonly retentions: readonly { readonly policy: string; readonly repository: string }[]
}

/** What changes them. */
export type SnapshotWrite =
  | { readonly type: 'put-repository'; readonly name: string; readonly body: JsonObject }
  | { readonly type: 'put-snapshot-policy'; readonly name: string; readonly body: JsonObject }
