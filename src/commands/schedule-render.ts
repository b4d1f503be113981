import { basename } from 'node:path'
import * as z from 'zod/mini'
import type { ScheduledCommand } from '../calendar/scheduled/command.ts'
import { renderCrontab } from '../calendar/scheduled/crontab.ts'
import { renderKubernetes } from '../calendar/scheduled/kubernetes.ts'
import { renderSystemd } from '../calendar/scheduled/systemd.ts'
import type { Config } from '../config/config.ts'
import { exitCodes } from '../domain/exit-code.ts'
import { assertNever, ToolError } from '../domain/tool-error.ts'
import type { CommandResult, Context } from './context.ts'
import { requireSchedule } from './required-schedule.ts'

export const input = z.strictObject({
  as: z.optional(z.enum(['crontab', 'systemd', 'kubernetes'])),
  command: z.optional(z.string()),
  image: z.optional(z.string().check(z.minLength(1))),
  name: z.optional(z.string()),
})

type Input = z.infer<typeof input>

/** Found without being named: see config/files.ts. */
const usualFiles = ['wwdb.config.json', 'wwdb.config.mjs']

/** `wwdb schedule render`: the schedule as the system's own scheduler reads it. Only prints. */
export async function run(options: Input, context: Context): Promise<CommandResult> {
  const config = await context.config()
  const content = render(options, {
    ...requireSchedule(config),
    name: readName(options.name ?? 'wwdb-rotate'),
    directory: readDirectory(config.root),
    launcher: readLauncher(options.command ?? 'wwdb'),
    args: ['rotate', 'run', '--no-input', ...placeFlags(config)],
  })
  return { result: { kind: 'document', format: 'text', content }, exitCode: exitCodes.done }
}

function render({ as, image }: Input, command: ScheduledCommand): string {
  switch (as) {
    case 'crontab':
      return renderCrontab(command)
    case 'systemd':
      return renderSystemd(command)
    case 'kubernetes':
      if (image === undefined) throw refuse('--image is missing.', 'Name the image with wwdb and the project in it.')
      return renderKubernetes(command, image)
    case undefined:
      throw refuse('--as is missing.', 'Name the scheduler: --as crontab, --as systemd or --as kubernetes.')
    default:
      return assertNever(as)
  }
}

/** What finds the same configuration again from the project's folder. */
function placeFlags({ file, environment }: Config): readonly string[] {
  const name = file === null ? null : basename(file)
  return [
    ...(name === null || usualFiles.includes(name) ? [] : ['--config', name]),
    ...(environment === null ? [] : ['--env', environment]),
  ]
}

/** CronJobs make pods of their name, so they take 52 characters of a DNS label. */
function readName(name: string): string {
  if (/^[a-z](?:[a-z0-9-]{0,50}[a-z0-9])?$/.test(name)) return name
  throw refuse(
    `--name ${JSON.stringify(name)} is no name of a unit or a job.`,
    'Use up to 52 letters a to z, digits and "-".',
  )
}

function readLauncher(command: string): readonly string[] {
  const words = command.split(/\s+/).filter((word) => word !== '')
  if (words.length > 0 && /^[ -~]*$/.test(command)) return words
  throw refuse('--command starts nothing.', 'Write how wwdb is started, as in "npx wwdb".')
}

/** Each of the three formats is made of lines. */
function readDirectory(root: string): string {
  if (!/[\p{Cc}]/u.test(root)) return root
  throw refuse(
    'The path of the project holds a control character.',
    'Move it to a path without line ends and the like.',
  )
}

function refuse(what: string, next: string): ToolError {
  return new ToolError('USAGE', { what, next }, { exitCode: exitCodes.usage })
}
