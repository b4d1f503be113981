import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { readInstant } from '../../core/instant.ts'
import { ToolError } from '../../core/tool-error.ts'
import { lookAtRotation } from '../rotation/read-targets.ts'
import { makeRotationRequest, type RotationWish } from '../rotation/request.ts'

export const input = z.strictObject({
  family: z.optional(z.array(z.string())),
  now: z.optional(z.string()),
  ahead: z.optional(z.int().check(z.minimum(0), z.maximum(1000))),
})

/** `wwdb rotate plan`: what a rotation would do now, or at another time. Writes nothing, takes no lock. */
export function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const at = options.now === undefined ? null : readInstant('--now', options.now)
  return planRotationNow(context, { families: options.family ?? [], ahead: options.ahead ?? 0, at })
}

/** The plan as an answer; a family that could not be planned decides the exit code. */
export async function planRotationNow(context: Context, wish: RotationWish): Promise<CommandResult> {
  const { now, families, error } = await lookAtRotation(await makeRotationRequest(context, wish))
  if (error !== null && !(error instanceof ToolError)) throw error
  return {
    result: { kind: 'rotation-plan', now: new Date(now).toISOString(), rehearsal: wish.at !== null, families },
    exitCode: error === null ? exitCodes.done : error.exitCode,
  }
}
