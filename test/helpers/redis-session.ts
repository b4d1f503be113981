import type { StorePlan } from '../../src/core/store.ts'
import type { StoreSession } from '../../src/stores/contract.ts'
import type { RedisDeclaration } from '../../src/stores/redis/declaration.ts'
import type { RedisAccess } from '../../src/stores/redis/driver/connection.ts'
import { openRedisNodes } from '../../src/stores/redis/driver/nodes.ts'
import type { RedisNodes } from '../../src/stores/redis/ports.ts'
import { openRedisSession } from '../../src/stores/redis/session.ts'

/** Nothing declared. */
const nothingDeclared: RedisDeclaration = {
  cluster: null,
  settings: new Map(),
  users: [],
  families: [],
  sample: 1000,
}

export interface TestSessionOptions {
  readonly ports: readonly number[]
  readonly declaration: Partial<RedisDeclaration>
  readonly access?: Partial<RedisAccess>
  /** In place of those that are opened at the ports. */
  readonly nodes?: RedisNodes
  readonly prefix?: string
  readonly patience?: number
  readonly say?: (message: string) => void
}

export function openTestSession({
  ports,
  declaration,
  access = {},
  prefix = '',
  patience = 20_000,
  say,
  nodes,
}: TestSessionOptions): StoreSession {
  const endpoints = ports.map((port) => ({ host: '127.0.0.1', port }))
  return openRedisSession({
    declaration: { ...nothingDeclared, ...declaration },
    nodes: nodes ?? openRedisNodes({ endpoints, user: null, password: null, tls: null, patience: 2_000, ...access }),
    surroundings: {
      say: say ?? (() => {}),
      stop: { requested: false, killRequested: false, onStop: () => () => {}, onKill: () => () => {} },
      now: () => Date.now(),
    },
    prefix,
    patience,
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
