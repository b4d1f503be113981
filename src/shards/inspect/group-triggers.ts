import type { ShapeDifference } from '../../sql/definitions/difference.ts'
import type { DriftedGroup } from '../inspection.ts'
import type { TableTrigger } from '../ports.ts'
import type { Shard } from '../shard.ts'
import { groupBy } from './group-by.ts'

/** A table's triggers by their names, in which, as in their bodies, the table's own name is neutral. */
type NeutralTriggers = ReadonlyMap<string, string>

/**
 * Sorts shards by their triggers. No template has any, and rotation makes shards without: what most shards have is taken for
 * what is meant, and the others are named with what they lack or have beside it. Pure.
 */
export function groupTriggers(
  shards: readonly Shard[],
  triggers: ReadonlyMap<string, readonly TableTrigger[]>,
): readonly DriftedGroup[] {
  if (triggers.size === 0) return []
  const sets = shards.map(({ table }) => ({ table, set: neutralize(table, triggers.get(table) ?? []) }))
  const groups = [...groupBy(sets, ({ set }) => JSON.stringify([...set]))].map(([, members]) => members)
  const [most, ...others] = groups.toSorted((one, other) => other.length - one.length)
  const wanted = most?.[0]?.set ?? new Map<string, string>()
  return others.map((members) => ({
    tables: members.map(({ table }) => table),
    differences: compare(wanted, members[0]?.set ?? new Map()),
  }))
}

function neutralize(table: string, triggers: readonly TableTrigger[]): NeutralTriggers {
  const neutral = (text: string): string => text.replaceAll(table, '{{table}}')
  const pairs = triggers.map(({ name, timing, event, order, body }) => {
    const place = order === 1 ? '' : ` as number ${order}`
    return [neutral(name), `${timing} ${event}${place} ${neutral(body)}`] as const
  })
  return new Map(pairs.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

function compare(wanted: NeutralTriggers, found: NeutralTriggers): readonly ShapeDifference[] {
  const names = [...new Set([...wanted.keys(), ...found.keys()])].toSorted()
  return names.flatMap((name): readonly ShapeDifference[] => {
    const [before, now] = [wanted.get(name) ?? null, found.get(name) ?? null]
    if (before === now) return []
    const change = now === null ? 'missing' : before === null ? 'extra' : 'differs'
    return [{ part: 'trigger', name, change, wanted: before, found: now }]
  })
}
