import type { StoreContext } from '../contract.ts'
import type { LeasePlace } from '../lease.ts'
import type { Declaration } from './declaration.ts'
import type { InfluxDriver } from './ports.ts'

/** The lock is a label of the organization. */
export function lockPlace({ driver, declaration }: StoreContext<Declaration, InfluxDriver>): LeasePlace {
  return driver.lock(declaration.organization.name)
}

/** InfluxDB has no write that depends on another one: between the check and the write, a run that is paused there cannot be stopped by the server. */
export function guardWrites(driver: InfluxDriver, check: () => Promise<void>): InfluxDriver {
  return {
    ...driver,
    write: async (write) => {
      await check()
      await driver.write(write)
    },
    startRun: async (task, due) => {
      await check()
      return driver.startRun(task, due)
    },
    keepBackfill: async (organizationId, position) => {
      await check()
      await driver.keepBackfill(organizationId, position)
    },
    forgetBackfill: async (organizationId, position) => {
      await check()
      await driver.forgetBackfill(organizationId, position)
    },
  }
}
