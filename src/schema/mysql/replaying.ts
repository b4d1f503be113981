import { replaying } from '../../migrations/behind-record.ts'
import { driverOf } from '../../mysql/door.ts'
import { driver as servers } from './servers.ts'

/** What a killed run left is replayed in scratch schemas. */
export const driver = driverOf(replaying, (door) => ({
  replayBehind: async (...request) =>
    (await import('../replay-behind.ts')).replayBehind(servers.build(door), ...request),
}))
