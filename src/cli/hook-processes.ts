import { readdirSync, readFileSync } from 'node:fs'

/** A variable that every process of a hook inherits, in any session and under any parent. */
export const hookMarker = 'WWDB_HOOK_RUN'

/**
 * The processes that a hook started, itself among them, by the variable in their environment: `setsid` and a second fork take a process out of the group
 * and the process tree, but not out of this list. Linux shows environments in /proc; elsewhere, and for processes of other users, nothing is known.
 */
export function findHookProcesses(marker: string): readonly number[] {
  const wanted = `${hookMarker}=${marker}`
  return listProcesses().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(wanted)
    } catch {
      // It ended meanwhile, or belongs to another user.
      return false
    }
  })
}

function listProcesses(): readonly number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []))
  } catch {
    return []
  }
}
