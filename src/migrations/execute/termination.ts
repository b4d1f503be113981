import { ToolError } from '../../core/tool-error.ts'
import type { StopRequest } from '../ports.ts'

/**
 * Runs users' code with the signal that is aborted once a program has asked the run to stop: it asks once, then it kills.
 * Code that is ended for that reason was stopped, and did not fail.
 */
export async function withTermination<Result>(
  stop: StopRequest,
  work: (soon: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const termination = new AbortController()
  const unsubscribe = stop.onTerminate?.(() => termination.abort())
  try {
    return await work(termination.signal)
  } catch (error) {
    if (!termination.signal.aborted || !(error instanceof ToolError) || error.code !== 'CANCELLED') throw error
    throw new ToolError('STOPPED', error.faults, { cause: error })
  } finally {
    unsubscribe?.()
  }
}
