import type { CommandResult, Context } from '../../command/context.ts'
import { type ExitCode, exitCodes } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { openGovernors } from '../../operate/governors.ts'
import { makeRotationRequest, makeRotationWork, toRotationResult } from './make-request.ts'
import { planRotation } from './read-targets.ts'
import type { RotationOptions } from './request.ts'
import { runRotation } from './run-rotation.ts'

/** All families, as their policies say. */
const everything = { families: [], ahead: 0, at: null, trustClock: false } as const

/** What drops what migrations have retired in these databases, once the locks of the rotation are free. */
export type DropRetired = (databases: readonly string[]) => Promise<CommandResult>

/**
 * Creates what is needed ahead and what is missing, then retires what the policies say. @param dropRetired called where a database that was opened has something that a migration retired; absent where that is left to `retire run`
 */
export async function rotate(
  context: Context,
  options: RotationOptions = everything,
  dropRetired?: DropRetired,
): Promise<CommandResult> {
  const started = performance.now()
  const work = await makeRotationWork(context, { ...options, mayBeEmpty: true })
  context.emit({ type: 'run-started', command: 'rotate run', targets: [] })
  const governors = await openGovernors(context, work.config)
  const report = await runRotation({ ...work, governors }).finally(() => governors?.close())
  const rotated = toRotationResult('rotate run', report, started)
  return dropRetired === undefined || report.retiredIn.length === 0
    ? rotated
    : joinRetired(context, rotated, () => dropRetired(report.retiredIn))
}

/** A failure of one says nothing of the other; that of the rotation decides the exit code. */
async function joinRetired(
  { emit }: Context,
  { result, exitCode }: CommandResult,
  dropRetired: () => Promise<CommandResult>,
): Promise<CommandResult> {
  const codeOf = (own: ExitCode): ExitCode => (exitCode === exitCodes.done ? own : exitCode)
  try {
    const ended = await dropRetired()
    const isBoth = result.kind === 'rotation' && ended.result.kind === 'retired'
    return {
      result: isBoth ? { ...result, retired: ended.result.things } : result,
      exitCode: codeOf(ended.exitCode),
    }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    for (const { what, why = '' } of error.faults)
      emit({ type: 'warning', message: `What is retired was not looked at: ${what} ${why}`.trim(), target: null })
    return { result, exitCode: codeOf(error.exitCode) }
  }
}

/** The plan as an answer; a family that could not be planned decides the exit code. */
export async function answerRotationPlan(context: Context, options: RotationOptions): Promise<CommandResult> {
  const { now, families, error } = await planRotation(await makeRotationRequest(context, options))
  if (error !== null && !(error instanceof ToolError)) throw error
  return {
    result: { kind: 'rotation-plan', now: new Date(now).toISOString(), rehearsal: options.at !== null, families },
    exitCode: error === null ? exitCodes.done : error.exitCode,
  }
}
