import { readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { CommandResult, Context } from '../../command/context.ts'
import { defineCommand, defineFlags, type Options } from '../../command/define-command.ts'
import { type Config, selectDatabases } from '../../config/config.ts'
import { refuseManyTargets } from '../../config/one-target.ts'
import { noServer } from '../../config/server.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { assertNever, ToolError } from '../../core/tool-error.ts'
import { findProgram, readLauncher } from '../schedule/launcher.ts'
import { type NeededVariables, readVariables } from '../schedule/read-variables.ts'
import { renderCrontab } from '../schedule/render-crontab.ts'
import { namesFile, renderKubernetes, renderSecret } from '../schedule/render-kubernetes.ts'
import { renderSystemd } from '../schedule/render-systemd.ts'
import { requireSchedule } from '../schedule/run-schedule.ts'
import { type RenderedFile, renderVariables, type ScheduledCommand } from '../schedule/scheduled-command.ts'
import { writeRendered } from '../schedule/write-rendered.ts'

const flags = defineFlags({
  'What to print': {
    as: {
      value: 'FORMAT',
      description: 'the scheduler (required)',
      choices: ['crontab', 'systemd', 'kubernetes'],
    },
    command: {
      value: 'TEXT',
      description: 'the command that starts wwdb there, for example "npx wwdb"',
      otherwise: 'the absolute path of this program; wwdb in an image',
    },
    image: {
      value: 'IMAGE',
      description: 'the image with wwdb and the project in it; required for Kubernetes',
      minLength: 1,
    },
    user: {
      value: 'NAME',
      description: 'the account that it runs as: a crontab then has the format of /etc/cron.d; a number for Kubernetes',
      otherwise: 'owner of the crontab; your account for systemd; the account of the image',
    },
    variables: {
      value: 'FILE',
      type: 'file',
      description: 'absolute path of the file with the variables that the configuration reads, and its secrets',
      minLength: 1,
      otherwise: '/etc/wwdb/NAME.env, or NAME.env in the folder of --out',
    },
    log: {
      value: 'FILE',
      type: 'file',
      description: 'absolute path of the file that a crontab appends its output to',
      minLength: 1,
      otherwise: '/var/log/wwdb/NAME.log, or NAME.log in the folder of --out',
    },
    name: { value: 'NAME', description: 'the name of the units or the job', default: 'wwdb-rotate' },
  },
  'Where to write it': {
    out: {
      value: 'FOLDER',
      type: 'file',
      description: 'write files into this folder, including one of mode 0600 with the present values of the variables',
      minLength: 1,
    },
  },
})

type Input = Options<typeof flags>

/** `wwdb schedule render`: prints the schedule in the format of the system's own scheduler. Installs nothing. */
export const command = defineCommand({
  name: 'schedule render',
  group: 'Sharded tables',
  summary: 'the schedule for cron, systemd or Kubernetes',
  purpose:
    "Prints the configuration's schedule as lines of a crontab, as a service with its timer, or as a CronJob that " +
    'start `wwdb rotate run`, with absolute paths, account and log; `--out` writes it as files, with one more of ' +
    'mode 0600 that has the values of the variables that the configuration reads. If one of them is missing, ' +
    'nothing is started, and a URL that falls back to a default is refused: it might mean another server. It ' +
    'installs nothing.',
  examples: [
    { command: 'wwdb schedule render --as crontab --out /srv/app/schedule', purpose: 'a crontab and its variables' },
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
    await refuseFlags(context)
    for (const database of selectDatabases(config, context.targets)) refuseManyTargets(database)
    const variables = readNeeded(config, context)
    if (variables.faults.length > 0) throw new ToolError('CONFIG_INVALID', variables.faults)
    const folder = options.out === undefined ? null : resolve(context.process.cwd, options.out)
    const command = scheduledCommand(options, config, context, variables, folder)
    const files = render(options, command, folder)
    return folder === null ? print(files) : write(options, command, files, folder, context)
  },
})

function scheduledCommand(
  options: Input,
  config: Config,
  context: Context,
  { required, unset }: NeededVariables,
  folder: string | null,
): ScheduledCommand {
  const name = readName(options.name ?? 'wwdb-rotate')
  const inImage = options.as === 'kubernetes'
  const launcher =
    options.command === undefined && !inImage ? findProgram(context.process.program) : readLauncher(options.command)
  const labelOf = (name: string): string => config.databases.find((one) => one.name === name)?.label ?? name
  const targets = context.targets.flatMap((target) => ['--target', labelOf(target)])
  const file = readVariablesFile(options, join(folder ?? '/etc/wwdb', `${name}.env`))
  return {
    ...requireSchedule(config),
    name,
    directory: readPath(config.root, 'The path of the project'),
    launcher,
    args: ['rotate', 'run', '--no-input', ...placeFlags(config, inImage), ...targets],
    user: readUser(options, context),
    environment: { file, required, unset },
  }
}

function render({ as, image, log }: Input, command: ScheduledCommand, folder: string | null): readonly RenderedFile[] {
  const { name } = command
  if (log !== undefined && as !== 'crontab')
    throw refuse(
      '`--log` is for a crontab.',
      'Leave it out: systemd keeps output in its journal, Kubernetes with the pod.',
    )
  switch (as) {
    case 'crontab': {
      const path = readPath(log ?? join(folder ?? '/var/log/wwdb', `${name}.log`), '`--log`')
      return [{ name: `${name}.crontab`, content: renderCrontab(command, path), mode: 0o644 }]
    }
    case 'systemd':
      return renderSystemd(command)
    case 'kubernetes':
      if (image === undefined) throw refuse('`--image` is missing.', 'Give the image with wwdb and the project in it.')
      return [{ name: `${name}.yaml`, content: renderKubernetes(command, image), mode: 0o644 }]
    case undefined:
      throw refuse('`--as` is missing.', 'Give the scheduler: `--as crontab`, `--as systemd` or `--as kubernetes`.')
    default:
      return assertNever(as)
  }
}

function print(files: readonly RenderedFile[]): CommandResult {
  const [first = '', ...rest] = files.map(({ content }) => content)
  // The units of systemd are one text with a common first line.
  const content = [first, ...rest.map((text) => text.slice(text.indexOf('\n') + 1))].join('\n')
  return { result: { kind: 'document', format: 'text', content }, exitCode: exitCodes.done }
}

async function write(
  options: Input,
  command: ScheduledCommand,
  files: readonly RenderedFile[],
  folder: string,
  { process: { variables, cwd } }: Context,
): Promise<CommandResult> {
  const { name, environment, user } = command
  const inPod = options.as === 'kubernetes'
  const values = new Map(
    environment.required.map((one): [string, string] => {
      const value = variables[one] ?? ''
      return [one, inPod && namesFile(one) && value !== '' ? readNamedFile(one, value, cwd) : value]
    }),
  )
  const secret = options.as === 'kubernetes' ? renderSecret(name, values) : renderVariables(name, values)
  const isKept = options.variables !== undefined || values.size === 0
  const missing = [...values].flatMap(([one, value]) => (value === '' ? [one] : []))
  if (!isKept && missing.length > 0)
    throw refuse(
      `${missing.join(', ')} must be written to \`${secret.name}\` and ${missing.length === 1 ? 'is' : 'are'} not set here.`,
      'Set the right value and render again, or render without `--out` and write the file yourself.',
    )
  const written = await writeRendered(folder, isKept ? files : [...files, secret])
  return {
    result: { kind: 'files', ...written, next: nextSteps(options, folder, name, user) },
    exitCode: exitCodes.done,
  }
}

/** The content that a pod will find in the file that the variable names. Throws ToolError `USAGE` where it cannot be read. */
function readNamedFile(variable: string, path: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, path), 'utf8')
  } catch (error) {
    throw refuse(
      `The file that ${variable} names cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'Set it to a file that exists: its content becomes a key of the Secret, which the pod mounts.',
    )
  }
}

function nextSteps({ as }: Input, folder: string, name: string, user: string | null): readonly string[] {
  const path = (ending: string): string => join(folder, `${name}${ending}`)
  if (as === 'kubernetes') return [`Apply it with \`kubectl apply -f ${folder}\`.`]
  if (as === 'systemd')
    return [
      `Install it with \`systemctl link ${path('.service')} ${path('.timer')}\` and \`systemctl enable --now ${name}.timer\`.`,
    ]
  if (user === null) return [`Install it with \`crontab ${path('.crontab')}\`, which replaces your present crontab.`]
  return [
    `Install it with \`install -m 0644 ${path('.crontab')} /etc/cron.d/${name}\`, as root.`,
    `\`${user}\` must be able to read ${path('.env')} and to write its log.`,
  ]
}

/** A scheduler gets only flags that do not depend on this machine: others would mean something different there. */
async function refuseFlags(context: Context): Promise<void> {
  const { entries } = await context.configReport()
  const given = entries.filter(({ source }) => source === 'flag').map(({ path }) => path)
  if (given.length === 0) return
  throw refuse(
    `${[...new Set(given)].join(', ')} ${given.length === 1 ? 'comes' : 'come'} from a flag, and the schedule does not pass flags.`,
    'Write it into the configuration, or set the variable that the configuration reference names (WWDB_URL for `--url`).',
  )
}

function readNeeded({ file, environment, databases }: Config, { process: { variables } }: Context): NeededVariables {
  const document =
    file === null
      ? null
      : { text: readFileSync(file, 'utf8'), isModule: !file.endsWith('.json'), shown: basename(file), environment }
  return readVariables(
    document,
    variables,
    databases.some(({ server }) => server !== noServer),
  )
}

/** Found without being named: see config/files.ts. */
const usualFiles = ['wwdb.config.json', 'wwdb.config.mjs']

/** The flags that find the same configuration again: by its absolute path, or in an image relative to the project's folder. */
function placeFlags({ file, environment }: Config, inImage: boolean): readonly string[] {
  const name = file === null || !inImage ? file : basename(file)
  return [
    ...(name === null || usualFiles.includes(name) ? [] : ['--config', name]),
    ...(environment === null ? [] : ['--env', environment]),
  ]
}

/** CronJobs create pods with their name, so it may have at most 52 characters of a DNS label. */
function readName(name: string): string {
  if (/^[a-z](?:[a-z0-9-]{0,50}[a-z0-9])?$/.test(name)) return name
  throw refuse(
    `\`--name\` ${JSON.stringify(name)} is not a valid name of a unit or a job.`,
    'Use up to 52 letters a to z, digits and `-`.',
  )
}

/** Null for the owner of the crontab, and for the user of the image. */
function readUser({ as, user }: Input, { process: { person } }: Context): string | null {
  if (user === undefined) return as === 'systemd' ? person.slice(0, person.lastIndexOf('@')) : null
  const pattern = as === 'kubernetes' ? /^[1-9]\d{0,9}$/ : /^[a-z_][\w-]{0,31}$/
  if (pattern.test(user)) return user
  throw refuse(
    `\`--user\` ${JSON.stringify(user)} is not a valid account.`,
    as === 'kubernetes' ? 'Kubernetes takes the number of an account other than root.' : 'Write its name.',
  )
}

/** A file with secrets is for its owner alone; where it does not exist yet, a person or `--out` creates it that way. */
function readVariablesFile({ as, variables }: Input, usual: string): string {
  const file = readPath(variables ?? usual, '`--variables`')
  if (variables === undefined) return file
  if (as === 'kubernetes')
    throw refuse('`--variables` is not for Kubernetes.', 'Leave it out: the variables are in a Secret.')
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0
  if ((mode & 0o077) === 0) return file
  throw refuse(
    `\`${file}\` contains secrets, but users other than its owner have access (mode ${(mode & 0o777).toString(8).padStart(4, '0')}).`,
    `Run \`chmod 600 ${file}\`.`,
  )
}

/** Each of the three formats consists of lines, and a scheduler starts programs in another folder. */
function readPath(path: string, what: string): string {
  if (path.startsWith('/') && !/\p{Cc}/u.test(path)) return path
  throw refuse(
    `${what} must be an absolute path without control characters.`,
    'A scheduler starts programs in another folder, and reads its file line by line.',
  )
}

function refuse(what: string, next: string): ToolError {
  return new ToolError('USAGE', { what, next })
}
