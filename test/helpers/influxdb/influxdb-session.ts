import type { TlsConfig } from '../../../src/config/config.ts'
import { Secret } from '../../../src/config/secret.ts'
import type { StoreRun, StoreSession } from '../../../src/stores/contract.ts'
import { sessionOver } from '../../../src/stores/define-store.ts'
import type { Declaration } from '../../../src/stores/influxdb/declaration.ts'
import { openInfluxdb } from '../../../src/stores/influxdb/driver.ts'
import { parts as influxdbParts } from '../../../src/stores/influxdb/index.ts'
import type { StorePlan } from '../../../src/stores/store-plan.ts'
import type { TestInfluxdb } from './influxdb-server.ts'
import { noOtherKinds } from './undeclared-kinds.ts'

/** The first user of the test servers, and its token. */
export const influxAdmin = { user: 'admin', password: 'only-for-tests', token: 'token-of-the-tests' } as const

const day = 86_400
const hour = 3600

/** Two buckets, one task, a writer and a reader, a mapping: all that can be declared. `tokens` is the folder that tokens go to. */
export function metricsDeclaration(tokens: string): Declaration {
  return {
    organization: { name: 'wework', description: 'the platform' },
    buckets: [
      { name: 'metrics_hot', description: '热数据', rule: { seconds: 30 * day, shardGroupSeconds: day } },
      { name: 'metrics_cold', description: null, rule: { seconds: 365 * day, shardGroupSeconds: 7 * day } },
    ],
    downsamplings: [
      {
        name: 'metrics_hourly',
        description: 'hot to cold',
        from: 'metrics_hot',
        to: 'metrics_cold',
        windowSeconds: hour,
        everySeconds: hour,
        offsetSeconds: 600,
        lookBackSeconds: 3 * hour,
        aggregates: ['mean', 'min', 'max', 'count'],
        measurements: [],
        active: true,
      },
    ],
    ...noOtherKinds,
    tokens: [
      { name: 'metrics_writer', read: [], write: ['metrics_hot'], file: `${tokens}/writer.token` },
      { name: 'metrics_reader', read: ['metrics_hot', 'metrics_cold'], write: [], file: `${tokens}/reader.token` },
    ],
    mappings: [{ database: 'metrics', retentionPolicy: 'hot', bucket: 'metrics_hot', isDefault: true }],
  }
}

export interface InfluxSessionParts {
  readonly declaration: Declaration
  readonly prefix?: string
  readonly token?: string | null
  readonly user?: string | null
  readonly password?: string | null
  readonly tls?: TlsConfig | null
  readonly now?: () => number
  /** Milliseconds. */
  readonly lease?: number
  /** Instead of a run that reports nothing and is not stopped. */
  readonly run?: Pick<StoreRun, 'report' | 'stop'>
}

/** A session as the tool opens one, over the real driver. */
export function openInfluxSession(
  server: Pick<TestInfluxdb, 'url' | 'label'>,
  parts: InfluxSessionParts,
): StoreSession {
  const { declaration, prefix = '', tls = null, now = Date.now, lease, run } = parts
  const { token = influxAdmin.token, user = influxAdmin.user, password = influxAdmin.password } = parts
  const access = {
    url: server.url,
    token: token === null ? null : new Secret(token),
    user,
    password: password === null ? null : new Secret(password),
    tls,
  }
  return sessionOver(influxdbParts, {
    declaration,
    prefix,
    server: server.label,
    user,
    driver: openInfluxdb(access, server.label),
    run: {
      report: () => undefined,
      holder: `tester@here, process ${process.pid}`,
      now,
      ...(lease === undefined ? {} : { lease }),
      stop: { requested: false, killRequested: false, onStop: () => () => undefined, onKill: () => () => undefined },
      ...run,
    },
  })
}

/** Plans and carries out all of it, losses too; returns the plan. */
export async function applyAll(session: StoreSession): Promise<StorePlan> {
  const plan = await session.plan()
  for (const change of plan.changes) await session.apply(change)
  return plan
}
