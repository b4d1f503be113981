import { setTimeout as pause } from 'node:timers/promises'
import type { StoreContext } from '../contract.ts'
import type { InfluxDriver, TaskRun } from './ports.ts'

/** Milliseconds between two questions for the state of a run. */
const pollInterval = 200

/** Milliseconds. Between its end and its entry in the list of ended runs, a run is in no list; that of a removed task stays in none. */
const usualAbsence = 30_000

export interface RunWait {
  readonly taskId: string
  readonly runId: string
  /** Milliseconds. */
  readonly longest: number
  /** Milliseconds that the server may not list it. Default: 30 s. */
  readonly longestAbsence?: number
}

/**
 * Returns when a run has ended; with the state `running` or `missing` when a stop is requested, after `longest` milliseconds, or when the server has not
 * listed the run for long.
 */
export async function waitForRun(
  { driver, run }: Pick<StoreContext<unknown, InfluxDriver>, 'driver' | 'run'>,
  { taskId, runId, longest, longestAbsence = usualAbsence }: RunWait,
): Promise<TaskRun> {
  const started = performance.now()
  let listed = started
  for (;;) {
    const seen = await driver.run(taskId, runId)
    if (seen.state !== 'running' && seen.state !== 'missing') return seen
    const now = performance.now()
    if (seen.state === 'running') listed = now
    if (run.stop.requested || now - started >= longest || now - listed >= longestAbsence) return seen
    await pause(pollInterval)
  }
}
