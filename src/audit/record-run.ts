import { type Config, selectDatabases } from '../config/config.ts'
import { placeOf, type RunRecord } from '../mysql/place.ts'
import type { Trail } from './trail.ts'

/** What the command may write to. */
interface Reach {
  readonly config: () => Promise<Config>
  /** `--target`. */
  readonly targets: readonly string[]
}

/** The trail of a run, for the connections that change something. */
export function recordIn(trail: Trail, { config, targets }: Reach): RunRecord {
  return {
    begin: () => trail.begin(),
    enter: (database, timeouts, lender) => trail.enter(database, timeouts, lender),
    enterHome: () => enterHome(trail, config),
    enterSpared: async (exists) => {
      await trail.begin()
      const read = await config()
      const doomed = new Set(selectDatabases(read, targets))
      for (const database of read.databases.filter((one) => !doomed.has(one) && one.targets === undefined))
        if (await exists(placeOf(database, read.timeouts))) return trail.enter(database, read.timeouts)
      trail.warnUnrecorded(
        'This drop is not recorded in a database, because no configured database is left; `--log-file` keeps a record of it.',
      )
    },
    note: (change) => trail.note(change),
  }
}

/** The database that records a change outside the databases: the first one that has one schema, before the change is made. */
export async function enterHome(trail: Trail, config: () => Promise<Config>): Promise<void> {
  const { databases, timeouts } = await config()
  const home = databases.find(({ targets }) => targets === undefined)
  if (home !== undefined) await trail.enter(home, timeouts)
}
