import type { CronFields, Schedule } from '../../calendar/cron.ts'
import { longestInterval } from '../../calendar/cron.ts'

/** What a scheduler of the system starts, and when. */
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
function describeEnvironment({ required, unset }: ScheduledEnvironment, place: string): readonly string[] {
  return [
    ...(required.length === 0 ? [] : [`# ${place}: ${required.join(', ')}. It does not start without them.`]),
    ...(unset.length === 0
      ? []
      : [`# Not set here either, so that the configuration's defaults hold: ${unset.join(', ')}.`]),
  ]
}

/** A word for a POSIX shell; left as it is where nothing in it is special. */
function quoteForShell(word: string): string {
  return /^[\w./:@=+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** Lines for a crontab. No flock: wwdb holds the databases' own locks, on any machine. */
export function renderCrontab({ schedule, directory, launcher, args, environment }: ScheduledCommand): string {
  const { file, required } = environment
  const path = quoteForShell(file)
  // A variable that the file lacks ends the line before anything is started.
  const variables = required.map((name) => `"\${${name}:?}"`).join(' ')
  const command = [
    `cd ${quoteForShell(directory)}`,
    ...(required.length === 0 ? [] : [`set -a && . ${path} && set +a`, `: ${variables}`]),
    [...launcher, ...args].map(quoteForShell).join(' '),
  ].join(' && ')
  return [
    '# Made by "wwdb schedule render --as crontab".',
    `# Debian's cron does not know CRON_TZ: there, set the machine's own zone to ${schedule.zone}.`,
    ...describeEnvironment(environment, `Write to ${file}, as lines NAME='value' for a shell, mode 0600`),
    `CRON_TZ=${schedule.zone}`,
    // A percent sign ends the command for cron.
    `${schedule.expression} ${command.replaceAll('%', '\\%')}`,
    '',
  ].join('\n')
}

/** Systemd's names, from cron's 0. */
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** A service and its timer. The timer is persistent: a run that was missed while the machine was off is made up for. */
export function renderSystemd(command: ScheduledCommand): string {
  const { name, directory, launcher, args, environment } = command
  const isAbsolute = launcher[0]?.startsWith('/') === true
  const words = [...(isAbsolute ? [] : ['/usr/bin/env']), ...launcher, ...args]
  return [
    `# Made by "wwdb schedule render --as systemd".`,
    `# /etc/systemd/system/${name}.service`,
    '[Unit]',
    'Description=Keep the sharded tables ahead of the calendar',
    'Wants=network-online.target',
    'After=network-online.target',
    '',
    '[Service]',
    'Type=oneshot',
    `WorkingDirectory=${escapePercent(directory)}`,
    ...systemdEnvironment(environment),
    `ExecStart=${words.map(quoteForSystemd).join(' ')}`,
    '# 75: another run holds the lock, and does the same.',
    'SuccessExitStatus=75',
    '',
    `# /etc/systemd/system/${name}.timer`,
    '[Unit]',
    'Description=When the sharded tables are kept ahead of the calendar',
    '',
    '[Timer]',
    ...onCalendar(command).map((event) => `OnCalendar=${event}`),
    'Persistent=true',
    'RandomizedDelaySec=30',
    '',
    '[Install]',
    'WantedBy=timers.target',
    '',
  ].join('\n')
}

/** An environment file that is not there fails the service; a variable that it lacks does so before anything is started. */
function systemdEnvironment(environment: ScheduledEnvironment): readonly string[] {
  const { file, required } = environment
  const comment = describeEnvironment(environment, `Write to ${file}, as lines NAME=value, mode 0600`)
  if (required.length === 0) return comment
  const variables = required.map((name) => `"\${${name}:?}"`).join(' ')
  return [
    ...comment,
    `EnvironmentFile=${escapePercent(file)}`,
    `ExecStartPre=/bin/sh -c ${quoteForSystemd(`: ${variables}`)}`,
  ]
}

/** Calendar events of systemd (systemd.time(7)); two where cron lets a day fit either of its two fields. */
function onCalendar({ fields, schedule }: ScheduledCommand): readonly string[] {
  const time = `${list(fields.hours, 24)}:${list(fields.minutes, 60)}:00 ${schedule.zone}`
  const months = list(fields.months, 12)
  const byWeekday = fields.daysOfWeek.length === 7 ? '' : `${fields.daysOfWeek.map((day) => weekdays[day]).join(',')} `
  const days = list(fields.daysOfMonth, 31)
  if (fields.days === 'both') return [`${byWeekday}*-${months}-${days} ${time}`]
  return [`*-${months}-${days} ${time}`, `${byWeekday}*-${months}-* ${time}`]
}

function list(values: CronFields['hours'], all: number): string {
  return values.length === all ? '*' : values.map((value) => String(value).padStart(2, '0')).join(',')
}

/** A word of ExecStart (systemd.service(5)): specifiers and variables are spelled twice. */
function quoteForSystemd(word: string): string {
  const escaped = escapePercent(word).replaceAll('$', '$$$$')
  return /^[\w./:@=+%$-]+$/.test(escaped) ? escaped : `"${escaped.replaceAll(/["\\]/g, '\\$&')}"`
}

function escapePercent(text: string): string {
  return text.replaceAll('%', '%%')
}

/** Seconds. A start that is later than this is left to the next one. */
const [shortestDeadline, longestDeadline] = [60, 3600]

/**
 * A CronJob. It has a starting deadline: without one, the controller counts every start missed since the last run and never
 * starts again once there are more than 100.
 */
export function renderKubernetes(command: ScheduledCommand, image: string): string {
  const { name, schedule, fields, launcher, args, environment } = command
  const deadline = Math.min(longestDeadline, Math.max(shortestDeadline, longestInterval(fields) / 1000))
  return [
    '# Made by "wwdb schedule render --as kubernetes".',
    'apiVersion: batch/v1',
    'kind: CronJob',
    'metadata:',
    `  name: ${name}`,
    'spec:',
    `  schedule: ${JSON.stringify(withoutSeven(schedule.expression, fields))}`,
    `  timeZone: ${JSON.stringify(schedule.zone === 'UTC' ? 'Etc/UTC' : schedule.zone)}`,
    '  concurrencyPolicy: Forbid',
    `  startingDeadlineSeconds: ${deadline}`,
    '  successfulJobsHistoryLimit: 3',
    '  failedJobsHistoryLimit: 3',
    '  jobTemplate:',
    '    spec:',
    '      # What failed is tried again by the next run, which finds what is still missing.',
    '      backoffLimit: 0',
    '      template:',
    '        spec:',
    '          restartPolicy: Never',
    '          # Time to finish the statement under way.',
    '          terminationGracePeriodSeconds: 120',
    '          containers:',
    '            - name: wwdb',
    `              image: ${JSON.stringify(image)}`,
    `              command: ${JSON.stringify(launcher)}`,
    `              args: ${JSON.stringify(args)}`,
    ...kubernetesEnvironment(name, environment),
    '',
  ].join('\n')
}

/** A key that the Secret lacks keeps the container from starting. */
function kubernetesEnvironment(name: string, environment: ScheduledEnvironment): readonly string[] {
  const indent = ' '.repeat(14)
  const comment = describeEnvironment(environment, `Write to a Secret ${name}`).map((line) => indent + line)
  if (environment.required.length === 0) return comment
  const variables = environment.required.flatMap((variable) => [
    `${indent}  - name: ${variable}`,
    `${indent}    valueFrom:`,
    `${indent}      secretKeyRef:`,
    `${indent}        name: ${name}`,
    `${indent}        key: ${variable}`,
  ])
  return [...comment, `${indent}env:`, ...variables]
}

/** Kubernetes knows Sunday as 0 only. */
function withoutSeven(expression: string, fields: CronFields): string {
  const texts = expression.split(/[ \t]+/)
  const weekday = texts.at(-1) ?? '*'
  return [...texts.slice(0, -1), weekday.includes('7') ? fields.daysOfWeek.join(',') : weekday].join(' ')
}
