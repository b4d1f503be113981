import type { RunEvent } from '../../command/event.ts'
import type { Result } from '../../command/result.ts'
import type { ExitCode } from '../../core/exit-code.ts'
import { reportError } from '../error-report.ts'

/** A line of a log file, without what every line has: the time and the run. */
export type LogLine = { readonly type: string } & Readonly<Record<string, unknown>>

/** An event as `--json` prints it; a plan is named by its digest, because plans are long and can be computed again. */
export function logEvent(event: RunEvent): LogLine {
  if (event.type !== 'plan-ready') return { ...event }
  const targets = event.plan.targets.map(({ target, inputsDigest, steps }) => ({
    target,
    inputsDigest,
    steps: steps.length,
  }))
  return { type: 'plan-ready', targets }
}

/** The end of a command that answered: outcomes of the databases it wrote to, with the error numbers; of any other answer only the kind. */
export function logResult(result: Result, exitCode: ExitCode): LogLine {
  const outcomes =
    result.kind === 'run' || result.kind === 'seed' || result.kind === 'targets-run'
      ? { outcomes: result.outcomes.map(({ target, state, code, fault }) => ({ target, state, code, fault })) }
      : result.kind === 'rotation'
        ? {
            outcomes: result.families.map(({ family, target, state, code, fault }) => ({
              family,
              target,
              state,
              code,
              fault,
            })),
          }
        : {}
  return { type: 'result', kind: result.kind, exitCode, ...outcomes }
}

/** The end of a command that failed. */
export function logError(error: unknown, debug: boolean): LogLine {
  return { type: 'error', ...reportError(error, debug) }
}
