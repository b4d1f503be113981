import type { IsAlive } from '../../migrations/mysql/holders.ts'
import type { ShardServers } from '../ports.ts'
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
