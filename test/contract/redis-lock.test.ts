import { afterAll, beforeAll, describe } from 'vitest'
import type { ServerProgram } from '../../src/sandbox/programs.ts'
import type { Declaration } from '../../src/stores/redis/declaration.ts'
import { findRedis } from '../../src/stores/redis/sandbox.ts'
import { startBareNodes, type TestRedisCluster } from '../helpers/redis/redis-cluster.ts'
import { openTestSession } from '../helpers/redis/redis-session.ts'
import { findRedis62 } from '../helpers/redis/redis62.ts'
import { isAvailable } from '../helpers/servers/servers.ts'
import { describeSetupLock } from './setup-lock.contract.ts'

const versions: readonly (readonly [string, 'redis' | 'redis62', () => Promise<ServerProgram>])[] = [
  ['the current Redis', 'redis', findRedis],
  ['Redis 6.2', 'redis62', findRedis62],
]

const settings = new Map([['maxmemory', '64mb']])
const first: Partial<Declaration> = { cluster: { replicas: 1, separateHosts: false }, settings }
const more = { ...first, settings: new Map([...settings, ['maxmemory-policy', 'volatile-lru']]) }

describe.each(versions)('the lock of setup in a bare cluster of %s', (_name, program, find) => {
  describe.runIf(isAvailable(program))('with replicas', () => {
    let cluster: TestRedisCluster
    beforeAll(async () => {
      cluster = await startBareNodes({ program: await find() })
    })
    afterAll(() => cluster.stop())

    describeSetupLock(() => ({
      open: (declared, lease) =>
        openTestSession({
          ports: cluster.nodes.map(({ port }) => port),
          declaration: declared === 'first' ? first : more,
          waitTimeout: 60_000,
          ...(lease === undefined ? {} : { lease }),
        }),
    }))
  })
})
