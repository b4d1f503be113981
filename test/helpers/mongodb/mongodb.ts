import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { kill } from 'node:process'
import { MongoClient } from 'mongodb'
import { describe, inject } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { endServer, type LocalServer, startServer } from '../../../src/sandbox/local-server.ts'
import { findMongodb, mongodbServer } from '../../../src/stores/mongodb/sandbox.ts'
import { freePort } from '../servers/ports.ts'
import { isAvailable } from '../servers/servers.ts'

/** A mongod of a test's own, which it may kill, stop for a while and start again on the same data and port. */
export interface TestMongodb {
  readonly port: number
  /** `127.0.0.1:38123`. */
  readonly address: string
  /** Holds its data and its log. */
  readonly directory: string
  /** Connected to this server alone, without a user. */
  readonly client: MongoClient
  /** SIGKILL unless another signal is given; returns when the process is gone. */
  readonly kill: (signal?: 'SIGTERM' | 'SIGKILL') => Promise<void>
  /** Starts it again, after kill(). */
  readonly restart: (options?: { readonly empty?: boolean; readonly replicaSet?: string | null }) => Promise<void>
  /** SIGSTOP: its port still takes connections, and nothing answers. */
  readonly freeze: () => void
  /** SIGCONT. */
  readonly thaw: () => void
  readonly stop: () => Promise<void>
}

export interface TestMongodbOptions {
  /** Null is a server alone. */
  readonly replicaSet?: string | null
  readonly flags?: readonly string[]
}

/** Describes what needs a mongod: nothing is run where WWDB_TEST_OPTIONAL allows it to be absent and it is. */
export const describeMongodb = describe.runIf(isAvailable('mongodb'))

/** The name of the set that test servers are started for, unless another is given. */
export const testSet = 'rs0'

/** A failure is noticed and a primary elected within some two seconds. */
export const quickSettings = {
  electionTimeoutMillis: 1000,
  heartbeatIntervalMillis: 200,
  catchUpTimeoutMillis: 1000,
} as const

const quickFlags = [
  '--setParameter',
  'ttlMonitorSleepSecs=1',
  '--setParameter',
  'diagnosticDataCollectionEnabled=false',
]

/** Starts a mongod: the one on PATH, else the portable one. Throws where neither can be had. */
export async function startMongodb({
  replicaSet = testSet,
  flags = [],
}: TestMongodbOptions = {}): Promise<TestMongodb> {
  const program = await findMongodb()
  // Two that chose one port at once must not share a folder as well.
  const name = randomUUID().slice(0, 8)
  const start = (port: number, set = replicaSet): Promise<LocalServer> => {
    const directory = folderOf(port, name)
    return startServer(mongodbServer, { program, directory, port, replicaSet: set, flags: [...quickFlags, ...flags] })
  }
  let node = await onFreePort((port) => start(port))
  const { port, directory } = node
  const client = new MongoClient(`mongodb://127.0.0.1:${port}`, {
    directConnection: true,
    serverSelectionTimeoutMS: 10_000,
  })
  return {
    port,
    address: `127.0.0.1:${port}`,
    directory,
    client,
    kill: async (signal = 'SIGKILL') => {
      await endServer(mongodbServer, node, signal)
    },
    restart: async ({ empty = false, replicaSet: set = replicaSet } = {}) => {
      if (empty) await rm(directory, { recursive: true, force: true })
      node = await start(port, set)
    },
    freeze: () => kill(node.pid, 'SIGSTOP'),
    thaw: () => kill(node.pid, 'SIGCONT'),
    stop: async () => {
      await client.close()
      await endServer(mongodbServer, node, 'SIGKILL')
      // In memory: 300 MB that the servers of a whole run would add up.
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Several of them, which know nothing of each other yet. */
export async function startMongodbs(count: number, options: TestMongodbOptions = {}): Promise<readonly TestMongodb[]> {
  return Promise.all(Array.from({ length: count }, () => startMongodb(options)))
}

function folderOf(port: number, name: string): string {
  // The folder in its command line and the file with its id let the next run end it, should this one be killed.
  return join(inject('servers').runDirectory, `mongodb-${port}-${name}`)
}

/** A port that was only seen to be free is not held: another file may be quicker. */
async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await start(await freePort())
    } catch (error) {
      if (attempt >= 10 || !(error instanceof ToolError && error.code === 'PORT_IN_USE')) throw error
    }
  }
}
