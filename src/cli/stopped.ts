import type { ErrorCode } from '../core/error-codes.ts'
import { type ExitCode, exitCodes } from '../core/exit-code.ts'
import type { Result } from '../core/result.ts'
import { ToolError } from '../core/tool-error.ts'
import type { SignalWatch } from './signals.ts'

/** Said when a signal ended what was only looking or waiting. */
export function stoppedError(exitCode: ExitCode): ToolError {
  return new ToolError(
    'STOPPED',
    { what: 'Stopped.', next: 'Nothing was left half done; run it again at any time.' },
    { exitCode },
  )
}

/** Said when the third signal ends the process there and then. */
export function endedError(exitCode: ExitCode): ToolError {
  const fault = {
    what: 'Ended by the third signal, without waiting for the statement under way.',
    next: 'Run the command again: it finds out how far this run came, and goes on there.',
  }
  return new ToolError('STOPPED', fault, { exitCode })
}

/** Rejects with `STOPPED` on the first signal; never resolves. */
export function rejectOnStop(watch: SignalWatch): Promise<never> {
  return new Promise((_, reject) => {
    watch.stop.onStop(() => reject(stoppedError(watch.exitCode() ?? exitCodes.interrupted)))
  })
}

/**
 * The exit code of a command that answered. A run that a signal cut short ends with the signal's code, also where
 * the second signal killed its statement; one that was already through, or that failed of itself, keeps its own.
 */
export function exitCodeOf(result: Result, own: ExitCode, watch: SignalWatch): ExitCode {
  const signal = watch.exitCode()
  const outcomes = outcomesOf(result)
  if (signal === null || outcomes === null) return own
  const { killRequested } = watch.stop
  const failedOfItself = outcomes.some(
    ({ state, code }) => state === 'failed' && !(killRequested && code === 'CANCELLED'),
  )
  if (failedOfItself) return own
  return outcomes.some(({ state }) => ['stopped', 'not-started', 'failed'].includes(state)) ? signal : own
}

/** How far the parts of a run came; null for an answer that is no run's. */
function outcomesOf(result: Result): readonly { readonly state: string; readonly code: ErrorCode | null }[] | null {
  switch (result.kind) {
    case 'run':
    case 'seed':
      return result.outcomes
    case 'rotation':
      return result.families
    default:
      return null
  }
}

/** The engine says that it stopped, but not by which signal: only the command line knows. */
export function withSignalCode(error: unknown, watch: SignalWatch): unknown {
  const signal = watch.exitCode()
  if (signal === null || !(error instanceof ToolError) || error.code !== 'STOPPED') return error
  return new ToolError(error.code, error.faults, { exitCode: signal, cause: error })
}
