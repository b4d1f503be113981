import { describeEnvironment, quoteForShell, type ScheduledCommand } from './command.ts'

/** Lines for a crontab. No flock: wwdb holds the databases' own locks, on whatever machine it runs. */
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
