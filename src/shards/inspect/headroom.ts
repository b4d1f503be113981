import { periodAt, shiftPeriod } from '../../calendar/period.ts'
import type { Division } from '../../core/shard-family.ts'

type PeriodDivision = Extract<Division, { readonly type: 'period' }>

/**
 * Milliseconds from now to the end of the last period that has a table with none missing before it: so long can writes go
 * on if nothing is made any more. 0 where the current one has none.
 */
export function measureHeadroom({ kind, zone }: PeriodDivision, keys: ReadonlySet<string>, now: number): number {
  let period = periodAt(now, kind, zone)
  let end = now
  while (keys.has(period.key)) {
    end = period.to
    period = shiftPeriod(period, 1)
  }
  return end - now
}
