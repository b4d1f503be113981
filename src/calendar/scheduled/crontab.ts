import { quoteForShell, type ScheduledCommand } from './command.ts'

/** Lines for a crontab. No flock: wwdb holds the databases' own locks, on whatever machine it runs. */
export function renderCrontab({ schedule, directory, launcher, args }: ScheduledCommand): string {
  const command = `cd ${quoteForShell(directory)} && ${[...launcher, ...args].map(quoteForShell).join(' ')}`
  return [
    '# Made by "wwdb schedule render --as crontab".',
    `# Debian's cron does not know CRON_TZ: there, set the machine's own zone to ${schedule.zone}.`,
    `CRON_TZ=${schedule.zone}`,
    // A percent sign ends the command for cron.
    `${schedule.expression} ${command.replaceAll('%', '\\%')}`,
    '',
  ].join('\n')
}
