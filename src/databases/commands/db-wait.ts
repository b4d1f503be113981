import * as z from 'zod/mini'
import { parseDuration } from '../../config/duration.ts'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { administerEach } from '../administer.ts'
import { pingServer } from './db-ping.ts'

export const input = z.strictObject({ timeout: z.optional(z.string()) })

const interval = 500

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** A server that starts refuses connections; a wrong password stays wrong however long one waits. */
function mayStillCome(error: unknown): boolean {
  return error instanceof ToolError && error.code === 'UNREACHABLE'
}

function readLimit(text: string): number {
  const outcome = parseDuration(text)
  if (outcome.type === 'none') return Number.POSITIVE_INFINITY
  if (outcome.type === 'limit') return outcome.milliseconds
  const fault = { what: `--timeout ${text} is no duration`, why: outcome.why, next: outcome.next }
  throw new ToolError('USAGE', fault)
}

/** `wwdb db wait`: tries until every server answers. Throws the last refusal when the time is up. */
export async function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const deadline = performance.now() + readLimit(options.timeout ?? '60s')
  for (;;) {
    try {
      const databases = await administerEach(context, pingServer)
      return { result: { kind: 'databases', command: 'db wait', databases }, exitCode: exitCodes.done }
    } catch (error) {
      if (!mayStillCome(error) || performance.now() + interval > deadline) throw error
      await pause(interval)
    }
  }
}
