import { readPattern } from '../../calendar/pattern.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { type FamilyView, isGone } from '../family-view.ts'
import { isHoldName, isLoadName } from '../hold-name.ts'
import type { UnexpectedTable } from '../inspection.ts'

/** What the tables of a schema are to its families. */
export interface ClassifiedTables {
  /** Keys of the shards that have a table, by family. */
  readonly keys: ReadonlyMap<string, ReadonlySet<string>>
  /** Tables that look like a family's shards and are none, by family. */
  readonly lookalikes: ReadonlyMap<string, readonly UnexpectedTable[]>
  /** Tables under a hold name that the registry does not know. */
  readonly strayHolds: readonly string[]
}

/**
 * Tells shards by strict parse, and what only looks like one by the text that a family's names begin with.
 * @param views the families of one schema
 */
export function classifyTables(views: readonly FamilyView[]): ClassifiedTables {
  const keys = new Map<string, Set<string>>(views.map(({ family }) => [family.name, new Set()]))
  const lookalikes = new Map<string, UnexpectedTable[]>(views.map(({ family }) => [family.name, []]))
  const strayHolds: string[] = []
  // A table that is back under the hold name of a shard that is gone is nobody's until it is adopted.
  const records = views.flatMap((view) => [...view.records.values()])
  const holds = new Set(records.filter((record) => !isGone(record)).map(({ hold }) => hold?.table ?? ''))
  const viewNames = new Set(views.map(({ family }) => family.policy.view?.name ?? ''))
  for (const [table, type] of views[0]?.tables ?? []) {
    const owner = views.find(({ naming }) => naming.parse(table) !== null)
    const key = owner?.naming.parse(table) ?? null
    if (owner !== undefined && key !== null) {
      if (type === 'table') keys.get(owner.family.name)?.add(key)
      else lookalikes.get(owner.family.name)?.push({ table, why: 'It is a view with the name of a shard.' })
    } else if (isHoldName(table) || isLoadName(table)) {
      if (!holds.has(table)) strayHolds.push(table)
    } else if (type === 'table' && !viewNames.has(table)) {
      const family = findLookalike(table, views)
      if (family !== null) lookalikes.get(family.name)?.push({ table, why: describeLookalike(family) })
    }
  }
  return { keys, lookalikes, strayHolds }
}

/**
 * Takes out what is no surprise.
 * @param known names that migrations make, in lower case: they belong there whatever they look like
 */
export function withoutKnown(
  lookalikes: ClassifiedTables['lookalikes'],
  known: ReadonlySet<string>,
): ClassifiedTables['lookalikes'] {
  return new Map(
    [...lookalikes].map(([family, tables]) => [family, tables.filter(({ table }) => !known.has(table.toLowerCase()))]),
  )
}

/** The family whose names begin like the table's; the one with the longest beginning. */
function findLookalike(table: string, views: readonly FamilyView[]): ShardFamily | null {
  const matching = views
    .map(({ family }) => ({ family, start: beginningOf(family) }))
    .filter(({ start }) => start !== '' && table.toLowerCase().startsWith(start.toLowerCase()))
    .toSorted((one, other) => other.start.length - one.start.length)
  return matching[0]?.family ?? null
}

function beginningOf(family: ShardFamily): string {
  const [first] = readPattern(family.pattern)
  return first?.type === 'text' ? first.text : ''
}

function describeLookalike({ pattern, division }: ShardFamily): string {
  const what = division.type === 'period' ? `a ${division.kind}` : 'a key'
  return `Its name begins like ${pattern}, but names no ${what.replace(/^a /, '')} by that pattern.`
}
