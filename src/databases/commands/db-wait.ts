import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { readDurationFlag } from '../../core/duration.ts'
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

/** `wwdb db wait`: tries until every server answers. Throws the last refusal when the time is up. */
export async function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const deadline =
    performance.now() + (readDurationFlag('--timeout', options.timeout ?? '60s') ?? Number.POSITIVE_INFINITY)
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
