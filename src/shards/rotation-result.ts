import type { CommandResult } from '../core/context.ts'
import { exitCodes } from '../core/exit-code.ts'
import { ToolError } from '../core/tool-error.ts'
import type { RotationReport } from './rotation/run-rotation.ts'

/** The answer of a command that worked on shards. What went wrong decides the exit code; a defect is thrown as it is. */
export function toRotationResult(command: string, report: RotationReport, started: number): CommandResult {
  const { error, outcomes, now } = report
  if (error !== null && !(error instanceof ToolError)) throw error
  // Lost rows end every rotation with findings until a person has acknowledged them; what was asked for single shards is done.
  const lost = command === 'rotate run' && outcomes.some((outcome) => outcome.lost.length > 0)
  const milliseconds = performance.now() - started
  return {
    result: { kind: 'rotation', command, now: new Date(now).toISOString(), families: outcomes, milliseconds },
    exitCode: error === null ? (lost ? exitCodes.findings : exitCodes.done) : error.exitCode,
  }
}
