import type { Context } from '../command/context.ts'
import { withTargets } from '../migrations/with-targets.ts'
import { nameRetired } from '../operate/retire/retirement.ts'
import { judgeAll } from './judge-all.ts'

/** A retired thing as a check sees it. */
export interface RetiredInspection {
  readonly database: string
  /** `users.nick` */
  readonly name: string
  /** Why nothing proves that it is unused, as sentences; empty where nothing is in doubt. */
  readonly doubts: readonly string[]
  /** When its grace ends, by what the last run has recorded; milliseconds since the epoch. */
  readonly until: number
}

/** What is retired in the chosen databases, and what its servers prove. Writes nothing. */
export function inspectRetired(context: Context): Promise<readonly RetiredInspection[]> {
  const access = { writable: false, missing: 'skip', unreached: 'skip' } as const
  return withTargets(context, access, async (config, open) => {
    const judged = await judgeAll({ context, config }, open, false)
    return judged.map(({ target, record, verdict, endsAt }) => ({
      database: target.database.name,
      name: nameRetired(record),
      doubts: verdict.type === 'unproven' ? verdict.why : [],
      until: endsAt,
    }))
  })
}
