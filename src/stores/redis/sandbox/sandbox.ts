import type { StoreSandbox } from '../../sandbox-contract.ts'
import { endRedisNode, startRedisNode } from './node.ts'
import { findRedis } from './program.ts'

/** Six bare nodes: `wwdb setup apply` makes a cluster of them. */
export const redisSandbox: StoreSandbox = {
  count: 6,
  distance: 10,
  launch: async ({ places, secret, interrupted, started }) => {
    const program = await findRedis(interrupted)
    const lines = [
      'cluster-enabled yes',
      'cluster-node-timeout 2000',
      // Whoever may send CONFIG SET may make the server write files of its owner.
      `requirepass ${secret}`,
      `masterauth ${secret}`,
    ]
    for (const place of places) await started(await startRedisNode({ ...place, program, lines, interrupted }))
    return program.version
  },
  end: (node) => endRedisNode(node),
  variables: (ports, { passwordFile }) => ({
    WWDB_STORES_REDIS_PASSWORD_FILE: passwordFile,
    WWDB_STORES_REDIS_URL: `redis://${ports.map((port) => `127.0.0.1:${port}`).join(',')}`,
  }),
}
