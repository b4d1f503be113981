import { QueryAPI } from '@influxdata/influxdb-client-apis'
import type { InfluxDeclaration } from '../declaration.ts'
import type { InfluxObservation } from '../observation.ts'
import type { FluxFault, InfluxServer } from '../ports.ts'
import { readCanary, removeCanary, writeCanary } from './canary.ts'
import { type InfluxAccess, openConnection } from './connection.ts'
import { observeOrganization } from './observe.ts'
import { countOldPoints } from './old-points.ts'
import { performDeed } from './perform.ts'
import { createPlace, type InfluxPlace } from './place.ts'
import { readLastFailure, readRun, startRun } from './runs.ts'
import { isFresh, refuseWithoutCredentials } from './set-up.ts'
import { readVersion } from './version.ts'

/** One InfluxDB 2 over its HTTP API. Nothing is asked before it is needed. */
export function createInfluxServer(access: InfluxAccess, server: string): InfluxServer {
  const place = createPlace(access, server)
  let version: Promise<string> | null = null
  const readOnce = (): Promise<string> => {
    version ??= readVersion(openConnection(access), server)
    return version
  }
  return {
    server,
    version: readOnce,
    observe: async (declaration) => {
      await readOnce()
      return observe(place, declaration)
    },
    countBefore: (organizationId, bucket, bound) => countOldPoints(place, organizationId, bucket, bound),
    analyze: (text) => analyze(place, text),
    perform: (deed) => performDeed(place, deed),
    writeCanary: (canary, bucket, points) => writeCanary(place, canary, bucket, points),
    readCanary: (canary, bucket, span) => readCanary(place, canary, bucket, span),
    removeCanary: (canary, bucket, span) => removeCanary(place, canary, bucket, span),
    startRun: (task, due) => startRun(place, task, due),
    run: (task, run) => readRun(place, task, run),
    lastFailure: (task) => readLastFailure(place, task),
    // Connections are closed when they have been silent; nothing is kept on the server.
    close: async () => {},
  }
}

async function observe(place: InfluxPlace, { organization }: InfluxDeclaration): Promise<InfluxObservation> {
  if (!(await isFresh(place))) return observeOrganization(place, organization.name)
  refuseWithoutCredentials(place)
  return { type: 'fresh' }
}

async function analyze({ ask }: InfluxPlace, query: string): Promise<readonly FluxFault[]> {
  const { errors = [] } = await ask('Reading a script', (client) =>
    new QueryAPI(client).postQueryAnalyze({ body: { query, type: 'flux' } }),
  )
  return errors.map(({ line = 1, column = 1, message = '' }) => ({ line, column, message }))
}
