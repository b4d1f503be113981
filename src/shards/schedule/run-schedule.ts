import { nextRuns, type Schedule } from '../../calendar/schedule.ts'
import type { StopRequest } from '../../migrations/ports.ts'

/** How one run of a schedule ended. */
export interface RunEnd {
  readonly exitCode: number
  /** Why it failed, as a sentence; null where it did not. */
  readonly fault: string | null
}

/** Where a schedule stands. Instants in milliseconds since the epoch. */
export interface ScheduleState {
  readonly phase: 'running' | 'waiting' | 'stopped'
  /** When the next run is due; null while one goes on and after the end. */
  readonly due: number | null
  readonly last: (RunEnd & { readonly startedAt: number; readonly endedAt: number }) | null
  readonly lastSuccessAt: number | null
  readonly runs: number
  /** Runs in a row that failed. That another process held the lock is no failure: it does the same work. */
  readonly failures: number
}

export interface ScheduleWork {
  readonly schedule: Schedule
  /** Runs begin up to so many milliseconds late, at random: several machines with one schedule do not call at once. */
  readonly jitter: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** From 0 up to 1. */
  readonly random: () => number
  /** Returns after so many milliseconds, or as soon as the stop is asked for. */
  readonly pause: (milliseconds: number) => Promise<void>
  /** One run. Never throws; stops early, at a safe point, when it is asked to. */
  readonly run: () => Promise<RunEnd>
  readonly stop: StopRequest
  /** Hears of every change. */
  readonly told: (state: ScheduleState) => Promise<void>
}

/** A machine that slept wakes up with its timers late: the clock is looked at this often, in milliseconds. */
const longestPause = 30_000

const busy = 75

/**
 * Runs something by a schedule until it is asked to stop, one run at a time. The first run is at once, for whatever was
 * missed while nobody ran; a run that was missed since (the machine slept, the run before took too long) is made up for
 * once, however many there were.
 */
export async function runSchedule(work: ScheduleWork): Promise<ScheduleState> {
  let state: ScheduleState = { phase: 'waiting', due: null, last: null, lastSuccessAt: null, runs: 0, failures: 0 }
  let due = work.now()
  while (!work.stop.requested) {
    state = { ...state, phase: 'waiting', due }
    await work.told(state)
    await waitUntil(due, work)
    if (work.stop.requested) break
    state = { ...state, phase: 'running', due: null }
    await work.told(state)
    const startedAt = work.now()
    const end = await work.run()
    state = withRun(state, end, startedAt, work.now())
    due = nextDue(startedAt, work)
  }
  state = { ...state, phase: 'stopped', due: null }
  await work.told(state)
  return state
}

function withRun(state: ScheduleState, end: RunEnd, startedAt: number, endedAt: number): ScheduleState {
  const succeeded = end.exitCode === 0
  return {
    ...state,
    last: { ...end, startedAt, endedAt },
    lastSuccessAt: succeeded ? endedAt : state.lastSuccessAt,
    runs: state.runs + 1,
    failures: succeeded ? 0 : end.exitCode === busy ? state.failures : state.failures + 1,
  }
}

function nextDue(after: number, { schedule, jitter, random }: ScheduleWork): number {
  const [next = after] = nextRuns(schedule, after, 1)
  return next + Math.floor(random() * jitter)
}

/** A clock that was set back must not keep a run waiting for as long again: then it is due by the clock as it is now. */
async function waitUntil(due: number, work: ScheduleWork): Promise<void> {
  let until = due
  for (let left = until - work.now(); left > 0 && !work.stop.requested; left = until - work.now()) {
    await work.pause(Math.min(left, longestPause))
    const [soonest = until] = nextRuns(work.schedule, work.now(), 1)
    until = Math.min(until, soonest + work.jitter)
  }
}
