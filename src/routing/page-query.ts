import { wallOf } from '../calendar/zone.ts'
import type { RoutedShard } from './router.ts'
import type { ShardMapTime } from './shard-map.ts'

/** One SELECT of a page, as it is sent. */
export interface PageQuery {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** What each SELECT of a page has in common. */
export interface PageSelection {
  /** Names of columns; all where there are none. */
  readonly columns: readonly string[]
  readonly where: { readonly sql: string; readonly parameters?: readonly unknown[] } | null
  readonly orderBy: readonly string[]
  readonly descending: boolean
  /** Whether rows of several tables are sorted here: then each SELECT says of what type the columns of `orderBy` are. */
  readonly merged: boolean
  /** Instants `[from, to)` and the column that they bound; null in a family of keys. */
  readonly between: { readonly from: number; readonly to: number; readonly time: ShardMapTime } | null
}

/** The last row before a page, by its values of `orderBy` as the server prints them. */
export interface PagePosition {
  readonly values: readonly string[]
  /** Whether a row of the same values belongs to the page: it is in a shard that comes after that of the last row. */
  readonly inclusive: boolean
}

/** The n-th column of `orderBy` as text: a driver's number or Date may have lost digits. */
export const orderAlias = (place: number): string => `wwdb_order_${place}`

/** The type of the n-th column of `orderBy`, as JSON_TYPE names it: a text that looks like a number is sorted by its collation. */
export const typeAlias = (place: number): string => `wwdb_type_${place}`

/**
 * The SELECT for the rows of one shard that follow a position. The condition begins with a range on the first column, so that an index on
 * the columns of `orderBy` is read from there on (manual, "Range Optimization").
 * @param most how many rows are asked for
 */
export function selectPage(
  shard: RoutedShard,
  selection: PageSelection,
  position: PagePosition | null,
  most: number,
): PageQuery {
  const { columns, where, orderBy, descending, merged } = selection
  const shown = columns.length === 0 ? ['*'] : columns.map(quote)
  const texts = orderBy.map((column, place) => `CAST(${quote(column)} AS CHAR) AS ${quote(orderAlias(place))}`)
  const types = merged
    ? orderBy.map(
        (column, place) => `JSON_TYPE(JSON_EXTRACT(JSON_ARRAY(${quote(column)}),'$[0]')) AS ${quote(typeAlias(place))}`,
      )
    : []
  const conditions: readonly PageQuery[] = [
    ...(where === null ? [] : [{ sql: `(${where.sql})`, parameters: where.parameters ?? [] }]),
    ...boundsOf(shard, selection),
    ...(position === null ? [] : [follow(selection, position)]),
  ]
  const filter = conditions.length === 0 ? '' : ` WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`
  const order = orderBy.map((column) => `${quote(column)}${descending ? ' DESC' : ''}`).join(', ')
  return {
    sql: `SELECT ${[...shown, ...texts, ...types].join(', ')} FROM ${quote(shard.schema)}.${quote(shard.table)}${ofPartition(shard)}${filter} ORDER BY ${order} LIMIT ${most}`,
    parameters: conditions.flatMap(({ parameters }) => parameters),
  }
}

function ofPartition({ partition }: RoutedShard): string {
  return partition === undefined ? '' : ` PARTITION (${quote(partition)})`
}

/** A shard that lies within the bounds needs no condition: all its rows belong to them. */
function boundsOf({ from, to }: RoutedShard, { between }: PageSelection): readonly PageQuery[] {
  if (between === null) return []
  const column = quote(between.time.column)
  return [
    ...(from !== null && between.from > from ? [compareTime(`${column} >= `, between.from, between.time)] : []),
    ...(to !== null && between.to < to ? [compareTime(`${column} < `, between.to, between.time)] : []),
  ]
}

/** A TIMESTAMP is compared with an instant, whatever time zone the session has. */
function compareTime(comparison: string, instant: number, { type, zone }: ShardMapTime): PageQuery {
  if (type === 'timestamp') return { sql: `${comparison}FROM_UNIXTIME(${(instant / 1000).toFixed(3)})`, parameters: [] }
  const wall = new Date(wallOf(instant, zone)).toISOString().slice(0, 23).replace('T', ' ')
  return { sql: `${comparison}?`, parameters: [wall] }
}

/** `a <= ? AND (a < ? OR (a = ? AND b < ?))`: the rows behind a position. */
function follow({ orderBy, descending }: PageSelection, { values, inclusive }: PagePosition): PageQuery {
  const sign = descending ? '<' : '>'
  const [first = '', ...rest] = orderBy.map(quote)
  const [value, ...others] = values
  if (rest.length === 0) return { sql: `${first} ${sign}${inclusive ? '=' : ''} ?`, parameters: [value] }
  const behind = rest.reduceRight<PageQuery | null>((inner, quoted, place) => {
    const own = others[place]
    if (inner === null) return { sql: `${quoted} ${sign}${inclusive ? '=' : ''} ?`, parameters: [own] }
    const sql = `(${quoted} ${sign} ? OR (${quoted} = ? AND ${inner.sql}))`
    return { sql, parameters: [own, own, ...inner.parameters] }
  }, null)
  return {
    sql: `${first} ${sign}= ? AND (${first} ${sign} ? OR (${first} = ? AND ${behind?.sql ?? 'TRUE'}))`,
    parameters: [value, value, value, ...(behind?.parameters ?? [])],
  }
}

function quote(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}
