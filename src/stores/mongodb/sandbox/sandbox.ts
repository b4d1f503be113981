import { join } from 'node:path'
import { makePrivateFolder, writePrivateFile } from '../../../sandbox/private-files.ts'
import type { StoreSandbox } from '../../sandbox-contract.ts'
import { endMongodbNode, startMongodbNode } from './node.ts'
import { findMongodb } from './program.ts'

/** What the sandbox's servers are started for; declarations name it as `${WWDB_MONGODB_REPLICA_SET}`. */
const replicaSet = 'sandbox'

/**
 * Three bare servers with access control: `wwdb setup apply` makes a replica set of them, and its first user, who has the sandbox's own
 * password.
 */
export const mongodbSandbox: StoreSandbox = {
  count: 3,
  distance: 20,
  launch: async ({ places, secret, interrupted, started }) => {
    const program = await findMongodb(interrupted)
    for (const place of places) {
      const keyFile = join(place.directory, 'key')
      await makePrivateFolder(place.directory)
      await writePrivateFile(keyFile, `${secret}\n`)
      const flags = ['--keyFile', keyFile]
      await started(await startMongodbNode({ ...place, program, replicaSet, flags, interrupted }))
    }
    return program.version
  },
  end: (node) => endMongodbNode(node),
  variables: (ports, { passwordFile }) => ({
    WWDB_STORES_MONGODB_PASSWORD_FILE: passwordFile,
    WWDB_STORES_MONGODB_URL: `mongodb://sandbox@${ports.map((port) => `127.0.0.1:${port}`).join(',')}`,
    WWDB_MONGODB_REPLICA_SET: replicaSet,
  }),
}
