import { resolve } from 'node:path'
import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import type { Result } from '../../command/result.ts'
import { longestTimer, readDurationFlag } from '../../core/duration.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import { ToolError } from '../../core/tool-error.ts'
import { retiringIn } from '../../retire/run-retired.ts'
import { shardSteps } from '../fan-out/shard-steps.ts'
import { rotate } from '../rotation/rotate.ts'
import {
  noHealthFile,
  openHealthFile,
  type RunEnd,
  requireSchedule,
  runSchedule,
  type ScheduleState,
} from '../schedule/run-schedule.ts'
import { readFamilies } from '../templates/read-families.ts'

/** `wwdb schedule run`: rotates by the schedule until a signal comes. A rotation that fails is reported, and the next one comes. */
export const command = defineCommand({
  name: 'schedule run',
  group: 'Sharded tables',
  summary: 'run rotations on schedule until stopped',
  purpose:
    'Keeps running and does what `wwdb rotate run` does: immediately, and then at every time of the schedule, one ' +
    'at a time. Missed times are made up for by one rotation. A failed rotation is reported and does not end the ' +
    'command; SIGTERM or Ctrl-C ends it after the current statement.',
  examples: [
    { command: 'wwdb schedule run', purpose: 'in a container that stays' },
    { command: 'wwdb schedule run --health /tmp/wwdb.json --json', purpose: 'with a health file and a log of events' },
  ],
  flags: {
    'How to run': {
      jitter: {
        value: 'DURATION',
        type: 'duration',
        description:
          'random delay before each start, at most this long, so that several do not start at once; 0 for none',
        default: '30s',
      },
      health: {
        value: 'FILE',
        type: 'file',
        description: 'write the state to this file, updated every 15 seconds',
      },
    },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  vtgate: true,
  async run(options, context) {
    const jitter = readJitter(options.jitter ?? '30s')
    const config = await context.config()
    const { schedule } = requireSchedule(config)
    // Faults of the project end it here: a process that can never rotate must not seem alive.
    await readFamilies(config)
    const file = options.health === undefined ? noHealthFile : openHealth(options.health, context)
    try {
      const end = await runSchedule({
        schedule,
        jitter,
        now: context.now,
        random: Math.random,
        pause: (milliseconds) => pause(milliseconds, context.stop),
        run: () => rotateOnce(context),
        stop: context.stop,
        report: async (state) => {
          await file.write(state)
          announce(state, context)
        },
      })
      return { result: toResult(end), exitCode: exitCodes.done }
    } finally {
      file.close()
    }
  },
})

function openHealth(path: string, context: Context) {
  return openHealthFile(resolve(context.process.cwd, path), context.now, (error) => warn(context, sentenceOf(error)))
}

function toResult({ runs, failures, lastSuccessAt }: ScheduleState): Result {
  return {
    kind: 'schedule-run',
    runs,
    failures,
    lastSuccessAt: lastSuccessAt === null ? null : new Date(lastSuccessAt).toISOString(),
  }
}

/** A failed rotation must not prevent the next ones: it is reported, and counted in the health file. */
async function rotateOnce(context: Context): Promise<RunEnd> {
  try {
    const { result, exitCode } = await rotate(
      context,
      undefined,
      retiringIn(context, (config) => shardSteps(context, config, { probe: false })),
    )
    return { exitCode, fault: exitCode === exitCodes.done ? null : faultsOf(result) }
  } catch (error) {
    const exitCode = error instanceof ToolError ? error.exitCode : exitCodes.failed
    return { exitCode, fault: sentenceOf(error) }
  }
}

/** What went wrong, once, however many families it affected. */
function faultsOf(result: Result): string {
  const failed = result.kind === 'rotation' ? [...result.families, ...(result.retired ?? [])] : []
  const faults = failed.flatMap(({ fault }) => fault?.what ?? [])
  return [...new Set(faults)].join(' ')
}

function sentenceOf(error: unknown): string {
  if (error instanceof ToolError)
    return error.faults.map(({ what, why }) => (why === undefined ? what : `${what} ${why}`)).join(' ')
  return `A defect of wwdb: ${error instanceof Error ? error.message : String(error)}`
}

function announce({ phase, due, last }: ScheduleState, context: Context): void {
  if (phase !== 'waiting' || due === null || last === null) return
  if (last.fault !== null) warn(context, `The rotation ended with exit code ${last.exitCode}. ${last.fault}`)
  const time = new Date(due).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length).replace('T', ' ')
  context.emit({ type: 'progress', message: `The next rotation is due at ${time} UTC.` })
}

function warn({ emit }: Context, message: string): void {
  emit({ type: 'warning', message, target: null })
}

function readJitter(text: string): number {
  const jitter = readDurationFlag('--jitter', text, longestTimer)
  if (jitter !== null) return jitter
  throw new ToolError('USAGE', { what: '`--jitter` cannot be `none`.', next: 'Write `0` for no delay.' })
}

/** Returns at once when a stop is requested. */
function pause(milliseconds: number, stop: StopRequest): Promise<void> {
  if (stop.requested) return Promise.resolve()
  return new Promise((done) => {
    const timer = setTimeout(end, milliseconds)
    const forget = stop.onStop(end)
    function end(): void {
      clearTimeout(timer)
      forget()
      done()
    }
  })
}
