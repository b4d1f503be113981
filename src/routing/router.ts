import { compileNaming, isKey, type ShardNaming } from '../calendar/naming.ts'
import { keyOfId, type Period, periodAt, periodOf, periodsBetween } from '../calendar/period.ts'
import { ToolError } from '../core/tool-error.ts'
import type { ShardMapFamily, ShardMapTime } from './shard-map.ts'
import { readShardMap } from './shard-map.ts'

export type { Page, PageQuery, PageRequest, RowQuery } from './read-pages.ts'
export { fromKnex, fromMysql2, readPage, readPages } from './read-pages.ts'
export type { ShardMap, ShardMapDivision, ShardMapFamily, ShardMapPartitions, ShardMapTime } from './shard-map.ts'

/** One table of a family. Whether it exists is a separate question: `wwdb rotate` creates it. */
export interface RoutedShard {
  readonly family: string
  readonly database: string
  readonly schema: string
  readonly table: string
  /** The partition of that table which is the shard; absent where the table is. */
  readonly partition?: string
  /** `2026-12-01`, `2026-W49`, `2026-12`, `2026-Q4`, `2026`, or the key in decimal. */
  readonly key: string
  /** Bounds `[from, to)` of its period, in milliseconds since the epoch; null for a key. */
  readonly from: number | null
  readonly to: number | null
  /**
   * Whether the shard map says that the table exists. Null where it does not say: it was written without asking a server, or it is
   * older than the table may be.
   */
  readonly live: boolean | null
}

/** What a row is found by: a time, or the key of its owner. */
export type ShardPlace = { readonly at: Date | number } | { readonly key: string | number | bigint }

/**
 * Finds shards. Families are called by their name, or by `database.name` where two databases have a family of that
 * name.
 */
export interface Router {
  /**
   * The shard that a row belongs in. A time is rounded to the precision of the family's column first, as the server rounds it.
   * @throws RangeError for a family that is not in the shard map or is divided otherwise, an invalid time, or a text that is not a key.
   */
  readonly shardFor: (family: string, place: ShardPlace) => RoutedShard
  /**
   * The shards, in order, that hold rows of `[from, to)`; none where `to` is not after `from`. Where the shard map knows which tables
   * exist, the others are left out; those that may have been created since it was written are not.
   * @throws RangeError as `shardFor`.
   */
  readonly shardsBetween: (family: string, from: Date | number, to: Date | number) => readonly RoutedShard[]
  /**
   * The shard that a row with this id was created in; null for an id that no shard of the family gives.
   * @throws RangeError for a family whose ids do not identify a shard, and for an id that is not a whole number.
   */
  readonly locateId: (family: string, id: string | number | bigint) => RoutedShard | null
  /**
   * The column that places the rows of a family; null where the shard map names none.
   * @throws RangeError for a family that is not in the shard map.
   */
  readonly timeOf: (family: string) => ShardMapTime | null
}

/** What a router may be given besides a shard map. */
export interface RouterOptions {
  /** Milliseconds since the epoch; `Date.now` by default. A shard map cannot know tables that were created after it. */
  readonly now?: () => number
}

/**
 * Creates a router for a shard map, with the calendar that wwdb itself creates tables by.
 * @param shardMap the document that `wwdb shards map` writes, parsed; it is checked, regardless of its type.
 * @throws TypeError that says what is wrong with the shard map.
 */
export function createRouter(shardMap: unknown, { now = Date.now }: RouterOptions = {}): Router {
  const routes = createRoutes(readShardMap(shardMap), now)
  const find = (name: string): Route => {
    const route = routes.get(name)
    if (route === undefined) throw new RangeError(`The shard map has no family ${JSON.stringify(name)}.`)
    if (route === 'several')
      throw new RangeError(`Several databases have a family \`${name}\`: write \`database.${name}\`.`)
    return route
  }
  return {
    shardFor: (family, place) => ('key' in place ? find(family).byKey(place.key) : find(family).at(place.at)),
    shardsBetween: (family, from, to) => find(family).between(from, to),
    locateId: (family, id) => find(family).byId(id),
    timeOf: (family) => find(family).time,
  }
}

/** One family, ready to find its shards. */
interface Route {
  readonly time: ShardMapTime | null
  readonly at: (at: Date | number) => RoutedShard
  readonly byKey: (key: string | number | bigint) => RoutedShard
  readonly between: (from: Date | number, to: Date | number) => readonly RoutedShard[]
  readonly byId: (id: string | number | bigint) => RoutedShard | null
}

function createRoutes(families: readonly ShardMapFamily[], now: () => number): ReadonlyMap<string, Route | 'several'> {
  const routes = new Map<string, Route | 'several'>()
  for (const family of families) {
    const route = createRoute(family, now)
    const full = `${family.database}.${family.name}`
    if (routes.has(full)) throw new TypeError(`The shard map contains the family ${full} twice.`)
    routes.set(full, route)
    routes.set(family.name, routes.has(family.name) ? 'several' : route)
  }
  return routes
}

function createRoute(family: ShardMapFamily, now: () => number): Route {
  return family.division.type === 'key' ? createKeyRoute(family) : createPeriodRoute(family, family.division, now)
}

function createKeyRoute(family: ShardMapFamily): Route {
  const { name, database, schema } = family
  const naming = namingOf(family)
  const refuse = (): never => {
    throw new RangeError(`\`${name}\` is partitioned by key: give {key}, not a time or an id.`)
  }
  return {
    time: null,
    at: refuse,
    between: refuse,
    byId: refuse,
    byKey: (value) => {
      const key = wholeNumber(value)
      if (!isKey(key))
        throw new RangeError(
          `${JSON.stringify(key)} is not a key of \`${name}\`: a key is a whole number from 0 to 18446744073709551615.`,
        )
      return { family: name, database, schema, table: naming.name(key), key, from: null, to: null, live: null }
    },
  }
}

type PeriodDivision = Extract<ShardMapFamily['division'], { readonly type: 'period' }>

function createPeriodRoute(family: ShardMapFamily, { kind, zone }: PeriodDivision, now: () => number): Route {
  const { name, database, schema, ids } = family
  const naming = namingOf(family)
  const isLive = knownTables(family, { kind, zone })
  const placeOf = placing(family, naming)
  const round = roundingTo(family.time?.precision ?? 3)
  const toShard = (period: Period): RoutedShard => {
    const { key, from, to } = period
    return { family: name, database, schema, ...placeOf(key), key, from, to, live: isLive(period) }
  }
  // A table that the map does not know holds rows only if rotation has created it since, and by then its period has begun or is near.
  const mayHaveRows = ({ live, from }: RoutedShard): boolean =>
    live ?? (family.live === undefined || from === null || from <= now())
  // Rows come in the order of time: most are in the shard of the one before.
  let latest: { readonly shard: RoutedShard; readonly from: number; readonly to: number } | null = null
  return {
    time: family.time ?? null,
    at: (at) => {
      const instant = round(Number(at))
      if (latest === null || !(latest.from <= instant && instant < latest.to)) {
        const period = periodAt(instant, kind, zone)
        latest = { shard: toShard(period), from: period.from, to: period.to }
      }
      return latest.shard
    },
    between: (from, to) => periodsBetween(Number(from), Number(to), kind, zone).map(toShard).filter(mayHaveRows),
    byId: (id) => {
      if (ids === null) throw new RangeError(`The ids of \`${name}\` do not identify a shard.`)
      const key = keyOfId(BigInt(wholeNumber(id)), BigInt(ids.factor), kind, zone)
      const period = key === null ? null : periodOf(key, kind, zone)
      return period === null ? null : toShard(period)
    },
    byKey: () => {
      throw new RangeError(`\`${name}\` is partitioned by ${kind}: give {at}, not {key}.`)
    },
  }
}

/** The table of a period, and its partition where it is one. */
function placing(
  { partitions }: ShardMapFamily,
  naming: ShardNaming,
): (key: string) => Pick<RoutedShard, 'table' | 'partition'> {
  if (partitions === undefined) return (key) => ({ table: naming.name(key) })
  const { table, rule } = partitions
  const except = new Set(partitions.except)
  return (key) => (except.has(key) === rule ? { table: naming.name(key) } : { table, partition: naming.name(key) })
}

/**
 * The server rounds half a unit up; it does not cut (manual, "Fractional Seconds in Time Values"). A row of the last half second of a
 * month gets the first second of the next one, and belongs there. A Date has milliseconds and needs no rounding to more.
 */
function roundingTo(precision: number): (instant: number) => number {
  const unit = precision >= 3 ? 1 : 10 ** (3 - precision)
  return unit === 1 ? (instant) => instant : (instant) => Math.floor(instant / unit + 0.5) * unit
}

/** Whether a period has a table, by the shard map. One that begins after the newest table may have been created since the map was written. */
function knownTables(
  { name, live }: ShardMapFamily,
  { kind, zone }: Pick<PeriodDivision, 'kind' | 'zone'>,
): (period: Period) => boolean | null {
  if (live === undefined || live.length === 0) return () => null
  const known = new Set(live)
  const begins = live.map((key) => {
    const period = periodOf(key, kind, zone)
    if (period === null) throw new TypeError(`\`${name}\`: ${JSON.stringify(key)} in \`live\` is not a ${kind}.`)
    return period.from
  })
  const newest = begins.reduce((latest, from) => Math.max(latest, from))
  return ({ key, from }) => {
    if (known.has(key)) return true
    return from > newest ? null : false
  }
}

function namingOf({ name, pattern, division }: ShardMapFamily): ShardNaming {
  const source = { database: '', table: '', column: '', deletedAt: null }
  try {
    return compileNaming(pattern, division.type === 'key' ? { type: 'key', source } : division)
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    throw new TypeError(error.faults.map(({ what, why }) => `${name}: ${what} ${why}`).join('\n'), { cause: error })
  }
}

/** In decimal. A JavaScript number beyond 2^53 may have lost digits. */
function wholeNumber(value: string | number | bigint): string {
  const exact = typeof value === 'number' ? Number.isSafeInteger(value) : /^-?\d{1,30}$/.test(String(value))
  if (exact) return String(value)
  throw new RangeError(
    `${JSON.stringify(String(value).slice(0, 80))} is not a whole number, or not an exact one: give a bigint or a string.`,
  )
}
