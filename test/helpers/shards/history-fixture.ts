import { periodAt } from '../../../src/calendar/period.ts'
import type { ShardFamily } from '../../../src/core/shard-family.ts'
import { namingOf } from '../../../src/shards/render-shard.ts'
import { day } from './families.ts'
import type { Reader, RotationFixture } from './rotation-fixture.ts'

/** How far ahead every family of a history has its tables. Milliseconds. */
export const horizon = 30 * day

/** The own name in a hold name. */
export const holdOf = /^_hold_\d{8}_[0-9a-f]{8}_(.+)$/

/** How a history stands: the fixture, and what must be found in it. */
export interface HistoryFixture {
  readonly fixture: RotationFixture
  readonly instances: Map<string, 'present' | 'deleted' | 'gone'>
  /** Every row that must be found, by the name of its shard. */
  readonly rows: Map<string, Set<string>>
  /** Tables that nothing of ours may touch. */
  readonly strangers: Set<string>
  /** Taken away by hand since the last whole run: they may be missing. */
  readonly missing: Set<string>
  readonly readers: { readonly table: string; readonly reader: Reader }[]
  /** Numbers rows and columns. */
  serial: number
}

/** The tables that a family must have now and up to the horizon. */
export function wanted(at: HistoryFixture, family: ShardFamily): readonly string[] {
  const { division } = family
  const naming = namingOf(family)
  if (division.type === 'key')
    return [...at.instances].flatMap(([key, state]) => (state === 'present' ? [naming.name(key)] : []))
  const days = Array.from({ length: horizon / day + 1 }, (_, index) => at.fixture.now + index * day)
  return [...new Set(days.map((instant) => naming.name(periodAt(instant, division.kind, division.zone).key)))]
}

/** The family whose shard a table's name is. */
export function familyOf(at: HistoryFixture, table: string): ShardFamily | null {
  return at.fixture.families.find((family) => namingOf(family).parse(table) !== null) ?? null
}

export function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}
