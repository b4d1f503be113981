import type { Holder } from '../../core/event.ts'
import type { Target } from '../../core/target.ts'
import type { Companion } from '../../mysql/companion.ts'
import type { Connection } from '../../mysql/connection.ts'
import { acquireLock } from '../../mysql/lock.ts'
import { proveLock, releaseAnywhere } from '../../mysql/lock-proof.ts'
import { type IsAlive, readHolder } from './holders.ts'
import type { JournalPlace } from './journal-place.ts'

export interface ProvenLockRequest {
  /** The lock's name. */
  readonly name: string
  readonly target: Target
  /** The server's number of the connection that takes it. */
  readonly connectionId: number
  readonly milliseconds: number
  readonly waiting: (holder: Holder | null, waited: number) => void
  readonly isAlive: IsAlive
  /** Whose rows tell whether the run behind a holder is dead. */
  readonly journal: JournalPlace['table']
}

/** Takes a lock and proves that it is real. Throws ToolError `LOCK_HELD` (75) or `LOCK_UNRELIABLE`, with the lock given back. */
export async function acquireProvenLock(
  connection: Connection,
  companion: Companion,
  request: ProvenLockRequest,
): Promise<void> {
  const { name, target, connectionId, isAlive } = request
  const describeHolder = () => readHolder(connection, name, null, isAlive, request.journal)
  await acquireLock(connection, { ...request, describeHolder })
  const other = await companion.open().catch(async (error: unknown) => {
    await releaseAnywhere(connection, connection, name)
    throw error
  })
  await proveLock(connection, other, name, target, connectionId).catch(async (error: unknown) => {
    await releaseAnywhere(connection, other, name)
    throw error
  })
}
