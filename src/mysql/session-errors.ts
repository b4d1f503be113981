import type { Target } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'

/** A CALL whose mark is committed is not tried again. */
export function callEntered({ database, server }: Target): ToolError {
  return new ToolError('CALL_ENTERED', {
    what: 'A procedure may have committed on its own before it had to give up, so it is not called again',
    where: { database, server },
    why: 'what it had committed by then would be done twice',
    next: 'Look at what it did; the next run says how to go on.',
  })
}

/** The fence of a journal write found the lock gone. */
export function lockLost({ database, server, schema }: Target, cause: unknown): ToolError {
  const fault = {
    what: `The lock of '${schema}' was lost while the run was under way`,
    where: { database, server },
    why: 'somebody released it (RELEASE_ALL_LOCKS, a proxy that changed the connection); nothing was written after that',
    next: 'Look for what released it, then run again: the run goes on where it stopped.',
  }
  return new ToolError('LOCK_LOST', fault, { cause })
}
