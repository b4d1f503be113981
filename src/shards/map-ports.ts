import { port } from '../core/port.ts'

/** Where a shard map is stored, and the number that counts its changes. */
export interface ShardMapKeys {
  readonly map: string
  readonly generation: string
}

/** Publishes the shard map for applications. Implemented by drivers/redis. */
export interface ShardMapStore {
  /** `host:port`. */
  readonly server: string
  /** Replaces the stored map where it differs. Throws ToolError `STORE_UNREACHABLE` (69), `STORE_REFUSED`. */
  readonly publish: (keys: ShardMapKeys, content: string) => Promise<Publication>
  readonly close: () => void
}

/** Null means WWDB_REDIS. Throws ToolError `REDIS_URL` (64), which does not contain the URL, because it may contain a password. */
export type OpenShardMap = (url: string | null) => Promise<ShardMapStore>

/** The Redis in which shards are published. */
export const shardMaps = port<OpenShardMap>('shards/map')

export interface Publication {
  /** Counts the changes of what is published under these keys. */
  readonly generation: number
  /** False where the same map was stored already. */
  readonly changed: boolean
}
