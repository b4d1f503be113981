import { expect, it } from 'vitest'
import type { InfluxDriver, TaskRun } from '../../../../src/stores/influxdb/ports.ts'
import { checkArrival } from '../../../../src/stores/influxdb/verify.ts'
import { metricsDeclaration } from '../../../helpers/influxdb/influxdb-session.ts'

const never = (): never => {
  throw new Error('a proof of arrival does not send this request')
}

/** A server whose tasks never come to an end. */
function busyServer(removed: string[], state: TaskRun['state']): InfluxDriver {
  return {
    version: never,
    listOrganizations: never,
    observe: never,
    countBefore: never,
    analyze: never,
    write: never,
    writeCanary: async () => undefined,
    readCanary: never,
    removeCanary: async (_canary, bucket) => {
      removed.push(bucket)
    },
    startRun: async () => 'run',
    run: async () => ({ state, why: '' }),
    readBackfills: never,
    keepBackfill: never,
    forgetBackfill: never,
    lock: never,
    lastFailure: never,
    close: async () => undefined,
  }
}

const content = {
  organization: { id: 'o', name: 'wework', description: '' },
  buckets: [],
  tasks: [],
  checks: [],
  endpoints: [],
  rules: [],
  labels: [],
  tokens: [],
  mappings: [],
}

it.each(['running', 'missing'] as const)(
  'the proof of arrival stops when that is requested, reports it and removes its points (%s)',
  async (state) => {
    const [task] = metricsDeclaration('/tokens').downsamplings
    if (task === undefined) throw new Error('the declaration has a task')
    const stop = {
      requested: false,
      killRequested: false,
      onStop: () => () => undefined,
      onKill: () => () => undefined,
    }
    const removed: string[] = []
    const report = (): void => {
      stop.requested = true
    }
    const check = await checkArrival(task, content, {
      driver: busyServer(removed, state),
      run: { report, holder: 'tester@here', now: Date.now, stop },
    })
    expect(check).toMatchObject({ state: 'bad', seen: 'stopped before a run of metrics_hourly ended' })
    expect(new Set(removed)).toEqual(new Set(['metrics_hot', 'metrics_cold']))
  },
)
