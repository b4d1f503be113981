import { periodAt, shiftPeriod } from '../../calendar/period.ts'
import type { RowTime, ShardFamily } from '../../core/shard-family.ts'
import { ToolError } from '../../core/tool-error.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName, quoteQualified } from '../../sql/quote-name.ts'
import type { ShardStore } from '../ports.ts'
import { namingOf } from '../render-shard.ts'
import { type Piece, piecesBetween, piecesOfKeys, readsSeconds, toInstant } from './piece.ts'
import type { SplitFacts } from './plan-split.ts'
import type { SplitServer } from './ports.ts'

/** What is asked about a table that is to be split. */
export interface FactsRequest {
  readonly server: SplitServer
  readonly store: ShardStore
  readonly family: ShardFamily
  readonly table: string
  /** `--by`; null for the time of the template. */
  readonly by: string | null
  /** The CREATE TABLE of a shard. */
  readonly render: (piece: Pick<Piece, 'key' | 'table'>) => Parameters<ShardStore['shapeOf']>[0]
  readonly now: number
}

/** Reads what a plan is made of. Writes nothing but a table of a scratch schema, which goes again. */
export async function readFacts(request: FactsRequest): Promise<SplitFacts> {
  const { server, store, family, table, now } = request
  const { target } = store
  const found = await server.findTables([table])
  if (found.get(table) !== 'table') throw noTable(request, found.get(table) ?? null)
  const column = columnOf(request)
  const columns = await server.readColumns(table)
  const has = columns.some(({ name }) => name.toLowerCase() === column.toLowerCase())
  const { pieces, strangers } = has ? await findPieces(request, column) : { pieces: [], strangers: [] }
  const present = await server.findTables(pieces.map((piece) => piece.table))
  const { parse } = namingOf(family)
  const shards = (await store.listTables()).filter(({ type, name }) => type === 'table' && parse(name) !== null)
  const filled: string[] = []
  // Any shard of the family: what it had before is not carried back with the rows of the table.
  for (const { name } of shards) if (!(await store.isEmpty(name))) filled.push(name)
  const [listed] = await server.listTables([table])
  return {
    target,
    family,
    table,
    column,
    pieces,
    filled,
    columns,
    ...(await readShapes(request, pieces, [...present.keys()])),
    inPartitions: await findPartitions(
      request,
      shards.map(({ name }) => name),
    ),
    keys: await server.readKeys(table),
    walked: await server.readUniqueKeys(table),
    obstacles: await server.readObstacles(table),
    hasNull: has && (await hasNull(request, column)),
    strangers,
    rows: await estimateRows(request),
    bytes: listed?.bytes ?? 0,
    now,
  }
}

function columnOf({ family, by, store: { target } }: FactsRequest): string {
  const where = { database: target.database, server: target.server, file: family.template.file }
  if (family.division.type === 'period') {
    if (by !== null)
      throw new ToolError('USAGE', {
        what: `\`--by\` is for families by instance, and \`${family.name}\` has periods.`,
        next: 'Leave it out: the line `-- wwdb:time` of the template names the column.',
      })
    if (family.time !== undefined) return family.time.column
    throw new ToolError('SPLIT_REFUSED', {
      what: `The template of \`${family.name}\` does not say which column decides in which shard a row is.`,
      where,
      next: 'Write `-- wwdb:time COLUMN` into it.',
    })
  }
  if (by !== null) return by
  throw new ToolError('USAGE', {
    what: `\`${family.name}\` has a shard for each instance, and no column of the table is named for it.`,
    next: 'Name the column that has the instance: `--by COLUMN`.',
  })
}

type Found = Pick<SplitFacts, 'pieces' | 'strangers'>

async function findPieces(request: FactsRequest, column: string): Promise<Found> {
  const { family } = request
  return family.division.type === 'key' || family.time === undefined
    ? findKeys(request, column)
    : findPeriods(request, family.time)
}

const isKey = /^\d{1,20}$/

async function findKeys({ server, store, table, family }: FactsRequest, column: string): Promise<Found> {
  const own = quoteName(column)
  const rows = await server.beside((ask) =>
    ask(
      `SELECT ${ownHint} CAST(${own} AS CHAR) FROM ${quoteQualified(store.target.schema, table)} WHERE ${own} IS NOT NULL GROUP BY ${own} ORDER BY ${own}`,
    ),
  )
  // ZEROFILL shows zeros before the number, and no key has any.
  const keys = rows.map(([key]) => String(key).replace(/^0+(?=\d)/, ''))
  const { name } = namingOf(family)
  return {
    pieces: piecesOfKeys(
      keys.filter((key) => isKey.test(key)),
      name,
    ),
    strangers: keys.filter((key) => !isKey.test(key)),
  }
}

/** From the first row to the last, and as far ahead as rotation makes shards: writes do not wait for the split. */
async function findPeriods({ server, store, table, family, now }: FactsRequest, time: RowTime): Promise<Found> {
  const { division, policy } = family
  if (division.type !== 'period') return { pieces: [], strangers: [] }
  const own = quoteName(time.column)
  const read = (aggregate: string): string => readsSeconds(time, `${aggregate}(${own})`)
  const [row] = await server.beside((ask) =>
    ask(
      `SELECT ${ownHint} ${read('MIN')},${read('MAX')},CAST(MIN(${own}) AS CHAR),CAST(MAX(${own}) AS CHAR) FROM ${quoteQualified(store.target.schema, table)}`,
    ),
  )
  // A date of zeros is no instant, and would hide those of the other rows.
  const timeless = [0, 1].flatMap((at) => (row?.[at] === null ? (row[at + 2] ?? []) : []))
  if (timeless.length > 0) return { pieces: [], strangers: timeless.map(String) }
  const ahead = shiftPeriod(
    periodAt(now, division.kind, division.zone),
    policy.premake.none === true ? 0 : policy.premake.periods,
  )
  const instants = (row ?? []).slice(0, 2).flatMap((cell) => (cell === null ? [] : [toInstant(Number(cell), time)]))
  const first = Math.min(now, ...instants)
  const last = Math.max(ahead.from, ...instants)
  const days = Math.round((last - first) / 86_400_000)
  // A time of the year 1 or 9999 would make thousands of tables: it is named instead.
  if (days > 366 * 60) return { pieces: [], strangers: instants.map((at) => new Date(at).toISOString().slice(0, 19)) }
  return { pieces: piecesBetween(family, time, namingOf(family).name, first, last), strangers: [] }
}

async function hasNull({ server, store, table }: FactsRequest, column: string): Promise<boolean> {
  const rows = await server.beside((ask) =>
    ask(
      `SELECT ${ownHint} 1 FROM ${quoteQualified(store.target.schema, table)} WHERE ${quoteName(column)} IS NULL LIMIT 1`,
    ),
  )
  return rows.length > 0
}

async function estimateRows({ server, store, table }: FactsRequest): Promise<number> {
  const [row] = await server.ask(
    `SHOW TABLE STATUS FROM ${quoteName(store.target.schema)} WHERE Name='${table.replaceAll("'", "''")}'`,
  )
  return Number(row?.[4] ?? 0)
}

/** Shards that are partitions are listed, and no tables have their names. */
async function findPartitions({ server, family }: FactsRequest, shards: readonly string[]): Promise<boolean> {
  return family.keeper === 'partition' || (await server.findTables(shards)).size < shards.length
}

type Shapes = Pick<SplitFacts, 'lines' | 'wanted' | 'odd'>

/** The table beside a shard as the template makes it, and the pieces that exist. */
async function readShapes(
  { store, render, table, family }: FactsRequest,
  pieces: readonly Piece[],
  present: readonly string[],
): Promise<Shapes> {
  const lines = (await store.readShapes([table], 'lines')).get(table)?.lines ?? []
  const [piece] = pieces
  if (piece === undefined || family.template.siblings.length > 0) return { lines, wanted: lines, odd: [] }
  const wanted = await store.shapeOf(render(piece), [])
  const shapes = await store.readShapes(present, 'fingerprint')
  const odd = present.filter((name) => shapes.get(name)?.fingerprint !== wanted.fingerprint)
  return { lines, wanted: wanted.lines ?? [], odd }
}

function noTable({ store: { target }, table }: FactsRequest, found: 'table' | 'view' | null): ToolError {
  return new ToolError('SPLIT_REFUSED', {
    what: `\`${table}\` cannot be split.`,
    where: { database: target.database, server: target.server },
    why: found === 'view' ? 'It is a view.' : `\`${target.database}\` has no table of this name.`,
    next: 'Name a table of the database that the family belongs to.',
  })
}
