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

/** Classifies what a statement threw; null when it does not come from the server. */
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

/** wwdb's own queries to a server: their errors become sentences. */
export async function translatingErrors<T>(target: Target, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw translateRunError(error, target)
  }
}

/** The same for writes with the fence in their packet: an error of the fence becomes `LOCK_LOST`. */
export function translatingFenceErrors<T>(target: Target, work: () => Promise<T>): Promise<T> {
  return translatingErrors(target, async () => {
    try {
      return await work()
    } catch (error) {
      throw hasNumber(error, serverErrors.invalidJson) ? lockLost(target, error) : error
    }
  })
}
