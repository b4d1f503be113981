import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import { endServer, startServer } from '../../../src/sandbox/local-server.ts'
import { findInfluxd, influxdbServer } from '../../../src/stores/influxdb/sandbox.ts'
import { freePort } from '../servers/ports.ts'
import { isAvailable } from '../servers/servers.ts'

/** An InfluxDB of a test's own. It is not set up. */
export interface TestInfluxdb {
  readonly port: number
  readonly url: string
  /** As `stores.influxdb.url` names it to people. */
  readonly label: string
  readonly version: string
  /** As a crash would: nothing in memory is written down. */
  readonly kill: () => Promise<void>
  /** Starts it again on its port, with its data. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Milliseconds. On an empty cache, the first test that asks waits until the server is built. */
export const longestBuild = 45 * 60_000

/** Describes what needs an InfluxDB: nothing is run where WWDB_TEST_OPTIONAL allows it to be absent and it is. */
export const describeInfluxdb = describe.runIf(isAvailable('influxdb'))

/** One server for the file that asks, ended after its tests. */
export function withInfluxdb(flags: readonly string[] = []): () => TestInfluxdb {
  let server: TestInfluxdb | null = null
  beforeAll(async () => {
    if (isAvailable('influxdb')) server = await startInfluxdb(flags)
  }, longestBuild)
  afterAll(() => server?.stop())
  return () => {
    if (server === null) throw new Error('there is no InfluxDB')
    return server
  }
}

/** Starts an influxd, the one on PATH or one that was built into the cache. It is ended with the test run at the latest. */
async function startInfluxdb(flags: readonly string[] = []): Promise<TestInfluxdb> {
  const program = await findInfluxd({ report: (message) => console.error(message), interrupted: () => false })
  const port = await freePort()
  const directory = join(inject('servers').runDirectory, `influxd-${port}`)
  const launch = () => startServer(influxdbServer, { program, directory, port, flags })
  let server = await launch()
  const end = async (signal: 'SIGINT' | 'SIGKILL'): Promise<void> => {
    if (!(await endServer(influxdbServer, server, signal))) throw new Error(`influxd ${server.pid} does not end`)
  }
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    label: `127.0.0.1:${port}`,
    version: program.version,
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGINT')
      server = await launch()
    },
    stop: async () => {
      await end('SIGINT')
      await rm(directory, { recursive: true, force: true })
    },
  }
}
