import { compileNaming, isKey, type ShardNaming } from '../calendar/naming.ts'
import { keyOfId, type Period, periodAt, periodOf, periodsBetween } from '../calendar/period.ts'
import { ToolError } from '../core/tool-error.ts'
import type { ShardMapFamily } from './shard-map.ts'
import { readShardMap } from './shard-map.ts'

export type { ShardMap, ShardMapDivision, ShardMapFamily } from './shard-map.ts'

/** One table of a family. Whether the table exists is another matter: `wwdb rotate` creates it. */
export interface RoutedShard {
  readonly family: string
  readonly database: string
  readonly schema: string
  readonly table: string
  /** `2026-12-01`, `2026-W49`, `2026-12`, `2026-Q4`, `2026`, or the key in decimal. */
  readonly key: string
  /** Bounds `[from, to)` of its period, in milliseconds since the epoch; null for a key. */
  readonly from: number | null
  readonly to: number | null
}

/** What a row is found by: a time, or the key of what it belongs to. */
export type ShardPlace = { readonly at: Date | number } | { readonly key: string | number | bigint }

/**
 * Finds shards. Families are called by their name, or by `database.name` where two databases have a family of that
 * name.
 */
export interface Router {
  /**
   * The shard that a row belongs in.
   * @throws RangeError for a family that is not in the shard map or is divided in another way, an invalid time, or a text that is not a key.
   */
  readonly shardFor: (family: string, place: ShardPlace) => RoutedShard
  /**
   * The shards, in order, that hold rows of `[from, to)`; none where `to` is not after `from`.
   * @throws RangeError as `shardFor`.
   */
  readonly shardsBetween: (family: string, from: Date | number, to: Date | number) => readonly RoutedShard[]
  /**
   * The shard that a row with this id was created in; null for an id that no shard of the family gives.
   * @throws RangeError for a family whose ids do not identify a shard, and for an id that is not a whole number.
   */
  readonly locateId: (family: string, id: string | number | bigint) => RoutedShard | null
}

/**
 * Creates a router for a shard map, with the calendar that wwdb itself makes tables by.
 * @param shardMap the document that `wwdb shards map` writes, parsed; it is checked, regardless of its type.
 * @throws TypeError that says what is wrong with the shard map.
 */
export function createRouter(shardMap: unknown): Router {
  const routes = createRoutes(readShardMap(shardMap))
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
  }
}

/** One family, ready to find its shards. */
interface Route {
  readonly at: (at: Date | number) => RoutedShard
  readonly byKey: (key: string | number | bigint) => RoutedShard
  readonly between: (from: Date | number, to: Date | number) => readonly RoutedShard[]
  readonly byId: (id: string | number | bigint) => RoutedShard | null
}

function createRoutes(families: readonly ShardMapFamily[]): ReadonlyMap<string, Route | 'several'> {
  const routes = new Map<string, Route | 'several'>()
  for (const family of families) {
    const route = createRoute(family)
    const full = `${family.database}.${family.name}`
    if (routes.has(full)) throw new TypeError(`The shard map contains the family ${full} twice.`)
    routes.set(full, route)
    routes.set(family.name, routes.has(family.name) ? 'several' : route)
  }
  return routes
}

function createRoute(family: ShardMapFamily): Route {
  return family.division.type === 'key' ? createKeyRoute(family) : createPeriodRoute(family, family.division)
}

function createKeyRoute(family: ShardMapFamily): Route {
  const { name, database, schema } = family
  const naming = namingOf(family)
  const refuse = (): never => {
    throw new RangeError(`\`${name}\` is partitioned by key: give {key}, not a time or an id.`)
  }
  return {
    at: refuse,
    between: refuse,
    byId: refuse,
    byKey: (value) => {
      const key = wholeNumber(value)
      if (!isKey(key))
        throw new RangeError(
          `${JSON.stringify(key)} is not a key of \`${name}\`: a key is a whole number from 0 to 18446744073709551615.`,
        )
      return { family: name, database, schema, table: naming.name(key), key, from: null, to: null }
    },
  }
}

type PeriodDivision = Extract<ShardMapFamily['division'], { readonly type: 'period' }>

function createPeriodRoute(family: ShardMapFamily, { kind, zone }: PeriodDivision): Route {
  const { name, database, schema, ids } = family
  const naming = namingOf(family)
  const toShard = ({ key, from, to }: Period): RoutedShard => {
    return { family: name, database, schema, table: naming.name(key), key, from, to }
  }
  // Rows mostly come in order of time: most are in the same shard as the row before.
  let latest: { readonly shard: RoutedShard; readonly from: number; readonly to: number } | null = null
  return {
    at: (at) => {
      const instant = Number(at)
      if (latest === null || !(latest.from <= instant && instant < latest.to)) {
        const period = periodAt(instant, kind, zone)
        latest = { shard: toShard(period), from: period.from, to: period.to }
      }
      return latest.shard
    },
    between: (from, to) => periodsBetween(Number(from), Number(to), kind, zone).map(toShard),
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
