import type { ToolError } from '../../core/tool-error.ts'

/** From the first slot to the last, both included. */
export interface SlotRange {
  readonly first: number
  readonly last: number
}

/** How many slots a cluster has. */
export const slotCount = 16_384

/** A node as it was seen when it was asked directly, or why it could not be. */
export type NodeSight = SeenNode | { readonly type: 'unseen'; readonly node: string; readonly fault: ToolError }

export interface SeenNode {
  readonly type: 'seen'
  /** `host:port`, as the configuration names it. */
  readonly node: string
  /** The IP address it was asked at: nodes with the same one share a machine. */
  readonly host: string
  readonly version: string
  readonly role: 'primary' | 'replica'
  /** Whether a replica has its primary's data and hears of each change; null for a primary. */
  readonly linked: boolean | null
  readonly keys: number
  /** Bytes. */
  readonly usedMemory: number
  /** False for a server without a configuration file: what is set is lost when it starts again. */
  readonly hasConfigurationFile: boolean
  /** Where users are kept; false when that is the configuration file. */
  readonly hasUserFile: boolean
  /** The server's settings that are declared, and those that must be known anyway; a setting it does not have is missing. */
  readonly settings: ReadonlyMap<string, string>
  /** All that it has, declared or not. */
  readonly users: ReadonlyMap<string, UserSight>
  /** The user that this run is. */
  readonly self: string
  readonly persistence: PersistenceSight
  /** Null for a node that is not in cluster mode. */
  readonly cluster: ClusterSight | null
}

export interface PersistenceSight {
  /** True while it reads its data from disk. */
  readonly loading: boolean
  readonly lastSnapshotWorked: boolean
  readonly appendOnly: boolean
  readonly lastAppendWorked: boolean
  readonly lastRewriteWorked: boolean
}

export interface UserSight {
  readonly enabled: boolean
  /** True for a user that gets in with any password. */
  readonly withoutPassword: boolean
  readonly passwordHashes: readonly string[]
  readonly keys: readonly string[]
  readonly channels: readonly string[]
  /** Rules of commands, as the server words them. */
  readonly commands: readonly string[]
  /** Further selectors (Redis 7): rules that apply beside the first ones. */
  readonly selectors: number
}

/** A cluster as one of its nodes sees it. */
export interface ClusterSight {
  readonly id: string
  readonly state: 'ok' | 'fail'
  readonly epoch: number
  /** Where it listens for clients and for its neighbours, by its own account; an empty address before it has met anyone. */
  readonly address: { readonly ip: string; readonly port: number; readonly busPort: number }
  /** The id of the primary it follows. */
  readonly primary: string | null
  /** Its own. */
  readonly slots: readonly SlotRange[]
  /** On their way from or to another node. */
  readonly openSlots: readonly string[]
  /** All others that it knows, those it only shakes hands with left out. */
  readonly others: readonly KnownNode[]
  /** True while it shakes hands. */
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
