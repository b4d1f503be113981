import { QueryAPI } from '@influxdata/influxdb-client-apis'
import type { StoreConfig } from '../../config/config.ts'
import { hideOpaque } from '../hide-secrets.ts'
import { forgetBackfill, keepBackfill, readBackfills } from './driver-backfill.ts'
import { createPlace, type InfluxAccess, type InfluxPlace, openConnection } from './driver-connection.ts'
import { lockLabel } from './driver-lock.ts'
import { listOrganizations, type ObserveRequest, observeOrganization } from './driver-observe.ts'
import {
  countOldPoints,
  readCanary,
  readLastFailure,
  readRun,
  removeCanary,
  startRun,
  writeCanary,
} from './driver-points.ts'
import { isFresh, onceSetUp, readVersion, refuseWithoutCredentials } from './driver-setup.ts'
import { write } from './driver-write.ts'
import type { FluxFault, InfluxDriver, ServerState } from './ports.ts'

/** Connects when the first request needs it. */
export function connect(
  config: Pick<StoreConfig, 'label' | 'secure' | 'path' | 'token' | 'user' | 'password' | 'tls'>,
): InfluxDriver {
  const { secure, label, path } = config
  const url = `${secure ? 'https' : 'http'}://${label}${path === '' ? '' : `/${path}`}`
  return openInfluxdb({ ...config, url }, label)
}

/** One InfluxDB 2 over its HTTP API. */
export function openInfluxdb(access: InfluxAccess, server: string): InfluxDriver {
  const place = createPlace(access, server)
  let version: Promise<string> | null = null
  const readOnce = (): Promise<string> => {
    version ??= readVersion(openConnection(access), server)
    return version
  }
  return {
    version: readOnce,
    listOrganizations: async () => {
      await readOnce()
      return (await isFresh(place)) ? [] : onceSetUp(place, () => listOrganizations(place))
    },
    observe: async (declaration, needs = 'declared') =>
      observeServer(place, { declaration, needs, version: await readOnce() }),
    countBefore: (organizationId, bucket, bound) => countOldPoints(place, organizationId, bucket, bound),
    analyze: (text) => analyze(place, text),
    write: (change) => write(place, change),
    writeCanary: (canary, bucket, points) => writeCanary(place, canary, bucket, points),
    readCanary: (canary, bucket, span) => readCanary(place, canary, bucket, span),
    removeCanary: (canary, bucket, span) => removeCanary(place, canary, bucket, span),
    startRun: (task, due) => startRun(place, task, due),
    run: (task, run) => readRun(place, task, run),
    lastFailure: (task) => readLastFailure(place, task),
    readBackfills: (organizationId, task) => readBackfills(place, organizationId, task),
    keepBackfill: (organizationId, position) => keepBackfill(place, organizationId, position),
    forgetBackfill: (organizationId, position) => forgetBackfill(place, organizationId, position),
    lock: (organization) => lockLabel(place, organization),
    // The library closes idle connections; nothing is kept on the server.
    close: async () => {},
  }
}

async function observeServer(place: InfluxPlace, request: ObserveRequest): Promise<ServerState> {
  if (!(await isFresh(place))) return onceSetUp(place, () => observeOrganization(place, request))
  refuseWithoutCredentials(place)
  return { type: 'fresh' }
}

async function analyze({ ask }: InfluxPlace, query: string): Promise<readonly FluxFault[]> {
  const { errors = [] } = await ask('Reading a script', (client) =>
    new QueryAPI(client).postQueryAnalyze({ body: { query, type: 'flux' } }),
  )
  // An error can quote the script.
  return errors.map(({ line = 1, column = 1, message = '' }) => ({ line, column, message: hideOpaque(message) }))
}
