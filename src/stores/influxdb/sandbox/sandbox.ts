import type { StoreSandbox } from '../../sandbox-contract.ts'
import { findInfluxd } from './program.ts'
import { endInfluxd, startInfluxd } from './server.ts'

/** One fresh server: `wwdb setup apply` sets it up with the sandbox's own user and token. */
export const influxdbSandbox: StoreSandbox = {
  count: 1,
  distance: 30,
  launch: async ({ places, say, interrupted, started }) => {
    const program = await findInfluxd(say, interrupted)
    for (const place of places) await started(await startInfluxd({ ...place, program, interrupted }))
    return program.version
  },
  end: (node) => endInfluxd(node),
  variables: ([port = 0], { secret, passwordFile }) => ({
    WWDB_STORES_INFLUXDB_URL: `http://sandbox@127.0.0.1:${port}`,
    WWDB_STORES_INFLUXDB_PASSWORD_FILE: passwordFile,
    WWDB_STORES_INFLUXDB_TOKEN: `token-${secret}`,
  }),
}
