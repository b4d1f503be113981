import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { hasNumber, isConnectionLost, isServerError, serverErrors } from '../../mysql/server-errors.ts'
import { lockLost } from '../../mysql/session-errors.ts'
import type { RunFailure } from '../ports.ts'
import { UserCodeEnded } from '../user-code.ts'

/** `... near 'x' at line 3`: where in the statement the server stopped reading. */
function faultyLine(message: string): number | null {
  const match = / at line (\d+)$/.exec(message)
  return match === null ? null : Number(match[1])
}

/** Sorts what a statement threw; null when it is not the server's doing. */
export function classifyRunError(error: unknown): RunFailure | null {
  if (error instanceof UserCodeEnded) return { type: 'cancelled', why: error.message }
  if (!isServerError(error)) return null
  if (isConnectionLost(error)) return { type: 'lost', why: error.message }
  if (hasNumber(error, serverErrors.lockWaitTimeout, serverErrors.deadlock))
    return { type: 'waited', why: error.message }
  if (hasNumber(error, serverErrors.queryInterrupted, 3024)) return { type: 'cancelled', why: error.message }
  return { type: 'refused', why: error.message, number: error.errno, line: faultyLine(error.message) }
}

/** Turns an error of one of our own questions into a sentence; passes on what already is one, and defects. */
export function translateRunError(error: unknown, target: Target): unknown {
  if (error instanceof ToolError || !isServerError(error)) return error
  const where = { database: target.database, server: target.server }
  if (isConnectionLost(error)) {
    return new ToolError(
      'CONNECTION_LOST',
      {
        what: `The connection to ${target.server} was lost`,
        where,
        why: error.message,
        next: 'Run again when the server is back: the run goes on where it stopped.',
      },
      { cause: error },
    )
  }
  if (hasNumber(error, serverErrors.readOnly, serverErrors.readOnlyTransaction)) {
    return new ToolError(
      'READ_ONLY',
      {
        what: `The server at ${target.server} became read-only`,
        where,
        why: error.message,
        next: 'Run again against the present primary.',
      },
      { cause: error },
    )
  }
  return new ToolError(
    'SERVER_REFUSED',
    {
      what: `MySQL refused a step of wwdb itself (error ${error.errno})`,
      where,
      why: error.message,
      next: 'Check the privileges of the user: docs/reference/configuration.md lists what is needed.',
    },
    { cause: error },
  )
}

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
