import type { StoreContext } from '../contract.ts'
import type { LeasePlace } from '../lease.ts'
import type { Declaration } from './declaration.ts'
import type { ElasticsearchDriver } from './ports.ts'

/** The lock is a document in an index of its own. */
export function lockPlace({ driver, prefix }: StoreContext<Declaration, ElasticsearchDriver>): LeasePlace {
  return driver.lock(prefix)
}

/**
 * Templates, policies and users have no version that a write could depend on: between the check and the write, a run that is paused there cannot be
 * stopped by the server.
 */
export function guardWrites(driver: ElasticsearchDriver, check: () => Promise<void>): ElasticsearchDriver {
  return {
    ...driver,
    write: async (write) => {
      await check()
      await driver.write(write)
    },
    remove: async (kind, name) => {
      await check()
      await driver.remove(kind, name)
    },
  }
}
