import type { BackfillOutcome, BackfillRequest, StoreRun } from '../../../../src/stores/contract.ts'
import { backfill } from '../../../../src/stores/influxdb/backfill.ts'
import type { Declaration, DownsamplingDeclaration } from '../../../../src/stores/influxdb/declaration.ts'
import { guardWrites } from '../../../../src/stores/influxdb/lock.ts'
import type { BackfillPosition, InfluxDriver, ObservedContent, TaskRun } from '../../../../src/stores/influxdb/ports.ts'
import { noOtherKinds } from '../../../helpers/influxdb/undeclared-kinds.ts'
import { contentOf } from './world.ts'

export const hour = 3_600_000
export const start = Date.parse('2026-11-01T00:00:00Z')
/** The task waits ten minutes, so that 24 windows have ended. */
export const present = start + 24 * hour + 11 * 60_000

const task: DownsamplingDeclaration = {
  name: 'pr_1_hourly',
  description: null,
  from: 'hot',
  to: 'cold',
  windowSeconds: 3600,
  everySeconds: 3600,
  offsetSeconds: 600,
  lookBackSeconds: 3 * 3600,
  aggregates: ['count'],
  measurements: [],
  active: true,
}

export function declare(changes: Partial<DownsamplingDeclaration> = {}, keptHours = 30 * 24): Declaration {
  return {
    organization: { name: 'o', description: null },
    buckets: [
      { name: 'hot', description: null, rule: { seconds: keptHours * 3600, shardGroupSeconds: 3600 } },
      { name: 'cold', description: null, rule: { seconds: 0, shardGroupSeconds: 3600 } },
    ],
    downsamplings: [{ ...task, ...changes }],
    ...noOtherKinds,
    tokens: [],
    mappings: [],
  }
}

/** A server that keeps what a backfill keeps. A run that fails, and what comes after it, stands for a kill. */
export interface Server {
  readonly kept: Map<string, BackfillPosition>
  /** The ends of the windows of each run, in the order in which they began. */
  readonly runs: number[]
  /** Of each run, by its number; a run that is not here succeeds. */
  readonly states: Map<number, TaskRun['state']>
  /** Instead of what is declared. */
  content: ObservedContent | null
}

export function makeServer(): Server {
  return { kept: new Map(), runs: [], states: new Map(), content: null }
}

const never = (): never => {
  throw new Error('a backfill does not send this request')
}

export function driverOf(server: Server, declaration: Declaration): InfluxDriver {
  const nameOf = ({ task: name, from, end }: BackfillPosition): string => `${name} ${from} ${end}`
  return {
    version: never,
    listOrganizations: never,
    observe: async () => ({ type: 'content', content: server.content ?? contentOf(declaration) }),
    countBefore: never,
    analyze: never,
    write: never,
    writeCanary: never,
    readCanary: never,
    removeCanary: never,
    startRun: async (_task, due) => {
      server.runs.push(Math.floor(due / hour) * hour)
      return String(server.runs.length)
    },
    run: async (_task, run) => ({ state: server.states.get(Number(run)) ?? 'success', why: 'because' }),
    readBackfills: async (_organization, name) => [...server.kept.values()].filter((one) => one.task === name),
    keepBackfill: async (_organization, position) => {
      server.kept.set(nameOf(position), position)
    },
    forgetBackfill: async (_organization, position) => {
      server.kept.delete(nameOf(position))
    },
    lock: never,
    lastFailure: never,
    close: async () => undefined,
  }
}

export interface Given {
  readonly now?: number
  readonly declaration?: Declaration
  readonly run?: Partial<StoreRun>
  readonly guard?: () => Promise<void>
}

export const noStop = {
  requested: false,
  killRequested: false,
  onStop: () => () => undefined,
  onKill: () => () => undefined,
}

export function runBackfill(
  server: Server,
  request: Partial<BackfillRequest>,
  { now = present, declaration = declare(), run = {}, guard = async () => undefined }: Given = {},
): Promise<BackfillOutcome> {
  const context = {
    declaration,
    prefix: 'pr_1_',
    server: '127.0.0.1:8086',
    user: null,
    driver: guardWrites(driverOf(server, declaration), guard),
    run: { report: () => undefined, holder: 'tester@here', now: () => now, stop: noStop, ...run },
  }
  return backfill(context, { task: 'hourly', from: start, to: null, dryRun: false, ...request })
}
