import { flux, fluxDateTime, Point } from '@influxdata/influxdb-client'
import { DeleteAPI, type LogEvent, type Run, TasksAPI, WriteAPI } from '@influxdata/influxdb-client-apis'
import { ToolError } from '../../core/tool-error.ts'
import { hideOpaque } from '../hide-secrets.ts'
import type { InfluxPlace } from './driver-connection.ts'
import { statusOf } from './errors.ts'
import type { Canary, CanaryPoint, FieldValues, OldPoints, TaskRun, TimeSpan } from './ports.ts'

/** The first instant that InfluxDB can keep lies in 1677. */
const beginning = fluxDateTime('1677-09-22T00:00:00Z')

interface CountRow {
  readonly result: string
  readonly _measurement: string
  readonly _value: number
}

/** Counts what is older than `bound` (milliseconds since the epoch), by measurement. A series is one field with one set of tags. */
export async function countOldPoints(
  place: InfluxPlace,
  organizationId: string,
  bucket: string,
  bound: number,
): Promise<readonly OldPoints[]> {
  const query = flux`
    counts = from(bucket: ${bucket})
      |> range(start: ${beginning}, stop: ${fluxDateTime(new Date(bound).toISOString())})
      |> count()
      |> group(columns: ["_measurement"])
    counts |> sum() |> yield(name: "points")
    counts |> count() |> yield(name: "series")`
  const rows = await place.ask(`Counting the old points of ${bucket}`, (client) =>
    client.getQueryApi(organizationId).collectRows<CountRow>(query),
  )
  const series = new Map(
    rows.filter(({ result }) => result === 'series').map(({ _measurement, _value }) => [_measurement, _value]),
  )
  return rows
    .filter(({ result }) => result === 'points')
    .map(({ _measurement, _value }) => ({
      measurement: _measurement,
      points: _value,
      series: series.get(_measurement) ?? 0,
    }))
}

/** Starts a task as if it were `due` (milliseconds since the epoch); returns the run's id. */
export async function startRun({ ask, server }: InfluxPlace, taskID: string, due: number): Promise<string> {
  // The server accepts only whole seconds.
  const scheduledFor = new Date(due).toISOString().replace(/\.\d+Z$/, 'Z')
  const run = await ask('Starting a run of the task', (client) =>
    new TasksAPI(client).postTasksIDRuns({ taskID, body: { scheduledFor } }),
  )
  if (run.id !== undefined) return run.id
  throw new ToolError('STORE_REFUSED', {
    what: 'InfluxDB did not name the run that it started.',
    where: { server },
    next: 'Check whether a proxy changes the answers of the server, then run the command again.',
  })
}

/** The state of a run. */
export function readRun({ ask }: InfluxPlace, taskID: string, runID: string): Promise<TaskRun> {
  return ask('Asking for a run of the task', async (client): Promise<TaskRun> => {
    try {
      return toTaskRun(await new TasksAPI(client).getTasksIDRunsID({ taskID, runID }))
    } catch (error) {
      if (statusOf(error) === 404) return { state: 'missing', why: '' }
      throw error
    }
  })
}

function toTaskRun(run: Run): TaskRun {
  const { status } = run
  const state = status === 'success' || status === 'failed' || status === 'canceled' ? status : 'running'
  return { state, why: reasonIn(run) }
}

/** A task only says that its run failed: the log of that run has the reason. */
export async function readLastFailure({ ask }: InfluxPlace, taskID: string): Promise<string> {
  const { runs = [] } = await ask('Asking for the runs of the task', (client) =>
    new TasksAPI(client).getTasksIDRuns({ taskID, limit: 100 }),
  )
  const last = runs
    .filter(({ status }) => status === 'failed')
    .toSorted((one, other) => (String(one.finishedAt) < String(other.finishedAt) ? 1 : -1))[0]
  return last === undefined ? 'no reason is logged' : reasonIn(last)
}

/** A script can name an address with a token in it, and so can the reason why it failed. */
function reasonIn({ log = [] }: Run): string {
  const reason = log.map(messageOf).findLast((message) => message !== '')
  return reason === undefined ? 'no reason is logged' : hideOpaque(reason)
}

function messageOf({ message = '' }: LogEvent): string {
  return /^(Started|Completed)\b/.test(message) ? '' : message.trim()
}

export async function writeCanary(
  { ask }: InfluxPlace,
  { organizationId, measurement, run }: Canary,
  bucket: string,
  points: readonly CanaryPoint[],
): Promise<void> {
  const body = points
    .map(({ time, value }) =>
      new Point(measurement).tag('run', run).floatField('value', value).timestamp(time).toLineProtocol(),
    )
    .join('\n')
  const org = organizationId
  await ask(`Writing a point to ${bucket}`, (client) =>
    new WriteAPI(client).postWrite({ org, orgID: org, bucket, precision: 'ms', body }),
  )
}

interface ValueRow {
  readonly _field: string
  readonly _value: number
}

export async function readCanary(
  { ask }: InfluxPlace,
  { organizationId, measurement, run }: Canary,
  bucket: string,
  { from, to }: TimeSpan,
): Promise<FieldValues> {
  const query = flux`
    from(bucket: ${bucket})
      |> range(start: ${instant(from)}, stop: ${instant(to)})
      |> filter(fn: (r) => r._measurement == ${measurement} and r.run == ${run})
      |> keep(columns: ["_field", "_value"])`
  const rows = await ask(`Reading from ${bucket}`, (client) =>
    client.getQueryApi(organizationId).collectRows<ValueRow>(query),
  )
  return new Map(rows.map(({ _field, _value }) => [_field, _value]))
}

export async function removeCanary(
  { ask }: InfluxPlace,
  { organizationId, measurement, run }: Canary,
  bucket: string,
  { from, to }: TimeSpan,
): Promise<void> {
  const predicate = `_measurement="${measurement}"${run === '' ? '' : ` AND run="${run}"`}`
  const body = { start: new Date(from).toISOString(), stop: new Date(to).toISOString(), predicate }
  await ask(`Removing points from ${bucket}`, (client) =>
    new DeleteAPI(client).postDelete({ body, orgID: organizationId, bucket }),
  )
}

function instant(time: number): ReturnType<typeof fluxDateTime> {
  return fluxDateTime(new Date(time).toISOString())
}
