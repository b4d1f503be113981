import type { Emit } from '../command/event.ts'
import type { Result } from '../command/result.ts'
import type { ErrorCode } from '../core/error-codes.ts'
import { type ExitCode, exitCodes } from '../core/exit-code.ts'
import type { StopRequest } from '../core/stop-request.ts'
import { ToolError } from '../core/tool-error.ts'

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

/** The exit code of a process after each signal: 128 plus the signal's number. */
const signalCodes: Readonly<Record<StopSignal, ExitCode>> = {
  SIGHUP: exitCodes.hangup,
  SIGINT: exitCodes.interrupted,
  SIGTERM: exitCodes.terminated,
}

/** The part of `process` that signals come from. */
export interface SignalSource {
  readonly on: (signal: StopSignal, listener: (signal: StopSignal) => void) => unknown
  readonly off: (signal: StopSignal, listener: (signal: StopSignal) => void) => unknown
}

export interface SignalWatch {
  readonly stop: StopRequest
  /** The exit code of the first signal, or null when none came. */
  readonly exitCode: () => ExitCode | null
  /** Restores the system's default handling of signals. */
  readonly close: () => void
}

export interface SignalOptions {
  readonly source: SignalSource
  readonly emit: Emit
  /** Ends the process immediately: the third signal. */
  readonly exit: (code: ExitCode) => void
}

/**
 * Turns signals into a stop request. The first asks to stop after the current statement, the second to kill that
 * statement, the third ends the process; server and journal stay consistent even then.
 */
export function watchSignals({ source, emit, exit }: SignalOptions): SignalWatch {
  const stopped = createMoment()
  const killed = createMoment()
  const terminated = createMoment()
  let code: ExitCode | null = null

  const take = (signal: StopSignal): void => {
    if (killed.happened()) {
      exit(code ?? signalCodes[signal])
      return
    }
    const first = !stopped.happened()
    if (first) code = signalCodes[signal]
    emit({ type: 'stopping', how: first ? 'after-statement' : 'kill' })
    if (first) stopped.happen()
    else killed.happen()
    if (signal !== 'SIGINT' && !terminated.happened()) terminated.happen()
  }

  const signals = Object.keys(signalCodes) as StopSignal[]
  for (const signal of signals) source.on(signal, take)
  return {
    stop: {
      get requested() {
        return stopped.happened()
      },
      get killRequested() {
        return killed.happened()
      },
      onStop: stopped.listen,
      onKill: killed.listen,
      onTerminate: terminated.listen,
    },
    exitCode: () => code,
    close: () => {
      for (const signal of signals) source.off(signal, take)
    },
  }
}

/** An event that happens once. A listener that is added later is called at once. */
interface Moment {
  readonly happened: () => boolean
  readonly happen: () => void
  readonly listen: (listener: () => void) => () => void
}

function createMoment(): Moment {
  const listeners = new Set<() => void>()
  let done = false
  return {
    happened: () => done,
    happen: () => {
      done = true
      for (const listener of [...listeners]) listener()
    },
    listen: (listener) => {
      if (done) listener()
      else listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** The message when a signal ended a command that only read or waited. */
export function stoppedError(exitCode: ExitCode): ToolError {
  return new ToolError(
    'STOPPED',
    { what: 'Stopped.', next: 'Nothing was left half done; you can run the command again at any time.' },
    { exitCode },
  )
}

/** The error of the third signal, which ends the process at once. */
export function endedError(exitCode: ExitCode): ToolError {
  const fault = {
    what: 'Ended by the third signal, without waiting for the current statement.',
    next: 'Run the command again: it finds out how far this run came, and continues there.',
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
 * The exit code of a command that answered. A run that a signal cut short ends with the signal's code, even where the
 * second signal killed its statement; a run that was already complete, or that failed by itself, keeps its own code.
 */
export function exitCodeOf(result: Result, own: ExitCode, watch: SignalWatch): ExitCode {
  const signal = watch.exitCode()
  const outcomes = outcomesOf(result)
  if (signal === null || outcomes === null) return own
  const { killRequested } = watch.stop
  const failedOfItself = outcomes.some(
    ({ state, code }) => state === 'failed' && !(killRequested && code === 'CANCELED'),
  )
  if (failedOfItself) return own
  return outcomes.some(({ state }) => ['stopped', 'not-started', 'failed'].includes(state)) ? signal : own
}

/** How far the parts of a run came; null for an answer that does not belong to a run. */
function outcomesOf(result: Result): readonly { readonly state: string; readonly code: ErrorCode | null }[] | null {
  switch (result.kind) {
    case 'run':
    case 'seed':
      return result.outcomes
    case 'targets-run':
      return result.end === 'stopped' ? [...result.outcomes, { state: 'not-started', code: null }] : result.outcomes
    case 'rotation':
      return result.families
    case 'platform':
      return result.steps.map(({ state }) => ({ state, code: null }))
    case 'store-run':
      return result.stores
    case 'store-backfill':
      return [{ state: result.outcome.state, code: null }]
    case 'code-migration-run':
      return result.databases.flatMap(({ steps, code }) => steps.map(({ state }) => ({ state, code })))
    default:
      return null
  }
}

/** The engine reports that it stopped; only the command line knows which signal caused it. */
export function withSignalCode(error: unknown, watch: SignalWatch): unknown {
  const signal = watch.exitCode()
  if (signal === null || !(error instanceof ToolError) || error.code !== 'STOPPED') return error
  return new ToolError(error.code, error.faults, { exitCode: signal, cause: error })
}
