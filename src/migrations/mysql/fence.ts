import { type HeldLock, holdsLeader } from './journal-place.ts'

/**
 * 1 while the lock is held by the connection that should hold it, and error 3141 (invalid JSON) once it is not: whatever is
 * to be written together with it, or comes after it in the packet, fails. It costs no round trip of its own.
 */
export function fence(lock: HeldLock): string {
  return `CAST(CAST(IF(${holdsLeader(lock)},'1','lock lost') AS JSON) AS UNSIGNED)`
}
