import type { Target } from '../../core/target.ts'
import { hasNumber, isConnectionLost, isServerError, lockLost, serverErrors } from '../../mysql/errors.ts'
import { isReadOnly, translateRunError } from '../../mysql/refusals.ts'
import type { RunFailure } from '../ports.ts'
import { UserCodeEnded } from '../user-code.ts'

/** `... near 'x' at line 3`: where in the statement the server stopped reading. */
function faultyLine(message: string): number | null {
  const match = / at line (\d+)$/.exec(message)
  return match === null ? null : Number(match[1])
}

/** Sorts what a statement threw; null when it is not the server's doing. */
export function classifyRunError(error: unknown): RunFailure | null {
  if (error instanceof UserCodeEnded) return { type: 'canceled', why: error.message }
  if (!isServerError(error)) return null
  if (isConnectionLost(error)) return { type: 'lost', why: error.message }
  if (hasNumber(error, serverErrors.lockWaitTimeout, serverErrors.deadlock))
    return { type: 'waited', why: error.message }
  if (hasNumber(error, serverErrors.queryInterrupted, 3024)) return { type: 'canceled', why: error.message }
  const { message: why, errno: number } = error
  return { type: 'refused', why, number, line: faultyLine(why), becameReadOnly: isReadOnly(error) }
}

/** Our own questions to a server: what goes wrong with them becomes a sentence. */
export async function translatingErrors<T>(target: Target, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw translateRunError(error, target)
  }
}

/** The same for writes with the fence in their packet: what it stops comes back as `LOCK_LOST`. */
export function translatingFenceErrors<T>(target: Target, work: () => Promise<T>): Promise<T> {
  return translatingErrors(target, async () => {
    try {
      return await work()
    } catch (error) {
      throw hasNumber(error, serverErrors.invalidJson) ? lockLost(target, error) : error
    }
  })
}
