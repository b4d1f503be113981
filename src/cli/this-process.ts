import { userInfo } from 'node:os'

/** A container may run under a user ID that has no name. */
export function readUser(): string {
  try {
    return userInfo().username
  } catch {
    return `user ${process.getuid?.() ?? ''}`.trim()
  }
}

/** Signal 0 only checks. For a process of another user the check is refused, which proves that the process exists. */
export function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
