import type { StoreContext } from '../contract.ts'
import type { LeasePlace } from '../lease.ts'
import type { Declaration } from './declaration.ts'
import type { RedisDriver } from './ports.ts'

/** The lock is a connection to every node: nodes of a cluster that is not formed yet, and replicas, take no key. */
export function lockPlace({ driver, prefix }: StoreContext<Declaration, RedisDriver>): LeasePlace {
  return driver.lock(prefix)
}

/** Who takes the lock over ends the connections of its former holder first, so a run that is paused before a write does not write when it goes on. */
export function guardWrites(driver: RedisDriver, check: () => Promise<void>): RedisDriver {
  return driver.guarded(check)
}
