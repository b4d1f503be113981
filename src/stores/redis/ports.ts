import type { NodeSight, SlotRange } from './sight.ts'

/** What to look for, beside what is always looked for. */
export interface Look {
  /** Names of settings. */
  readonly settings: readonly string[]
}

/** One thing that is done to one node. All are repeatable. */
export type NodeAction =
  | { readonly type: 'add-slots'; readonly node: string; readonly slots: readonly SlotRange[] }
  | { readonly type: 'set-epoch'; readonly node: string; readonly epoch: number }
  | { readonly type: 'meet'; readonly node: string; readonly other: string }
  | { readonly type: 'replicate'; readonly node: string; readonly primary: string }
  | { readonly type: 'configure'; readonly node: string; readonly settings: ReadonlyMap<string, string> }
  | { readonly type: 'set-user'; readonly node: string; readonly user: string; readonly rules: readonly string[] }

/** What a server knows of a command, for the meaning of users' rules. */
export interface CommandFacts {
  /** `get`, `config|set`. */
  readonly name: string
  /** `read`, `dangerous`: without the sign. */
  readonly categories: readonly string[]
}

export interface SampledKey {
  readonly key: string
  readonly type: string
  /** Milliseconds; null for a key that stays. */
  readonly ttl: number | null
}

export interface KeySample {
  readonly keys: readonly SampledKey[]
  /** True when these are all. */
  readonly complete: boolean
}

/** What writing to a primary showed. */
export interface WriteProof {
  /** How many replicas said within the time that they have it. */
  readonly replicas: number
}

/**
 * Nodes of Redis, each asked directly, never through another. Implemented by `stores/redis/driver`.
 * Throws ToolErrors: `STORE_UNREACHABLE`, `STORE_ACCESS_DENIED` (69), `STORE_TOO_OLD`, `STORE_REFUSED` with the server's own words.
 */
export interface RedisNodes {
  /** `host:port` of each, in the order of the configuration. */
  readonly names: readonly string[]
  /** Every node, at the same time; one that cannot be seen is no failure of the others. */
  readonly look: (what: Look) => Promise<readonly NodeSight[]>
  readonly perform: (action: NodeAction) => Promise<void>
  /** The commands of a node, asked once. */
  readonly commands: (node: string) => Promise<readonly CommandFacts[]>
  /** Up to `limit` keys that begin with `prefix`. */
  readonly sample: (node: string, prefix: string, limit: number) => Promise<KeySample>
  /** Writes a key that begins with `prefix`, waits for replicas, reads it and removes it. */
  readonly proveWriting: (node: string, prefix: string, replicas: number) => Promise<WriteProof>
  /** Removes the keys that begin with `prefix` from a primary, a few at a time; says how many. The prefix is never empty. */
  readonly removeKeys: (node: string, prefix: string) => Promise<number>
  readonly removeUsers: (node: string, names: readonly string[]) => Promise<void>
  readonly close: () => Promise<void>
}
