import { env } from 'node:process'
import type { TestProject } from 'vitest/node'
import { assertNever } from '../../src/domain/tool-error.ts'
import { findElasticsearch } from '../../src/sandbox/stores/elasticsearch-program.ts'
import { findInfluxd } from '../../src/sandbox/stores/influxd-program.ts'
import { findMongodb } from '../../src/sandbox/stores/mongodb-program.ts'
import { findRedis } from '../../src/sandbox/stores/redis-program.ts'
import { type Desk, openDesk } from './desk.ts'
import { findRouter } from './group.ts'
import { parseOptional, type ServerName, serverNames } from './optional.ts'
import { findRedis62 } from './redis62.ts'
import type { TestServer } from './shared-servers.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    readonly desk: DeskContext
  }
}

/** What every test file is given. */
interface DeskContext {
  readonly address: string
  readonly runDirectory: string
  readonly server: TestServer | null
  readonly absent: readonly ServerName[]
}

interface Shared {
  readonly desk: Desk
  readonly context: DeskContext
  projects: number
}

/** Every project of a run loads this file for itself; what they share must hang on something that exists once. */
const key = Symbol.for('wwdb.test.servers')
const shelf = globalThis as { [key]?: Promise<Shared> }

export async function setup(project: TestProject): Promise<void> {
  shelf[key] ??= begin()
  const shared = await shelf[key]
  shared.projects += 1
  project.provide('desk', shared.context)
}

export async function teardown(): Promise<void> {
  const shared = await shelf[key]
  if (shared === undefined) return
  shared.projects -= 1
  if (shared.projects > 0) return
  delete shelf[key]
  await shared.desk.close()
}

/** Starts what nearly every file needs and says which servers there are. What only some files need starts on demand. */
async function begin(): Promise<Shared> {
  const optional = parseOptional(env['WWDB_TEST_OPTIONAL'])
  const desk = await openDesk()
  try {
    const absent: ServerName[] = []
    for (const name of serverNames) {
      if (name !== 'mysql' && !optional.has(name)) continue
      if (!(await isThere(desk, name, optional.has(name)))) absent.push(name)
    }
    const server = absent.includes('mysql') ? null : await desk.server('9.7')
    const context = { address: desk.address, runDirectory: desk.runDirectory, server, absent }
    return { desk, context, projects: 0 }
  } catch (error) {
    await desk.close()
    throw error
  }
}

async function isThere(desk: Desk, name: ServerName, optional: boolean): Promise<boolean> {
  try {
    await find(desk, name)
    return true
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    if (!optional) throw new Error(`Test server ${name} is required and cannot be had: ${why}`, { cause: error })
    console.error(`Test server ${name}: absent, as WWDB_TEST_OPTIONAL allows (${why})`)
    return false
  }
}

/** Starts nothing that is started on demand, where looking for it is enough. */
async function find(desk: Desk, name: ServerName): Promise<unknown> {
  switch (name) {
    case 'group':
      return findRouter()
    case 'influxdb':
      return findInfluxd()
    case 'redis':
      return findRedis()
    case 'redis62':
      return findRedis62()
    case 'elasticsearch':
      return findElasticsearch()
    case 'mongodb':
      return findMongodb()
    case 'mysql':
      return desk.server('9.7')
    case 'mysql80':
      return desk.server('8.0')
    default:
      return assertNever(name)
  }
}
