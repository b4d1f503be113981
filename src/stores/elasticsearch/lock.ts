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
  const guarded =
    <Arguments extends readonly unknown[], Answer>(request: (...of: Arguments) => Promise<Answer>) =>
    async (...of: Arguments): Promise<Answer> => {
      await check()
      return request(...of)
    }
  const { copy } = driver
  return {
    ...driver,
    copy: {
      ...copy,
      writeMoves: guarded(copy.writeMoves),
      createCopy: guarded(copy.createCopy),
      start: guarded(copy.start),
      cancelTask: guarded(copy.cancelTask),
      blockWrites: guarded(copy.blockWrites),
      allowWrites: guarded(copy.allowWrites),
      cloneIndex: guarded(copy.cloneIndex),
      // They write several times, and ask before each.
      repairWindow: (window) => copy.repairWindow({ ...window, check: both(check, window.check) }),
      removeSurplus: (surplus) => copy.removeSurplus({ ...surplus, check: both(check, surplus.check) }),
      leaveAlias: guarded(copy.leaveAlias),
      takePlace: guarded(copy.takePlace),
    },
    write: guarded(driver.write),
    remove: guarded(driver.remove),
  }
}

function both(one: () => Promise<void>, other: () => Promise<void>): () => Promise<void> {
  return async () => {
    await other()
    await one()
  }
}
