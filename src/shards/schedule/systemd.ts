import type { CronFields } from '../../calendar/cron.ts'
import { describeEnvironment, type ScheduledCommand, type ScheduledEnvironment } from './command.ts'

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
    ...environmentLines(environment),
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
function environmentLines(environment: ScheduledEnvironment): readonly string[] {
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
