import { endMongodbNode, startMongodbNode } from './mongodb-node.ts'
import { findMongodb } from './mongodb-program.ts'
import type { StoreSandbox } from './store-sandbox.ts'

/** What the sandbox's servers are started for; declarations name it as `${WWDB_MONGODB_REPLICA_SET}`. */
const replicaSet = 'sandbox'

/** Three bare servers: `wwdb setup apply` makes a replica set of them. */
export const mongodbSandbox: StoreSandbox = {
  count: 3,
  distance: 20,
  launch: async ({ places, interrupted, started }) => {
    const program = await findMongodb(interrupted)
    for (const place of places) await started(await startMongodbNode({ ...place, program, replicaSet, interrupted }))
    return program.version
  },
  end: (node) => endMongodbNode(node),
  variables: (ports) => ({
    WWDB_STORES_MONGODB_URL: `mongodb://${ports.map((port) => `127.0.0.1:${port}`).join(',')}`,
    WWDB_MONGODB_REPLICA_SET: replicaSet,
  }),
}
