import type { PreparedStore } from './contract.ts'

/** Records what a run changes outside MySQL. */
export interface StoreRecord {
  /** Records the run, the first time. Throws where a hook forbids it. */
  readonly before: () => Promise<void>
  /** A sentence about a change that no table shows. */
  readonly note: (change: string) => void
}

/** The same store, whose first change is preceded by the record of the run. */
export function recordChanges(prepared: PreparedStore, record: StoreRecord): PreparedStore {
  return {
    ...prepared,
    open: async (options) => {
      const session = await prepared.open(options)
      return {
        ...session,
        lock: async (wait) => {
          await record.before()
          return session.lock(wait)
        },
        apply: async (change) => {
          await record.before()
          await session.apply(change)
        },
        clear: async () => {
          await record.before()
          const removed = await session.clear()
          if (removed.length > 0) record.note(`${session.store}: ${removed.length} removed by their prefix.`)
          return removed
        },
      }
    },
  }
}
