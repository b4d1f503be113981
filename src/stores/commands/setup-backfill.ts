import { defineCommand } from '../../command/define-command.ts'
import { dryRun } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { backfillStore } from '../backfill-store.ts'

/** `wwdb setup backfill`: runs a declared task of InfluxDB over a range of the past. */
export const command = defineCommand({
  name: 'setup backfill',
  group: 'Stores and environments',
  summary: 'run a downsampling task of InfluxDB over a range of the past',
  purpose:
    'Has InfluxDB run a declared task for each part of a range of the past, oldest first, one at a time. Repeated runs ' +
    'write the same points again. Progress is stored on the server, so the same command continues after a kill. ' +
    'Refuses a range that is older than the retention of a bucket. Takes the lock of `wwdb setup apply`.',
  examples: [
    { command: 'wwdb setup backfill metrics_hourly --start 2026-11-01 --dry-run', purpose: 'how many runs it takes' },
    { command: 'wwdb setup backfill metrics_hourly --start 2026-11-01 --end 2026-11-15', purpose: 'two weeks' },
  ],
  arguments: { task: { description: 'the task, by its name under `downsampling`', required: true } },
  flags: {
    'Which range': {
      start: { value: 'TIME', description: 'its start: a day or a time in UTC, for example 2026-11-01T06:00:00Z' },
      end: { value: 'TIME', description: 'its end', otherwise: 'the last window that has ended' },
    },
    Safety: { dryRun },
  },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: false,
  stores: true,
  async run({ task, start, end, dryRun: dry }, context) {
    const request = {
      task,
      from: readTime('--start', start),
      to: end === undefined ? null : readTime('--end', end),
      dryRun: dry === true,
    }
    const outcome = await backfillStore(context, request)
    const stopped = outcome.state === 'stopped'
    return {
      result: { kind: 'store-backfill', outcome },
      exitCode: stopped ? exitCodes.interrupted : exitCodes.done,
    }
  },
})

/** Milliseconds since the epoch. @throws ToolError USAGE. */
function readTime(flag: string, text: string | undefined): number {
  const time = text !== undefined && /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?Z)?$/.test(text) ? Date.parse(text) : NaN
  if (text !== undefined && !Number.isNaN(time) && isCalendarTime(text, time)) return time
  throw new ToolError('USAGE', {
    what: text === undefined ? `\`${flag}\` is missing.` : `\`${flag} ${text}\` is not a time in UTC.`,
    next: 'Write a day (`2026-11-01`) or a time (`2026-11-01T06:00:00Z`).',
  })
}

/** The 30th of February would be read as a day in March. */
function isCalendarTime(text: string, time: number): boolean {
  return new Date(time).toISOString().startsWith(text.replace('Z', ''))
}
