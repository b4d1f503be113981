import { type CronFields, readCron } from '../../calendar/cron.ts'
import type { Schedule } from '../../calendar/schedule.ts'
import type { Config } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'

/** The configuration's schedule. Throws ToolError `NO_SCHEDULE` (78) where it has none. */
export function requireSchedule({ rotation, file }: Config): {
  readonly schedule: Schedule
  readonly fields: CronFields
} {
  const { schedule: expression, zone } = rotation
  const outcome = readCron(expression ?? '')
  if (expression !== null && outcome.type === 'cron') return { schedule: { expression, zone }, fields: outcome.fields }
  throw new ToolError('NO_SCHEDULE', {
    what: 'The configuration has no schedule.',
    ...(file === null ? {} : { where: { file } }),
    why: 'Rotation runs when rotation.schedule says, a cron expression of five fields.',
    next: 'Write it into the configuration: "rotation": { "schedule": "17 * * * *", "zone": "UTC" }.',
  })
}
