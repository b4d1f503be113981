import type { JsonObject } from './declaration.ts'

/** A place for snapshots, as the server returns it. */
export interface ObservedRepository {
  readonly type: string
  /** By their dotted keys. Secrets are in the keystore of the nodes, never here. */
  readonly settings: JsonObject
}

export interface ObservedSnapshots {
  readonly repositories: ReadonlyMap<string, ObservedRepository>
  /** Bodies with `name`, `schedule`, `repository`, `config`, `retention`. */
  readonly policies: ReadonlyMap<string, JsonObject>
}

/** What of them is to be read. */
export interface WantedSnapshots {
  readonly repositories: readonly string[]
  readonly policies: readonly string[]
}

/** What changes them. */
export type SnapshotWrite =
  | { readonly type: 'put-repository'; readonly name: string; readonly body: JsonObject }
  | { readonly type: 'put-snapshot-policy'; readonly name: string; readonly body: JsonObject }
