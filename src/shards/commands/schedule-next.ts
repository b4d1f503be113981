import * as z from 'zod/mini'
import { nextRuns } from '../../calendar/schedule.ts'
import { wallOf } from '../../calendar/zone.ts'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { requireSchedule } from '../schedule/run-schedule.ts'

export const input = z.strictObject({ count: z.optional(z.int().check(z.minimum(1), z.maximum(1000))) })

/** `wwdb schedule next`: when rotation runs next, in UTC and in the schedule's zone. */
export async function run({ count = 5 }: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const { schedule } = requireSchedule(await context.config())
  const now = context.now()
  const runs = nextRuns(schedule, now, count).map((instant) => ({
    at: new Date(instant).toISOString(),
    local: new Date(wallOf(instant, schedule.zone)).toISOString().slice(0, 'YYYY-MM-DDTHH:MM'.length).replace('T', ' '),
  }))
  const { expression, zone } = schedule
  return {
    result: { kind: 'schedule', schedule: expression, zone, now: new Date(now).toISOString(), runs },
    exitCode: exitCodes.done,
  }
}
