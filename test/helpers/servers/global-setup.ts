import { env } from 'node:process'
import { setTimeout } from 'node:timers/promises'
import type { TestProject } from 'vitest/node'
import { assertNever, ToolError } from '../../../src/core/tool-error.ts'
import { buildElasticsearch } from '../../../src/stores/elasticsearch/sandbox.ts'
import { findInfluxd } from '../../../src/stores/influxdb/sandbox.ts'
import { findMongodb } from '../../../src/stores/mongodb/sandbox.ts'
import { findRedis } from '../../../src/stores/redis/sandbox.ts'
import { findRouter } from '../mysql/group.ts'
import { findPtOsc } from '../operate/pt-osc.ts'
import { findRedis62 } from '../redis/redis62.ts'
import { findChromium } from '../report/chromium.ts'
import { findVitess } from '../vitess/vitess-program.ts'
import { parseOptional, type ServerName, serverNames } from './optional.ts'
import { openServerPool, type ServerPool } from './server-pool.ts'
import type { TestServer } from './shared-servers.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    readonly servers: ServerContext
  }
}

/** What every test file is given. */
interface ServerContext {
  readonly address: string
  readonly runDirectory: string
  readonly server: TestServer | null
  readonly absent: readonly ServerName[]
}

interface Shared {
  readonly pool: ServerPool
  readonly context: ServerContext
  projects: number
}

/** Every project of a run loads this file for itself; what they share must hang on something that exists once. */
const key = Symbol.for('wwdb.test.servers')
const shelf = globalThis as { [key]?: Promise<Shared> }

export async function setup(project: TestProject): Promise<void> {
  shelf[key] ??= begin()
  const shared = await shelf[key]
  shared.projects += 1
  project.provide('servers', shared.context)
}

export async function teardown(): Promise<void> {
  const shared = await shelf[key]
  if (shared === undefined) return
  shared.projects -= 1
  if (shared.projects > 0) return
  delete shelf[key]
  await shared.pool.close()
}

/** Starts what nearly every file needs and says which servers there are. What only some files need starts on demand. */
async function begin(): Promise<Shared> {
  const optional = parseOptional(env['WWDB_TEST_OPTIONAL'])
  const pool = await openServerPool()
  try {
    const absent = await lookFor(pool, optional)
    const server = absent.includes('mysql') ? null : await pool.server('9.7')
    const context = { address: pool.address, runDirectory: pool.runDirectory, server, absent }
    return { pool, context, projects: 0 }
  } catch (error) {
    await pool.close()
    throw error
  }
}

/**
 * Looks for the servers that may be absent, and returns those that are. Before a run of everything (WWDB_TEST_FETCH=all) it looks for all:
 * a test that fetched one itself would want the time for it, and be slowed down by the compilers of another.
 */
async function lookFor(pool: ServerPool, optional: ReadonlySet<ServerName>): Promise<readonly ServerName[]> {
  const everything = env['WWDB_TEST_FETCH'] === 'all'
  const wanted = serverNames.filter((name) => everything || name === 'mysql' || optional.has(name))
  const absent: ServerName[] = []
  const failures: unknown[] = []
  const hasFailed = (): boolean => failures.length > 0
  const look = async (line: readonly ServerName[]): Promise<void> => {
    for (const name of line) {
      if (!hasFailed() && !(await isThere(pool, name, optional.has(name), hasFailed))) absent.push(name)
    }
  }
  // One after the other, as two of Maven disturb each other; InfluxDB and Vitess are compiled meanwhile, and no longer than there is hope.
  const isCompiled = (name: ServerName): boolean => name === 'influxdb' || name === 'vitess'
  const lines = [wanted.filter(isCompiled), wanted.filter((name) => !isCompiled(name))]
  await Promise.all(lines.map((line) => look(line).catch((error: unknown) => failures.push(error))))
  if (hasFailed()) throw failures[0]
  return absent
}

async function isThere(
  pool: ServerPool,
  name: ServerName,
  optional: boolean,
  interrupted: () => boolean,
): Promise<boolean> {
  try {
    await findWithRetries(pool, name, interrupted)
    return true
  } catch (error) {
    if (!optional) {
      throw new Error(`Test server ${name} is required and cannot be had: ${reasonOf(error)}`, { cause: error })
    }
    console.error(`Test server ${name}: absent, as WWDB_TEST_OPTIONAL allows (${reasonOf(error)})`)
    return false
  }
}

/** Networks have bad moments: what was not fetched is tried again, twice. */
async function findWithRetries(pool: ServerPool, name: ServerName, interrupted: () => boolean): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await find(pool, name, interrupted)
      return
    } catch (error) {
      if (attempt === 3 || interrupted() || (error instanceof ToolError && error.code === 'SANDBOX_UNAVAILABLE'))
        throw error
      console.error(`Test server ${name}: trying again (${reasonOf(error)})`)
      await setTimeout(attempt * 5000)
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof ToolError)
    return error.faults.map(({ what, why }) => [what, why].filter(Boolean).join(' ')).join(' ')
  return error instanceof Error ? error.message : String(error)
}

/** Starts nothing that is started on demand, where looking for it is enough. */
async function find(pool: ServerPool, name: ServerName, interrupted: () => boolean): Promise<unknown> {
  switch (name) {
    case 'chromium':
      return findChromium()
    case 'pt-osc':
      return findPtOsc()
    case 'group':
      return findRouter()
    case 'influxdb':
      return findInfluxd({ report: (message) => console.error(message), interrupted })
    case 'redis':
      return findRedis()
    case 'redis62':
      return findRedis62()
    case 'elasticsearch':
      return buildElasticsearch()
    case 'mongodb':
      return findMongodb()
    case 'vitess':
      return findVitess({ report: (message) => console.error(message), interrupted })
    case 'mysql':
      return pool.server('9.7')
    case 'mysql80':
      return pool.server('8.0')
    default:
      return assertNever(name)
  }
}
