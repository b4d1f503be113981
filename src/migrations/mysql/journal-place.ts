import { nameLock } from '../../mysql/lock.ts'

/** A lock that another connection of the same run must hold. */
export interface HeldLock {
  readonly lockName: string
  readonly connectionId: number
}

/** Where a session journals, and which locks its writes are fenced by. */
export interface JournalPlace {
  readonly table: 'wwdb_journal' | 'wwdb_shard_journal'
  /** The session's own lock. */
  readonly lockName: string
  /** For a worker of a fan-out: the target's lock, held by the connection that leads the run. */
  readonly leader: HeldLock | null
}

/** A target's journal, under the target's lock. */
export function journalOf(schema: string): JournalPlace {
  return { table: 'wwdb_journal', lockName: nameLock(schema), leader: null }
}

/** No run has more workers than this in one schema: so many locks tell whether any of an earlier run is still at work. */
export const mostWorkers = 64

/** The lock of one worker. A schema's name holds no NUL, so no schema's lock is called the same. */
export function nameWorkerLock(schema: string, worker: number): string {
  return nameLock(`${schema}\u0000worker ${worker}`)
}

/** @param worker from 0, below `mostWorkers` */
export function ledgerOf(schema: string, worker: number, leaderId: number): JournalPlace {
  return {
    table: 'wwdb_shard_journal',
    lockName: nameWorkerLock(schema, worker),
    leader: { lockName: nameLock(schema), connectionId: leaderId },
  }
}

/** An SQL condition: every lock of the place is held by the connection that should hold it. */
export function holdsLocks({ lockName, leader }: Pick<JournalPlace, 'lockName' | 'leader'>): string {
  const own = `IS_USED_LOCK('${lockName}')<=>CONNECTION_ID()`
  return leader === null ? own : `(${own} AND ${holdsLeader(leader)})`
}

/** The same for a write that only the leader's lock guards. */
export function holdsLeader(leader: HeldLock): string {
  return `IS_USED_LOCK('${leader.lockName}')<=>${leader.connectionId}`
}
