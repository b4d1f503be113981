import type { CommandResult, Context } from '../../command/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { openGovernors } from '../../operate/governors.ts'
import { makeRotationRequest, makeRotationWork, toRotationResult } from './make-request.ts'
import { planRotation } from './read-targets.ts'
import type { RotationOptions } from './request.ts'
import { runRotation } from './run-rotation.ts'

/** All families, as their policies say. */
const everything = { families: [], ahead: 0, at: null, trustClock: false } as const

/** Creates what is needed ahead and what is missing, then retires what the policies say. */
export async function rotate(context: Context, options: RotationOptions = everything): Promise<CommandResult> {
  const started = performance.now()
  const work = await makeRotationWork(context, options)
  context.emit({ type: 'run-started', command: 'rotate run', targets: [] })
  const governors = await openGovernors(context, work.config)
  const report = await runRotation({ ...work, governors }).finally(() => governors?.close())
  return toRotationResult('rotate run', report, started)
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
