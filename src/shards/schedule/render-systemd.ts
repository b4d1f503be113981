import type { CronFields } from '../../calendar/cron.ts'
import {
  describeEnvironment,
  type RenderedFile,
  renderedMark,
  type ScheduledCommand,
  type ScheduledEnvironment,
} from './scheduled-command.ts'

/** Systemd's names, from cron's 0. */
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

const mark = `${renderedMark} --as systemd".`

/** A service and its timer. The timer is persistent: a run that was missed while the machine was off is caught up. */
export function renderSystemd(command: ScheduledCommand): readonly RenderedFile[] {
  const { name } = command
  return [
    { name: `${name}.service`, content: [mark, ...serviceLines(command), ''].join('\n'), mode: 0o644 },
    { name: `${name}.timer`, content: [mark, ...timerLines(command), ''].join('\n'), mode: 0o644 },
  ]
}

/** Output goes to the journal, under the name of the service. */
function serviceLines({ name, directory, launcher, args, user, environment }: ScheduledCommand): readonly string[] {
  const isAbsolute = launcher[0]?.startsWith('/') === true
  const words = [...(isAbsolute ? [] : ['/usr/bin/env']), ...launcher, ...args]
  return [
    `# /etc/systemd/system/${name}.service`,
    '[Unit]',
    'Description=Keep the sharded tables ahead of the calendar',
    'Wants=network-online.target',
    'After=network-online.target',
    '',
    '[Service]',
    'Type=oneshot',
    ...(user === null ? [] : [`User=${user}`]),
    `WorkingDirectory=${escapePercent(directory)}`,
    ...systemdEnvironment(environment),
    `ExecStart=${words.map(quoteForSystemd).join(' ')}`,
    '# 75: another run holds the lock, and does the same.',
    'SuccessExitStatus=75',
    '# Time to finish the current statement.',
    'TimeoutStopSec=120',
    `SyslogIdentifier=${name}`,
  ]
}

function timerLines(command: ScheduledCommand): readonly string[] {
  return [
    `# /etc/systemd/system/${command.name}.timer`,
    '[Unit]',
    'Description=Timer that keeps the sharded tables ahead of the calendar',
    '',
    '[Timer]',
    ...onCalendar(command).map((event) => `OnCalendar=${event}`),
    'Persistent=true',
    'RandomizedDelaySec=30',
    '',
    '[Install]',
    'WantedBy=timers.target',
  ]
}

/** A missing environment file makes the service fail; so does a missing variable, before anything is started. */
function systemdEnvironment(environment: ScheduledEnvironment): readonly string[] {
  const { file, required } = environment
  const comment = describeEnvironment(environment, `In ${file}, as lines NAME="value", mode 0600`)
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

/** A word of ExecStart (systemd.service(5)): `%` and `$` are doubled. */
function quoteForSystemd(word: string): string {
  const escaped = escapePercent(word).replaceAll('$', '$$$$')
  return /^[\w./:@=+%$-]+$/.test(escaped) ? escaped : `"${escaped.replaceAll(/["\\]/g, '\\$&')}"`
}

function escapePercent(text: string): string {
  return text.replaceAll('%', '%%')
}
