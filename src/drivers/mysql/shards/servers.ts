import type { ShardServers } from '../../../engine/shards/ports.ts'
import type { IsAlive } from '../holders.ts'
import { readKeys } from './read-keys.ts'
import { openMysqlShardStore } from './store.ts'

/** The MySQL servers that hold shards. */
export function createShardServers(isAlive: IsAlive): ShardServers {
  return {
    open: (database, timeouts, writable, leader) =>
      openMysqlShardStore(database, timeouts, isAlive, writable, leader ?? null),
    readKeys,
  }
}
