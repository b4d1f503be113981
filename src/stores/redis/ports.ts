import type { ToolError } from '../../core/tool-error.ts'
import type { LeasePlace } from '../lease.ts'
import type { ObservedLibrary } from './functions.ts'

/** One change of one node. */
export type NodeWrite =
  | { readonly type: 'add-slots'; readonly node: string; readonly slots: readonly SlotRange[] }
  | { readonly type: 'set-epoch'; readonly node: string; readonly epoch: number }
  | { readonly type: 'meet'; readonly node: string; readonly other: string }
  | { readonly type: 'replicate'; readonly node: string; readonly primary: string }
  /** With their keys, one after the other. */
  | {
      readonly type: 'move-slots'
      readonly node: string
      readonly target: string
      readonly slots: readonly SlotRange[]
    }
  /** Removes markers of moves that have ended, as the node words them: `[93->-id]`. */
  | { readonly type: 'close-slots'; readonly node: string; readonly markers: readonly string[] }
  /** Lets the node forget another one, which must have no slots and no keys of its own. */
  | { readonly type: 'forget'; readonly node: string; readonly other: string }
  /** Lets a node without slots and keys of its own forget all others. */
  | { readonly type: 'reset'; readonly node: string }
  | { readonly type: 'configure'; readonly node: string; readonly settings: ReadonlyMap<string, string> }
  | { readonly type: 'load-functions'; readonly node: string; readonly library: string; readonly code: string }
  | { readonly type: 'remove-functions'; readonly node: string; readonly library: string }
  | { readonly type: 'set-user'; readonly node: string; readonly user: string; readonly rules: readonly string[] }

/** What a change did not reach. */
export interface WriteOutcome {
  /** Slots that moved before all replicas of their new owner had confirmed their keys in time. */
  readonly unconfirmed: number
}

/** What a server knows about a command, to interpret users' rules. */
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

/** The result of writing to a primary. */
export interface WriteProof {
  /** How many replicas acknowledged it in time. */
  readonly replicas: number
}

/**
 * Nodes of Redis, each asked directly, never through another. Implemented by `driver.ts`.
 * Throws ToolErrors: `STORE_UNREACHABLE`, `STORE_ACCESS_DENIED` (69), `STORE_TOO_OLD`, `STORE_REFUSED` with the server's own words.
 */
export interface RedisDriver {
  /** `host:port` of each, in the order of the configuration. */
  readonly names: readonly string[]
  /**
   * Reads every node in parallel; one that does not answer does not fail the others.
   * @param settings names of the settings that are read in addition to those that are always read.
   */
  readonly observe: (settings: readonly string[]) => Promise<readonly NodeObservation[]>
  /** Repeatable: what is done already is left as it is. */
  readonly write: (write: NodeWrite) => Promise<WriteOutcome>
  /** The commands of a node, read once. */
  readonly commands: (node: string) => Promise<readonly CommandFacts[]>
  /** Up to `limit` keys that begin with `prefix`. */
  readonly sample: (node: string, prefix: string, limit: number) => Promise<KeySample>
  /** Writes a key that begins with `prefix`, waits for replicas, reads it and removes it. */
  readonly proveWriting: (node: string, prefix: string, replicas: number) => Promise<WriteProof>
  /** Removes the keys that begin with `prefix` from a primary, a few at a time; returns how many. The prefix is never empty. */
  readonly removeKeys: (node: string, prefix: string) => Promise<number>
  readonly removeUsers: (node: string, names: readonly string[]) => Promise<void>
  readonly lock: (prefix: string) => LeasePlace
  /** The same driver, whose connections are marked as the lock holder's and checked immediately before each write. */
  readonly guarded: (check: () => Promise<void>) => RedisDriver
  readonly close: () => Promise<void>
}

/** From the first slot to the last, both included. */
export interface SlotRange {
  readonly first: number
  readonly last: number
}

/** How many slots a cluster has. */
export const slotCount = 16_384

/** A node as it was seen when it was asked directly, or why it could not be. */
export type NodeObservation =
  | ObservedNode
  | { readonly type: 'unreachable'; readonly node: string; readonly fault: ToolError }

export interface ObservedNode {
  readonly type: 'observed'
  /** `host:port`, as the configuration names it. */
  readonly node: string
  /** The IP address at which it was asked: nodes with the same one share a machine. */
  readonly host: string
  readonly version: string
  readonly role: 'primary' | 'replica'
  /** Whether a replica has its primary's data and receives each change; null for a primary. */
  readonly linked: boolean | null
  readonly keys: number
  /** Bytes. */
  readonly usedMemory: number
  /** False for a server without a configuration file: changed settings are lost when it restarts. */
  readonly hasConfigurationFile: boolean
  /** Where users are stored; false when that is the configuration file. */
  readonly hasUserFile: boolean
  /** The server's settings that are declared or otherwise needed; a setting it does not have is missing. */
  readonly settings: ReadonlyMap<string, string>
  /** All of its users, declared or not. */
  readonly users: ReadonlyMap<string, ObservedUser>
  readonly functions: ObservedFunctions
  /** The user of this run. */
  readonly self: string
  readonly persistence: ObservedPersistence
  /** Null for a node that is not in cluster mode. */
  readonly cluster: ObservedCluster | null
}

/**
 * - `none` a server before 7.0, which has no functions
 * - `hidden` the user of the run may not list them
 */
export type ObservedFunctions =
  | { readonly type: 'libraries'; readonly libraries: ReadonlyMap<string, ObservedLibrary> }
  | { readonly type: 'none' }
  | { readonly type: 'hidden'; readonly why: string }

export interface ObservedPersistence {
  /** True while it loads its data from disk. */
  readonly loading: boolean
  readonly lastSnapshotWorked: boolean
  readonly appendOnly: boolean
  readonly lastAppendWorked: boolean
  readonly lastRewriteWorked: boolean
}

export interface ObservedUser {
  readonly enabled: boolean
  /** True for a user that can log in with any password. */
  readonly withoutPassword: boolean
  readonly passwordHashes: readonly string[]
  readonly keys: readonly string[]
  readonly channels: readonly string[]
  /** Rules for commands, as the server words them. */
  readonly commands: readonly string[]
  /** Further selectors (Redis 7): rules that apply in addition to the first ones. */
  readonly selectors: number
}

/** A cluster as one of its nodes sees it. */
export interface ObservedCluster {
  readonly id: string
  readonly state: 'ok' | 'fail'
  readonly epoch: number
  /** Where it listens for clients and for other nodes, according to itself; an empty address before it knows another node. */
  readonly address: { readonly ip: string; readonly port: number; readonly busPort: number }
  /** The id of the primary it follows. */
  readonly primary: string | null
  /** Its own. */
  readonly slots: readonly SlotRange[]
  /** Slots that are being moved from or to another node. */
  readonly openSlots: readonly string[]
  /** All others that it knows, without those in a handshake. */
  readonly others: readonly KnownNode[]
  /** True during the handshake. */
  readonly greeting: boolean
}

/** A node as another one sees it. */
export interface KnownNode {
  readonly id: string
  /** `ip:port`. */
  readonly address: string
  readonly role: 'primary' | 'replica'
  readonly primary: string | null
  readonly slots: readonly SlotRange[]
  /** - `suspected` by this node alone, `failed` when most primaries say so. */
  readonly health: 'well' | 'suspected' | 'failed'
  readonly connected: boolean
}
