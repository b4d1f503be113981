import type { CronFields, Schedule } from '../../calendar/cron.ts'

/** What a system scheduler starts, when, and as whom. */
export interface ScheduledCommand {
  /** The name of the units or the job: a DNS label. */
  readonly name: string
  readonly schedule: Schedule
  readonly fields: CronFields
  /** Absolute path of the project's folder. */
  readonly directory: string
  /** The command that starts wwdb: the absolute paths of node and of the program, or `npx wwdb`. */
  readonly launcher: readonly string[]
  /** Its arguments. */
  readonly args: readonly string[]
  /** The account that it runs as; null for the owner of a crontab, or for the user of an image. */
  readonly user: string | null
  readonly environment: ScheduledEnvironment
}

/** The variables that the configuration reads. A scheduler starts with hardly any: without them another server might be meant. */
export interface ScheduledEnvironment {
  /** Absolute path of a file of lines NAME="value", which holds the secrets. */
  readonly file: string
  /** Names that must have a value. */
  readonly required: readonly string[]
  /** Names without a value here, so that the configuration's defaults apply. */
  readonly unset: readonly string[]
}

/** A file that `--out` writes. */
export interface RenderedFile {
  readonly name: string
  readonly content: string
  /** Secrets are for their owner alone. */
  readonly mode: 0o600 | 0o644
}

/** The first line of every rendered text: it marks files that may be replaced. */
export const renderedMark = '# Made by "wwdb schedule render'

/** What a person must do and know about the variables, as lines of a comment. */
export function describeEnvironment({ required, unset }: ScheduledEnvironment, place: string): readonly string[] {
  return [
    ...(required.length === 0 ? [] : [`# ${place}: ${required.join(', ')}. It does not start without them.`]),
    ...(unset.length === 0
      ? []
      : [`# Not set here either, so that the configuration's defaults hold: ${unset.join(', ')}.`]),
  ]
}

/**
 * The file of variables. A shell and systemd's EnvironmentFile parse double quotes the same way: only `"`, `\`, `$` and
 * the backtick are escaped.
 */
export function renderVariables(name: string, values: ReadonlyMap<string, string>): RenderedFile {
  const lines = [...values].map(([variable, value]) => `${variable}="${value.replaceAll(/["\\$`]/g, '\\$&')}"`)
  const content = [`${renderedMark}": the variables of ${name}, including secrets.`, ...lines, ''].join('\n')
  return { name: `${name}.env`, content, mode: 0o600 }
}
