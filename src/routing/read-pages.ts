import { type Cursor, readCursor, writeCursor } from './page-cursor.ts'
import {
  orderAlias,
  type PagePosition,
  type PageQuery,
  type PageSelection,
  selectPage,
  typeAlias,
} from './page-query.ts'
import type { RoutedShard, Router } from './router.ts'

export type { PageQuery } from './page-query.ts'

/** Sends a SELECT with `?` for its parameters, and gives its rows as objects. */
export type RowQuery = (sql: string, parameters: readonly unknown[]) => Promise<unknown>

/** Which rows of a family are read, and in which order. */
export interface PageRequest {
  readonly family: string
  /** Of a family by period: the rows of `[from, to)`. The template must name the column, with `-- wwdb:time`. */
  readonly between?: readonly [from: Date | number, to: Date | number]
  /** Of a family by key: whose rows. Rows of several keys are merged, by columns of whole numbers and of dates with or without a time. */
  readonly keys?: readonly (string | number | bigint)[]
  /** All columns by default. */
  readonly columns?: readonly string[]
  /** A condition of your own, with `?` for its parameters. */
  readonly where?: { readonly sql: string; readonly parameters?: readonly unknown[] }
  /**
   * Columns that are NOT NULL and together unique in a shard, `['created_at', 'id']`: those of an index, best. The first one of a family
   * by period is its time.
   */
  readonly orderBy: readonly [string, ...string[]]
  /** Newest first, by default. */
  readonly direction?: 'descending' | 'ascending'
  /** The most rows of a page, 1 to 10,000. */
  readonly limit: number
  /** The cursor of the previous page; absent or null for the first page. */
  readonly cursor?: string | null
  /** The most tables that one page asks, 24 by default. A page that reached it has fewer rows, and a cursor. */
  readonly mostShards?: number
}

export interface Page {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** For the next page; null where there is none. It is text without secrets, and may be shown in a URL. */
  readonly cursor: string | null
  /** What was asked, one after the other. */
  readonly queries: readonly PageQuery[]
  /** Tables that do not exist: they were removed, or never created. */
  readonly missing: readonly string[]
}

/** What mysql2's promise pools and connections have. */
interface Mysql2 {
  query(sql: string, parameters: unknown[]): Promise<readonly [unknown, unknown]>
}

export function fromMysql2(pool: Mysql2): RowQuery {
  return async (sql, parameters) => (await pool.query(sql, [...parameters]))[0]
}

/** What knex has, with its client `mysql2`. */
interface Knex {
  raw(sql: string, bindings: unknown[]): PromiseLike<unknown>
}

export function fromKnex(knex: Knex): RowQuery {
  return async (sql, parameters) => {
    const answer = await knex.raw(sql, [...parameters])
    return Array.isArray(answer) ? answer[0] : answer
  }
}

/** All pages, one after the other. @throws as `readPage`. */
export async function* readPages(router: Router, query: RowQuery, request: PageRequest): AsyncGenerator<Page> {
  let cursor = request.cursor ?? null
  do {
    const page = await readPage(router, query, { ...request, cursor })
    yield page
    cursor = page.cursor
  } while (cursor !== null)
}

/**
 * One page of the rows of a family, over all its shards: a SELECT a shard, one after the other, without UNION.
 * @throws RangeError for a request that cannot be read, and for a cursor of another request; the driver's error of a SELECT. A table that
 * does not exist is only named, unless none of those that the first page asks exists.
 */
export async function readPage(router: Router, query: RowQuery, request: PageRequest): Promise<Page> {
  const selection = toSelection(router, request)
  const isFirst = (request.cursor ?? null) === null
  const { keys } = request
  if (keys === undefined) {
    const shards = shardsOf(router, request, selection)
    return readPeriods(shards, new PageReading(query, selection, isFirst), request)
  }
  const shards = withoutDoubles(keys.map((key) => router.shardFor(request.family, { key })))
  const merged = shards.length > 1
  return readKeys(shards, new PageReading(query, { ...selection, merged }, isFirst), request)
}

/** A key that is given twice names one table: its rows are read once. */
function withoutDoubles(shards: readonly RoutedShard[]): readonly RoutedShard[] {
  return [...new Map(shards.map((shard) => [shard.key, shard])).values()]
}

function toSelection(router: Router, request: PageRequest): PageSelection {
  const { family, between, keys, columns = [], where = null, orderBy, limit, direction = 'descending' } = request
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw new RangeError(`\`limit\` is ${limit}: give a whole number from 1 to 10000.`)
  if ((between === undefined) === (keys === undefined))
    throw new RangeError('Give either `between`, for a family by period, or `keys`, for a family by key.')
  const selection = { columns, where, orderBy, descending: direction === 'descending', merged: false }
  if (between === undefined) return { ...selection, between: null }
  const time = router.timeOf(family)
  if (time === null) {
    const next = 'Write `-- wwdb:time COLUMN` into its template, and write the shard map again.'
    throw new RangeError(`The shard map does not say which column places the rows of \`${family}\`. ${next}`)
  }
  if (orderBy[0].toLowerCase() !== time.column.toLowerCase())
    throw new RangeError(
      `Pages over the shards of \`${family}\` are in the order of \`${time.column}\`: name it first.`,
    )
  return { ...selection, between: { from: Number(between[0]), to: Number(between[1]), time } }
}

function shardsOf(
  router: Router,
  { family }: PageRequest,
  { between, descending }: PageSelection,
): readonly RoutedShard[] {
  if (between === null) return []
  const shards = router.shardsBetween(family, between.from, between.to)
  return descending ? shards.toReversed() : shards
}

type Row = Readonly<Record<string, unknown>>

/** A row with its values of `orderBy` as text. */
interface PlacedRow {
  readonly row: Row
  readonly values: readonly string[]
}

/** The queries of one page. */
class PageReading {
  readonly queries: PageQuery[] = []
  readonly missing: string[] = []
  readonly selection: PageSelection
  readonly #query: RowQuery
  readonly #isFirst: boolean
  #lastMissing: unknown = null

  constructor(query: RowQuery, selection: PageSelection, isFirst: boolean) {
    this.#query = query
    this.selection = selection
    this.#isFirst = isFirst
  }

  /** No rows where the table does not exist. */
  async ask(shard: RoutedShard, position: PagePosition | null, most: number): Promise<readonly PlacedRow[]> {
    const asked = selectPage(shard, this.selection, position, most)
    this.queries.push(asked)
    try {
      return this.#place(await this.#query(asked.sql, asked.parameters))
    } catch (error) {
      if (!isNoSuchTable(error)) throw error
      this.missing.push(`${shard.schema}.${shard.partition ?? shard.table}`)
      this.#lastMissing = error
      return []
    }
  }

  end(rows: readonly PlacedRow[], cursor: Cursor | null): Page {
    const { queries, missing } = this
    // Where no table exists at all, the schema is another one than the map says: an empty page would hide that. A cursor shows that one existed.
    if (this.#isFirst && queries.length > 0 && missing.length === queries.length) throw this.#lastMissing
    return { rows: rows.map(({ row }) => row), cursor: cursor === null ? null : writeCursor(cursor), queries, missing }
  }

  #place(answer: unknown): readonly PlacedRow[] {
    if (!Array.isArray(answer)) throw new RangeError('The query did not return a list of rows.')
    return answer.map((row: unknown) => {
      if (typeof row !== 'object' || row === null || Array.isArray(row))
        throw new RangeError('The query did not return rows as objects.')
      return this.#placeRow({ ...row })
    })
  }

  #placeRow(fields: Record<string, unknown>): PlacedRow {
    const { orderBy, merged } = this.selection
    const values = orderBy.map((column, place) => {
      const [text, type] = [fields[orderAlias(place)], fields[typeAlias(place)]]
      delete fields[orderAlias(place)]
      delete fields[typeAlias(place)]
      if (typeof text !== 'string')
        throw new RangeError(`\`${column}\` is NULL in a row: order by columns that are NOT NULL.`)
      if (!merged || isSortable(String(type), text)) return text
      const why = 'is neither a whole number nor a date with or without a time'
      throw new RangeError(`\`${column}\` ${why}: rows of several keys cannot be merged by it.`)
    })
    return { row: fields, values }
  }
}

/** ER_NO_SUCH_TABLE, as mysql2 and what is built on it report it. */
function isNoSuchTable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errno' in error && isMissing(error.errno)
}

/** A table that does not exist, or a partition that a table does not have. */
const isMissing = (errno: unknown): boolean => errno === 1146 || errno === 1735

async function readPeriods(
  shards: readonly RoutedShard[],
  reading: PageReading,
  { limit, cursor = null, mostShards = 24 }: PageRequest,
): Promise<Page> {
  const begin = cursor === null ? null : readCursor(cursor, reading.selection.orderBy.length)
  // A shard that has gone since is passed: the page goes on with the next one in the order.
  const left = begin === null ? shards : shards.slice(placeOf(begin.shard, shards, reading.selection))
  const rows: PlacedRow[] = []
  for (const [place, shard] of left.entries()) {
    if (place === mostShards) return reading.end(rows, { shard: shard.key, values: null })
    const position =
      begin?.shard === shard.key && begin.values !== null ? { values: begin.values, inclusive: false } : null
    const most = limit - rows.length
    const found = await reading.ask(shard, position, most + 1)
    rows.push(...found.slice(0, most))
    if (found.length > most) return reading.end(rows, { shard: shard.key, values: rows.at(-1)?.values ?? null })
    const next = left[place + 1]
    if (rows.length === limit) return reading.end(rows, next === undefined ? null : { shard: next.key, values: null })
  }
  return reading.end(rows, null)
}

/** Keys of one kind of period sort as their times do. */
function placeOf(key: string, shards: readonly RoutedShard[], { descending }: PageSelection): number {
  const place = shards.findIndex((shard) => (descending ? shard.key <= key : shard.key >= key))
  return place < 0 ? shards.length : place
}

async function readKeys(
  shards: readonly RoutedShard[],
  reading: PageReading,
  { limit, cursor = null, mostShards = 24 }: PageRequest,
): Promise<Page> {
  if (shards.length > mostShards)
    throw new RangeError(
      `${shards.length} keys are more tables than one page may ask: ${mostShards}. Give fewer keys, or \`mostShards\`.`,
    )
  const begin = cursor === null ? null : readCursor(cursor, reading.selection.orderBy.length)
  const last = shards.findIndex(({ key }) => key === begin?.shard)
  if (begin !== null && last < 0)
    throw new RangeError(`The cursor is of other keys: \`${begin.shard}\` is not among them.`)
  const found: (PlacedRow & { readonly rank: number })[] = []
  for (const [rank, shard] of shards.entries()) {
    const position = begin?.values == null ? null : { values: begin.values, inclusive: rank > last }
    for (const placed of await reading.ask(shard, position, limit + 1)) found.push({ ...placed, rank })
  }
  const { descending } = reading.selection
  const sorted = found.toSorted((one, other) => {
    const order = compareValues(one.values, other.values)
    return (descending ? -order : order) || one.rank - other.rank
  })
  const rows = sorted.slice(0, limit)
  const end = rows.at(-1)
  const shard = end === undefined ? undefined : shards[end.rank]
  const more = sorted.length > limit && end !== undefined && shard !== undefined
  return reading.end(rows, more ? { shard: shard.key, values: end.values } : null)
}

/** Whether a value of a type, as JSON_TYPE names it, sorts here as it does on the server: texts sort by a collation, which only the server knows. */
function isSortable(type: string, text: string): boolean {
  return /^(?:UNSIGNED )?INTEGER$|^DATE(?:TIME)?$/.test(type) || (type === 'DECIMAL' && isNumber(text))
}

function compareValues(one: readonly string[], other: readonly string[]): number {
  for (const [place, value] of one.entries()) {
    const against = other[place] ?? ''
    if (value === against) continue
    if (isNumber(value) && isNumber(against)) return BigInt(value) < BigInt(against) ? -1 : 1
    return value < against ? -1 : 1
  }
  return 0
}

const isNumber = (text: string): boolean => /^-?\d+$/.test(text)
