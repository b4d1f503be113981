import { type LogEvent, type Run, TasksAPI } from '@influxdata/influxdb-client-apis'
import type { TaskRun } from '../ports.ts'
import { statusOf } from './errors.ts'
import type { InfluxPlace } from './place.ts'

/** Starts a task as if it were `due` (milliseconds since the epoch); returns the run's id. */
export async function startRun({ ask }: InfluxPlace, taskID: string, due: number): Promise<string> {
  // The server reads whole seconds only.
  const scheduledFor = new Date(due).toISOString().replace(/\.\d+Z$/, 'Z')
  const run = await ask('Starting a run of the task', (client) =>
    new TasksAPI(client).postTasksIDRuns({ taskID, body: { scheduledFor } }),
  )
  return run.id ?? ''
}

/** How a run goes. */
export async function readRun({ ask }: InfluxPlace, taskID: string, runID: string): Promise<TaskRun> {
  const run = await ask('Asking for a run of the task', async (client): Promise<Run> => {
    try {
      return await new TasksAPI(client).getTasksIDRunsID({ taskID, runID })
    } catch (error) {
      // Between its end and its entry in the list of ended runs, it is nowhere.
      if (statusOf(error) === 404) return {}
      throw error
    }
  })
  const { status } = run
  const state = status === 'success' || status === 'failed' || status === 'canceled' ? status : 'running'
  return { state, why: reasonIn(run) }
}

/** The server keeps no better reason with a task than that its run failed: the log of that run has it. */
export async function readLastFailure({ ask }: InfluxPlace, taskID: string): Promise<string> {
  const { runs = [] } = await ask('Asking for the runs of the task', (client) =>
    new TasksAPI(client).getTasksIDRuns({ taskID, limit: 100 }),
  )
  const last = runs
    .filter(({ status }) => status === 'failed')
    .toSorted((one, other) => (String(one.finishedAt) < String(other.finishedAt) ? 1 : -1))[0]
  return last === undefined ? 'no reason is logged' : reasonIn(last)
}

function reasonIn({ log = [] }: Run): string {
  return log.map(messageOf).findLast((message) => message !== '') ?? 'no reason is logged'
}

function messageOf({ message = '' }: LogEvent): string {
  return /^(Started|Completed)\b/.test(message) ? '' : message.trim()
}
