import type { CronFields } from '../../calendar/cron.ts'
import type { Schedule } from '../../calendar/schedule.ts'

/** What a scheduler of the system is told to start, and when. */
export interface ScheduledCommand {
  /** Names the units or the job: a DNS label. */
  readonly name: string
  readonly schedule: Schedule
  readonly fields: CronFields
  /** Absolute path of the project's folder. */
  readonly directory: string
  /** How wwdb is started, in words: the absolute paths of node and of the program, or `npx wwdb`. */
  readonly launcher: readonly string[]
  /** What follows it. */
  readonly args: readonly string[]
  readonly environment: ScheduledEnvironment
}

/** The variables that the configuration reads. A scheduler starts with hardly any: without them another server might be meant. */
export interface ScheduledEnvironment {
  /** Absolute path of a file of lines NAME=value, which holds the secrets. */
  readonly file: string
  /** Names that must have a value: those that have one here. */
  readonly required: readonly string[]
  /** Names that have none here, so that the configuration's defaults hold. */
  readonly unset: readonly string[]
}

/** What a person must do and know of the variables, as lines of a comment. */
export function describeEnvironment({ required, unset }: ScheduledEnvironment, place: string): readonly string[] {
  return [
    ...(required.length === 0 ? [] : [`# ${place}: ${required.join(', ')}. It does not start without them.`]),
    ...(unset.length === 0
      ? []
      : [`# Not set here either, so that the configuration's defaults hold: ${unset.join(', ')}.`]),
  ]
}

/** A word for a POSIX shell; left as it is where nothing in it is special. */
export function quoteForShell(word: string): string {
  return /^[\w./:@=+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
