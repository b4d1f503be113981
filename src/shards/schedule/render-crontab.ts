import { ToolError } from '../../core/tool-error.ts'
import { describeEnvironment, renderedMark, type ScheduledCommand } from './scheduled-command.ts'

/** Debian's cron ignores an entry whose command is longer than this, with a line in the system log. */
const longestCommand = 998

/** A word for a POSIX shell; left as it is where nothing in it is special. */
function quoteForShell(word: string): string {
  return /^[\w./:@=+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/**
 * Lines for a crontab: that of an account, or with `user` a file of /etc/cron.d. No flock: wwdb holds the databases' own locks, from any machine. @param log absolute path of the file to which output is appended: mail from cron is mostly lost
 */
export function renderCrontab(command: ScheduledCommand, log: string): string {
  const { schedule, user, environment } = command
  const { file } = environment
  // A percent sign ends the command for cron.
  const line = shellLine(command, log).replaceAll('%', '\\%')
  if (line.length > longestCommand) throw tooLong(line.length)
  return [
    `${renderedMark} --as crontab"${user === null ? '' : ', for /etc/cron.d'}.`,
    `# Debian's cron does not know CRON_TZ: there, set the machine's own zone to ${schedule.zone}.`,
    ...describeEnvironment(environment, `In ${file}, as lines NAME="value", mode 0600`),
    `# Output is added to ${log}.`,
    `CRON_TZ=${schedule.zone}`,
    'SHELL=/bin/sh',
    'PATH=/usr/local/bin:/usr/bin:/bin',
    [schedule.expression, ...(user === null ? [] : [user]), line].join(' '),
    '',
  ].join('\n')
}

function shellLine({ directory, launcher, args, environment: { file, required } }: ScheduledCommand, log: string) {
  // A variable that is missing from the file ends the line before anything is started.
  const variables = required.map((name) => `"\${${name}:?}"`).join(' ')
  const steps = [
    `cd ${quoteForShell(directory)}`,
    ...(required.length === 0 ? [] : [`set -a && . ${quoteForShell(file)} && set +a`, `: ${variables}`]),
    [...launcher, ...args].map(quoteForShell).join(' '),
  ]
  return `{ ${steps.join(' && ')}; } >> ${quoteForShell(log)} 2>&1`
}

function tooLong(length: number): ToolError {
  return new ToolError('USAGE', {
    what: `The line of the crontab has ${length} characters, but cron takes at most ${longestCommand}.`,
    why: 'cron ignores a longer line without telling its owner.',
    next: 'Move the project to a shorter path, set fewer variables here, or use `--as systemd`.',
  })
}
