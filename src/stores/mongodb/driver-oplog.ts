import { Double } from 'mongodb'
import type { Clients } from './driver-clients.ts'
import type { OplogOperation } from './operations.ts'
import type { ObservedOplog } from './ports.ts'

/** A server that is in no set has no oplog: its size is 0. */
export async function readOplog(clients: Clients, address: string): Promise<ObservedOplog> {
  const stats = await clients.database(address, 'local').command({ collStats: 'oplog.rs' })
  const { oplogTruncation } = await clients.database(address, 'admin').command({ serverStatus: 1 })
  return {
    bytes: Number(stats['maxSize'] ?? 0),
    minRetentionHours: Number(oplogTruncation?.oplogMinRetentionHours ?? 0),
  }
}

/** The oplog is of one member alone, so there is no write concern. */
export async function resizeOplog(clients: Clients, address: string, operation: OplogOperation): Promise<void> {
  const { megabytes, minRetentionHours } = operation
  await clients.database(address, 'admin').command({
    replSetResizeOplog: 1,
    ...(megabytes === null ? {} : { size: new Double(megabytes) }),
    ...(minRetentionHours === null ? {} : { minRetentionHours: new Double(minRetentionHours) }),
  })
}
