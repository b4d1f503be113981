import type { CronFields } from '../cron.ts'
import type { Schedule } from '../schedule.ts'

/** What a scheduler of the system is told to start, and when. */
export interface ScheduledCommand {
  /** Names the units or the job: a DNS label. */
  readonly name: string
  readonly schedule: Schedule
  readonly fields: CronFields
  /** Absolute path of the project's folder. */
  readonly directory: string
  /** How wwdb is started, in words: `wwdb`, or `npx wwdb`. */
  readonly launcher: readonly string[]
  /** What follows it. */
  readonly args: readonly string[]
}

/** A word for a POSIX shell; left as it is where nothing in it is special. */
export function quoteForShell(word: string): string {
  return /^[\w./:@=+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
