import type { StoreSession } from '../../../src/stores/contract.ts'
import { sessionOver } from '../../../src/stores/define-store.ts'
import type { RedisAccess } from '../../../src/stores/redis/connection.ts'
import type { Declaration } from '../../../src/stores/redis/declaration.ts'
import { openRedis } from '../../../src/stores/redis/driver.ts'
import { parts } from '../../../src/stores/redis/index.ts'
import type { RedisDriver } from '../../../src/stores/redis/ports.ts'
import type { StorePlan } from '../../../src/stores/store-plan.ts'

/** Nothing declared. */
const nothingDeclared: Declaration = {
  cluster: null,
  settings: new Map(),
  users: [],
  families: [],
  functions: new Map(),
  sample: 1000,
}

export interface TestSessionOptions {
  readonly ports: readonly number[]
  /** Without the prefix. */
  readonly declaration: Partial<Declaration>
  readonly access?: Partial<RedisAccess>
  /** In place of the one that is opened at the ports. */
  readonly driver?: RedisDriver
  readonly prefix?: string
  readonly waitTimeout?: number
  /** Milliseconds. */
  readonly lease?: number
  readonly report?: (message: string) => void
}

export function openTestSession({
  ports,
  declaration,
  access = {},
  prefix = '',
  waitTimeout = 20_000,
  report = () => {},
  driver,
  lease,
}: TestSessionOptions): StoreSession {
  const endpoints = ports.map((port) => ({ host: '127.0.0.1', port }))
  const secure = (access.tls ?? null) !== null
  const usual = { endpoints, user: null, password: null, secure, tls: null, timeout: 2_000 }
  return sessionOver(parts, {
    declaration: { ...nothingDeclared, ...declaration },
    prefix,
    server: endpoints.map(({ host, port }) => `${host}:${port}`).join(','),
    user: access.user ?? null,
    driver: driver ?? openRedis({ ...usual, ...access }),
    run: {
      report,
      holder: `tester@here, process ${process.pid}`,
      stop: { requested: false, killRequested: false, onStop: () => () => {}, onKill: () => () => {} },
      now: () => Date.now(),
      waitTimeout,
      ...(lease === undefined ? {} : { lease }),
    },
  })
}

/** Plans and carries out everything; returns the plan. */
export async function applyAll(session: StoreSession): Promise<StorePlan> {
  const plan = await session.plan()
  for (const change of plan.changes) {
    await session.apply(change).catch((error: unknown) => {
      throw new Error(`${change.summary}: ${String(error)} ${JSON.stringify(error)}`, { cause: error })
    })
  }
  return plan
}
