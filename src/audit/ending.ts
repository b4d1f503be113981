import type { Result, TargetOutcome } from '../command/result.ts'
import type { ErrorCode } from '../core/error-codes.ts'
import { type ExitCode, exitCodes } from '../core/exit-code.ts'
import { type Fault, inOneSentence, ToolError } from '../core/tool-error.ts'
import type { SeedOutcome } from '../seeds/seed.ts'
import type { RunEnd } from './ports.ts'

/** The values that close a run's row. */
type Ending = Pick<RunEnd, 'outcome' | 'exitCode' | 'error'>

/** How the command ended, for the database of that name. */
export type EndOf = (database: string) => Ending

/** The ending of a command that threw. */
export function endOfError(error: unknown, exitCode: ExitCode): EndOf {
  const ending: Ending = {
    outcome: error instanceof ToolError && error.code === 'STOPPED' ? 'stopped' : 'failed',
    exitCode,
    error: error instanceof ToolError ? nameFault(error.code, error.faults[0]) : String(error),
  }
  return () => ending
}

/** The ending of a command that answered: an answer with outcomes of targets gives one for each target. */
export function endOfResult(result: Result, exitCode: ExitCode): EndOf {
  const outcomes = result.kind === 'run' || result.kind === 'seed' ? result.outcomes : []
  const families = result.kind === 'rotation' ? result.families : []
  return (database) => {
    const own = outcomes.find(({ target }) => target.database === database)
    if (own !== undefined) return endOfTarget(own, exitCode)
    const ofDatabase = families.filter(({ target }) => target.database === database)
    for (const outcome of ['failed', 'stopped'] as const) {
      const family = ofDatabase.find(({ state }) => state === outcome)
      if (family !== undefined) return { outcome, exitCode, error: nameFault(family.code, family.fault) }
    }
    return endOfExit(exitCode)
  }
}

type OneOutcome = Pick<TargetOutcome | SeedOutcome, 'state' | 'code' | 'fault'>

function endOfTarget({ state, code, fault }: OneOutcome, exitCode: ExitCode): Ending {
  switch (state) {
    case 'done':
    case 'nothing-to-do':
    case 'planned':
      // Its own ending is good even where another target set the exit code.
      return { outcome: 'done', exitCode: exitCodes.done, error: null }
    case 'stopped':
      return { outcome: 'stopped', exitCode, error: nameFault(code, fault) }
    default:
      return { outcome: 'failed', exitCode, error: nameFault(code, fault) }
  }
}

function nameFault(code: ErrorCode | null, fault: Fault | null | undefined): string | null {
  if (fault === null || fault === undefined) return code
  return code === null ? inOneSentence(fault) : `${code}: ${inOneSentence(fault)}`
}

/** Findings (1) also count as an answer. */
function endOfExit(exitCode: ExitCode): Ending {
  if (exitCode >= exitCodes.hangup) return { outcome: 'stopped', exitCode, error: null }
  return { outcome: exitCode > exitCodes.findings ? 'failed' : 'done', exitCode, error: null }
}
