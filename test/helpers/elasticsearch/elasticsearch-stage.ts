import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import type { PlanOptions, StoreSession } from '../../../src/stores/contract.ts'
import { sessionOver } from '../../../src/stores/define-store.ts'
import type { Declaration } from '../../../src/stores/elasticsearch/declaration.ts'
import { connect, type ElasticsearchConnection } from '../../../src/stores/elasticsearch/driver.ts'
import { parts } from '../../../src/stores/elasticsearch/index.ts'
import type { StorePlan } from '../../../src/stores/store-plan.ts'
import { testElasticsearch } from '../servers/servers.ts'
import { emptyDeclaration } from './elasticsearch-declaration.ts'

/** A prefix of a test file's own on an Elasticsearch, and two ways to it: sessions, and plain requests as by hand. */
export interface ElasticsearchStage {
  readonly url: string
  readonly prefix: string
  readonly session: (declaration: Declaration, options?: SessionOptions) => StoreSession
  /** Throws what the server says where it does not do it. */
  readonly request: (method: string, path: string, body?: unknown) => Promise<Answer>
}

interface SessionOptions {
  /** What the clock says, in milliseconds since the epoch. */
  readonly now?: number
  /** Milliseconds. */
  readonly lease?: number
  /** What is asked for beyond the declaration. */
  readonly options?: PlanOptions
  /** Another prefix than the stage's. */
  readonly prefix?: string
  /** What is otherwise than without security. */
  readonly connection?: Partial<ElasticsearchConnection>
}

// biome-ignore lint/suspicious/noExplicitAny: answers of the server are looked into freely by tests.
export type Answer = any

/** Gives a file a stage on the shared node, or on another, and clears it afterwards. */
export function withElasticsearch(
  url: () => Promise<string> = async () => (await testElasticsearch()).url,
): () => ElasticsearchStage {
  let stage: ElasticsearchStage | null = null
  beforeAll(async () => {
    stage = makeStage(await url())
  })
  afterAll(async () => {
    await stage?.session(emptyDeclaration).clear()
  })
  return () => {
    if (stage === null) throw new Error('the stage is not there yet')
    return stage
  }
}

export function makeStage(url: string, prefix = `t${randomBytes(4).toString('hex')}_`): ElasticsearchStage {
  return {
    url,
    prefix,
    session: (declaration, options) => openSession(url, options?.prefix ?? prefix, declaration, options),
    request: (method, path, body) => request(url, method, path, body),
  }
}

async function request(url: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return JSON.parse(text)
}

const neverStops = { requested: false, killRequested: false, onStop: () => () => {}, onKill: () => () => {} }

function openSession(
  url: string,
  prefix: string,
  declaration: Declaration,
  { now, lease, connection, options }: SessionOptions = {},
): StoreSession {
  const { hostname, port } = new URL(url)
  const driver = connect({
    endpoints: [{ host: hostname, port: Number(port) }],
    secure: false,
    path: '',
    user: null,
    password: null,
    token: null,
    tls: null,
    label: `${hostname}:${port}`,
    ...connection,
  })
  const run = {
    holder: `tester@here, process ${process.pid}`,
    report: () => {},
    stop: neverStops,
    now: () => now ?? Date.now(),
    ...(lease === undefined ? {} : { lease }),
  }
  const user = connection?.user ?? null
  return sessionOver(parts, {
    declaration,
    prefix,
    server: `${hostname}:${port}`,
    user,
    driver,
    run,
    ...(options === undefined ? {} : { options }),
  })
}

/** Plans, does all of it, and plans again. */
export async function applyAll(
  session: StoreSession,
): Promise<{ readonly plan: StorePlan; readonly after: StorePlan }> {
  const plan = await session.plan()
  for (const change of plan.changes) await session.apply(change)
  return { plan, after: await session.plan() }
}
