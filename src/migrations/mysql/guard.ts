import type { Target } from '../../core/target.ts'
import { hasNumber, serverErrors } from '../../mysql/server-errors.ts'
import { lockLost } from '../../mysql/session-errors.ts'
import { translateRunError } from './run-errors.ts'

/** Our own questions to a server: what goes wrong with them is told as a sentence. */
export async function guard<T>(target: Target, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw translateRunError(error, target)
  }
}

/** The same for writes with the fence in their packet: what it stops comes back as `LOCK_LOST`. */
export function guardFenced<T>(target: Target, work: () => Promise<T>): Promise<T> {
  return guard(target, async () => {
    try {
      return await work()
    } catch (error) {
      throw hasNumber(error, serverErrors.invalidJson) ? lockLost(target, error) : error
    }
  })
}
