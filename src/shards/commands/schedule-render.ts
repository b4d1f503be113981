import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Config } from '../../config/config.ts'
import { defineCommand, defineFlags, type Options } from '../../core/command.ts'
import type { Context } from '../../core/context.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { assertNever, ToolError } from '../../core/tool-error.ts'
import type { ScheduledCommand, ScheduledEnvironment } from '../schedule/render.ts'
import { renderCrontab, renderKubernetes, renderSystemd } from '../schedule/render.ts'
import { requireSchedule } from '../schedule/run-schedule.ts'

const flags = defineFlags({
  'What to print': {
    as: {
      value: 'FORMAT',
      description: 'for which scheduler; it must be given',
      choices: ['crontab', 'systemd', 'kubernetes'],
    },
    command: {
      value: 'TEXT',
      description: 'how wwdb is started there, for example "npx wwdb"',
      otherwise: 'this program by its absolute path; wwdb in an image',
    },
    image: {
      value: 'IMAGE',
      description: 'the image with wwdb and the project in it; Kubernetes needs one',
      minLength: 1,
    },
    variables: {
      value: 'FILE',
      type: 'file',
      description: 'absolute path of the file with the variables that the configuration reads, and its secrets',
      minLength: 1,
      otherwise: '/etc/wwdb/NAME.env',
    },
    name: { value: 'NAME', description: 'what the units or the job are called', default: 'wwdb-rotate' },
  },
})

type Input = Options<typeof flags>

/** `wwdb schedule render`: the schedule as the system's own scheduler reads it. Only prints. */
export const command = defineCommand({
  name: 'schedule render',
  group: 'Sharded tables',
  summary: 'the schedule for cron, systemd or Kubernetes',
  purpose:
    "Prints the configuration's schedule as lines of a crontab, as a service with its timer, or as a CronJob that " +
    'start `wwdb rotate run`, with absolute paths. The variables that the configuration reads are named, and where ' +
    'one is missing there, nothing is started: a default might mean another server. It installs nothing.',
  examples: [
    { command: 'wwdb schedule render --as crontab | crontab -', purpose: 'the only lines of a crontab' },
    { command: 'wwdb schedule render --as kubernetes --image registry.example/app:1', purpose: 'a CronJob' },
  ],
  flags,
  exitCodes: exitCodesOf.project,
  interruption: 'at-once',
  writes: false,
  connects: false,
  async run(options, context) {
    const config = await context.config()
    const name = readName(options.name ?? 'wwdb-rotate')
    const inImage = options.as === 'kubernetes'
    const content = render(options, {
      ...requireSchedule(config),
      name,
      directory: readDirectory(config.root),
      launcher:
        options.command === undefined && !inImage ? findProgram(context) : readLauncher(options.command ?? 'wwdb'),
      args: ['rotate', 'run', '--no-input', ...placeFlags(config, inImage)],
      environment: readEnvironment(config, context, options.variables ?? `/etc/wwdb/${name}.env`),
    })
    return { result: { kind: 'document', format: 'text', content }, exitCode: exitCodes.done }
  },
})

/** Found without being named: see config/files.ts. */
const usualFiles = ['wwdb.config.json', 'wwdb.config.mjs']

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

/** What finds the same configuration again: by its absolute path, or in an image from the project's folder. */
function placeFlags({ file, environment }: Config, inImage: boolean): readonly string[] {
  const name = file === null || !inImage ? file : basename(file)
  return [
    ...(name === null || usualFiles.includes(name) ? [] : ['--config', name]),
    ...(environment === null ? [] : ['--env', environment]),
  ]
}

/** This very program, by node's and its own absolute path: a scheduler has another PATH. */
function findProgram({ process: { program } }: Context): readonly string[] {
  return program.length === 0 ? ['wwdb'] : program
}

/** Names in a configuration file: `${NAME}` and `${NAME:-default}` in JSON, `process.env.NAME` in a module. */
const mentioned = /(?<!\$)\$\{([A-Za-z_]\w*)|process\.env(?:\.|\[['"])([A-Za-z_]\w*)/g
/** Flags say these, or they change nothing that a rotation does. */
const said = new Set(['WWDB_CONFIG', 'WWDB_ENV'])

/** The variables that this configuration is made of: those that its file mentions, and those of wwdb that are set. */
function readEnvironment({ file }: Config, { process: { variables } }: Context, envFile: string): ScheduledEnvironment {
  const text = file === null ? '' : readFileSync(file, 'utf8')
  const inFile = [...text.matchAll(mentioned)].map(([, ours, theirs]) => ours ?? theirs ?? '')
  const own = Object.keys(variables).filter((name) => /^WWDB_\w+$/.test(name) || name === 'MYSQL_PWD')
  const isSet = (name: string): boolean => (variables[name] ?? '') !== ''
  const names = [...new Set([...inFile, ...own])].filter((name) => !said.has(name)).toSorted()
  if (!envFile.startsWith('/') || /\p{Cc}/u.test(envFile))
    throw refuse('--variables must be an absolute path.', 'A scheduler starts programs in another folder.')
  return {
    file: envFile,
    required: names.filter(isSet),
    unset: names.filter((name) => inFile.includes(name) && !isSet(name)),
  }
}

/** CronJobs make pods of their name, so they take 52 characters of a DNS label. */
function readName(name: string): string {
  if (/^[a-z](?:[a-z0-9-]{0,50}[a-z0-9])?$/.test(name)) return name
  throw refuse(
    `--name ${JSON.stringify(name)} is not a valid name of a unit or a job.`,
    'Use up to 52 letters a to z, digits and "-".',
  )
}

function readLauncher(command: string): readonly string[] {
  const words = command.split(/\s+/).filter((word) => word !== '')
  if (words.length > 0 && /^[ -~]*$/.test(command)) return words
  throw refuse(
    '--command is empty or has characters that cannot be used.',
    'Write the command that starts wwdb, for example "npx wwdb".',
  )
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
  return new ToolError('USAGE', { what, next })
}
