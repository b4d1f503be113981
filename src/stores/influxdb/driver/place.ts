import type { InfluxDB } from '@influxdata/influxdb-client'
import { type InfluxAccess, openAsUser } from './connection.ts'
import { explained } from './errors.ts'

/** A server and how it is asked. */
export interface InfluxPlace {
  readonly access: InfluxAccess
  /** `host:port`. */
  readonly server: string
  /**
   * Asks as the configured user. What goes wrong is explained by what was asked, `Creating bucket metrics_hot`.
   * @throws ToolError STORE_UNREACHABLE, STORE_ACCESS_DENIED, STORE_REFUSED.
   */
  readonly ask: <T>(doing: string, request: (client: InfluxDB) => Promise<T>) => Promise<T>
}

/** Signs in once, when it is first needed: a server that nobody has set up knows no users. */
export function createPlace(access: InfluxAccess, server: string): InfluxPlace {
  let opened: Promise<InfluxDB> | null = null
  const client = async (): Promise<InfluxDB> => {
    opened ??= openAsUser(access, server)
    try {
      return await opened
    } catch (error) {
      opened = null
      throw error
    }
  }
  return {
    access,
    server,
    ask: async (doing, request) => {
      const found = await client()
      return explained(server, doing, () => request(found))
    },
  }
}
