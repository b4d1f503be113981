import { rename, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CronExpressionParser } from 'cron-parser'
import { type CronFields, readCron, type Schedule } from '../../calendar/cron.ts'
import { isZone } from '../../calendar/zone.ts'
import type { Config } from '../../config/config.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import { ToolError } from '../../core/tool-error.ts'
import { toIso } from '../answers.ts'

/** How one run of a schedule ended. */
export interface RunEnd {
  readonly exitCode: number
  /** Why it failed, as a sentence; null where it did not. */
  readonly fault: string | null
}

/** The state of a schedule. Instants in milliseconds since the epoch. */
export interface ScheduleState {
  readonly phase: 'running' | 'waiting' | 'stopped'
  /** When the next run is due; null during a run and after the end. */
  readonly due: number | null
  readonly last: (RunEnd & { readonly startedAt: number; readonly endedAt: number }) | null
  readonly lastSuccessAt: number | null
  readonly runs: number
  /** Consecutive failed runs. Another process's lock is not a failure: that process does the same work. */
  readonly failures: number
}

export interface ScheduleWork {
  readonly schedule: Schedule
  /** Runs begin up to this number of milliseconds late, at random: several machines with the same schedule do not start at once. */
  readonly jitter: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** From 0 up to 1. */
  readonly random: () => number
  /** Returns after this number of milliseconds, or as soon as a stop is requested. */
  readonly pause: (milliseconds: number) => Promise<void>
  /** One run. Never throws; stops early, at a safe point, when it is asked to. */
  readonly run: () => Promise<RunEnd>
  readonly stop: StopRequest
  /** Is called with every change. */
  readonly report: (state: ScheduleState) => Promise<void>
}

/** After a machine was asleep, timers are late: the clock is checked this often, in milliseconds. */
const longestPause = 30_000

/**
 * Runs something by a schedule until it is asked to stop, one run at a time. The first run is immediate, for runs missed while
 * the process was down; later missed runs (the machine slept, the previous run took too long) are caught up once, however many
 * there were.
 */
export async function runSchedule(work: ScheduleWork): Promise<ScheduleState> {
  let state: ScheduleState = { phase: 'waiting', due: null, last: null, lastSuccessAt: null, runs: 0, failures: 0 }
  let due = work.now()
  while (!work.stop.requested) {
    state = { ...state, phase: 'waiting', due }
    await work.report(state)
    await waitUntil(due, work)
    if (work.stop.requested) break
    state = { ...state, phase: 'running', due: null }
    await work.report(state)
    const startedAt = work.now()
    const end = await work.run()
    state = withRun(state, end, startedAt, work.now())
    due = nextDue(startedAt, work)
  }
  state = { ...state, phase: 'stopped', due: null }
  await work.report(state)
  return state
}

function withRun(state: ScheduleState, end: RunEnd, startedAt: number, endedAt: number): ScheduleState {
  const succeeded = end.exitCode === 0
  return {
    ...state,
    last: { ...end, startedAt, endedAt },
    lastSuccessAt: succeeded ? endedAt : state.lastSuccessAt,
    runs: state.runs + 1,
    failures: succeeded ? 0 : end.exitCode === exitCodes.busy ? state.failures : state.failures + 1,
  }
}

function nextDue(after: number, { schedule, jitter, random }: ScheduleWork): number {
  const [next = after] = nextRuns(schedule, after, 1)
  return next + Math.floor(random() * jitter)
}

/** A clock that was set back must not delay a run by the same time: it is due by the current clock. */
async function waitUntil(due: number, work: ScheduleWork): Promise<void> {
  let until = due
  for (let left = until - work.now(); left > 0 && !work.stop.requested; left = until - work.now()) {
    await work.pause(Math.min(left, longestPause))
    const [soonest = until] = nextRuns(work.schedule, work.now(), 1)
    until = Math.min(until, soonest + work.jitter)
  }
}

/** Milliseconds between two heartbeats; if the file is several of these old, the process hangs or is gone. */
const heartbeat = 15_000

/** A file with the state of a long-running process, renewed every 15 seconds, and always complete. */
interface HealthFile {
  /** Throws ToolError `HEALTH_FILE` where it cannot be written. */
  readonly write: (state: ScheduleState) => Promise<void>
  /** Ends the heartbeats. */
  readonly close: () => void
}

/** No file: for processes without a health check. */
export const noHealthFile: HealthFile = { write: async () => {}, close: () => {} }

/** @param now milliseconds since the epoch. `failed` is called for a heartbeat that could not be written. */
export function openHealthFile(path: string, now: () => number, failed: (error: unknown) => void): HealthFile {
  const file = resolve(path)
  let latest: ScheduleState | null = null
  // One after the other: a heartbeat must not overtake a change.
  let writing: Promise<void> = Promise.resolve()
  const write = (state: ScheduleState): Promise<void> => {
    latest = state
    const written = writing.then(() => replaceFile(file, toDocument(state, now())))
    writing = written.catch(() => {})
    return written
  }
  const timer = setInterval(() => {
    if (latest !== null) write(latest).catch(failed)
  }, heartbeat)
  timer.unref()
  return { write, close: () => clearInterval(timer) }
}

/** The file's content; documented in docs/guides/calendar-and-schedules.md. */
function toDocument(state: ScheduleState, at: number): string {
  const { phase, due, last, lastSuccessAt, runs, failures } = state
  const document = {
    version: 1,
    state: phase,
    at: toIso(at),
    due: toIso(due),
    runs,
    failures,
    lastSuccessAt: toIso(lastSuccessAt),
    lastRun:
      last === null
        ? null
        : {
            startedAt: toIso(last.startedAt),
            endedAt: toIso(last.endedAt),
            exitCode: last.exitCode,
            fault: last.fault,
          },
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

/** A concurrent reader sees the old file or the new one. */
async function replaceFile(file: string, content: string): Promise<void> {
  const fresh = `${file}.new`
  try {
    await writeFile(fresh, content)
    await rename(fresh, file)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const fault = {
      what: `Cannot write the health file \`${file}\`.`,
      why,
      next: 'Give a file in a folder that exists and is writable.',
    }
    throw new ToolError('HEALTH_FILE', fault, { cause })
  }
}

/** The configuration's schedule. Throws ToolError `NO_SCHEDULE` (78) where it has none. */
export function requireSchedule({ rotation, file }: Config): {
  readonly schedule: Schedule
  readonly fields: CronFields
} {
  const { schedule: expression, zone } = rotation
  const outcome = readCron(expression ?? '')
  if (expression !== null && outcome.type === 'cron') return { schedule: { expression, zone }, fields: outcome.fields }
  throw new ToolError('NO_SCHEDULE', {
    what: 'The configuration has no schedule.',
    ...(file === null ? {} : { where: { file } }),
    why: '`rotation.schedule` is a cron expression with five fields.',
    next: 'Write it into the configuration: "rotation": { "schedule": "17 * * * *", "zone": "UTC" }.',
  })
}

/**
 * The next instants of a schedule after `after`, in order. A time that the clocks skip runs right after the gap, a time that they show twice runs once (by cron-parser), unless it runs every hour.
 * @param after milliseconds since the epoch; an instant of the schedule itself is not in the answer.
 * @throws RangeError for an expression that `readCron` refuses or a zone that is not known: both are checked with the configuration.
 */
export function nextRuns(schedule: Schedule, after: number, count: number): readonly number[] {
  const outcome = readCron(schedule.expression)
  if (outcome.type === 'fault') throw new RangeError(`${JSON.stringify(schedule.expression)}: ${outcome.why}`)
  if (!isZone(schedule.zone)) throw new RangeError(`${JSON.stringify(schedule.zone)} is not a time zone`)
  const runs = CronExpressionParser.parse(schedule.expression, { tz: schedule.zone, currentDate: new Date(after) })
  return Array.from({ length: count }, () => runs.next().getTime())
}
