import { periodAt, shiftPeriod } from '../../calendar/period.ts'
import { longestTable } from '../../calendar/proof.ts'
import { type FamilyView, isGone, shardOf } from '../family-view.ts'
import { holdName } from '../hold-name.ts'
import type { Shard } from '../shard.ts'
import type { ViewedFamily } from './view-families.ts'
import type { ViewedTarget } from './view-target.ts'

/** A table under a hold name that the registry does not have, and the shard that it is. */
export interface FoundHold {
  readonly table: string
  readonly shard: Shard
  /** The day in its name, in milliseconds. */
  readonly at: number
  /** Why it is not taken for that shard, as a sentence; null where it can be. */
  readonly refusal: string | null
}

const shape = /^_hold_(\d{4})(\d{2})(\d{2})_[0-9a-f]{8}_(.+)$/

/** Of a name that was cut, so many keys are tried: with the digest's 32 bits hardly ever two of them fit. */
const mostTried = 200_000

/**
 * Reads hold names back. The digest in a name proves which shard it is; where the name was cut to fit, the keys that it may be
 * of are tried against the digest. A name that was made by hand is no proof.
 */
export function findHolds({ classified, families }: ViewedTarget): readonly FoundHold[] {
  return classified.strayHolds.flatMap((table) => {
    const [, year, month, day, name] = shape.exec(table) ?? []
    const at = Date.parse(`${year}-${month}-${day}T00:00:00Z`)
    if (name === undefined || Number.isNaN(at)) return []
    const isCut = table.length === longestTable
    const found = families.flatMap((owner) => {
      const keys = isCut ? keysLike(owner.view, name, at) : keyOf(owner.view, name)
      const shards = [...keys].map((key) => shardOf(owner.view, key)).filter((shard) => shard !== null)
      return shards.filter((shard) => holdName(shard, at) === table).map((shard) => ({ owner, shard }))
    })
    const [only] = found
    if (only === undefined) return []
    const refusal = found.length > 1 ? 'Its name was cut, and more than one shard may be meant.' : null
    return [{ table, shard: only.shard, at, refusal: refusal ?? refuse(only.owner, only.shard) }]
  })
}

function keyOf({ naming }: FamilyView, name: string): readonly string[] {
  const key = naming.parse(name)
  return key === null ? [] : [key]
}

/** Keys whose tables are called like the part of a name that was left: known ones first, then what there may have been. */
function* keysLike(view: FamilyView, beginning: string, at: number): Generator<string> {
  const seen = new Set<string>()
  for (const key of possibleKeys(view, at)) {
    if (seen.has(key) || !view.naming.name(key).startsWith(beginning)) continue
    seen.add(key)
    yield key
  }
}

function* possibleKeys({ family: { division }, records, present }: FamilyView, at: number): Generator<string> {
  yield* records.keys()
  yield* present
  let period = division.type === 'period' ? periodAt(at, division.kind, division.zone) : null
  for (let tried = 0; tried < mostTried; tried += 1) {
    yield period?.key ?? String(tried)
    if (period === null) continue
    // A shard is held after its period: of a century before that day none is missed.
    if (period.from < at - century) return
    period = shiftPeriod(period, -1)
  }
}

const century = 100 * 366 * 86_400_000

function refuse({ view }: ViewedFamily, { key, table }: Shard): string | null {
  const record = view.records.get(key)
  if (record !== undefined && !isGone(record))
    return `The registry has ${table} as ${record.state}, so this is another table of that shard.`
  return view.tables.has(table) ? `There is a table ${table} beside it: only one of them can be the shard.` : null
}
