import { ownHint } from '../../../sql/own-hint.ts'
import { quoteName, quoteQualified } from '../../../sql/quote-name.ts'
import { type ColumnPair, rowDigest, type Side } from './columns.ts'
import {
  type ChunkBounds,
  chunkCondition,
  type KeyValues,
  keyEquals,
  keyLiterals,
  orderByKey,
  type WalkedKey,
} from './key.ts'

/** A table and its copy in the same schema, and how they are read. */
export interface Comparison {
  readonly schema: string
  readonly table: string
  readonly copy: string
  /** Where several tables together are the copy: a table that is split. Then `copy` is their name for people. */
  readonly pieces?: readonly string[]
  /** Which rows of the table are compared, as a condition; all where it is absent. */
  readonly own?: string
  readonly pairs: readonly ColumnPair[]
  /** Null where both are compared as a whole. */
  readonly key: WalkedKey | null
}

type Value = string | number | Buffer | null

/** Asks the server one question; rows are lists of values. */
export type Ask = (text: string) => Promise<readonly (readonly Value[])[]>

/** How the copy differs in one row. */
export type DifferingRow =
  | { readonly type: 'missing' | 'extra' | 'different'; readonly key: string; readonly values: KeyValues }
  /** Rows that no key tells apart: only how many there are of them is known. */
  | { readonly type: 'count'; readonly key: string; readonly table: number; readonly copy: number }

export interface CopyComparison {
  readonly rows: number
  readonly chunks: number
  /** At most `mostRows`: a copy with one is refused. */
  readonly differing: readonly DifferingRow[]
}

export interface CompareTuning {
  /** Rows of a chunk. */
  readonly rows: number
  /** Called after each chunk, and before the next: the governor and Ctrl-C stand behind it. */
  readonly between: (done: { readonly rows: number; readonly chunks: number }) => Promise<void>
  /** Where what differs once may be equal a moment later. */
  readonly later?: LaterLook
}

export interface LaterLook {
  /** Those of the rows that still differ after a pause. */
  readonly again: (rows: readonly DifferingRow[]) => Promise<readonly DifferingRow[]>
  /** One look while nobody can write to the table, repeated until it finds nothing or its time is over; null where the table could not be locked. */
  readonly still: (look: () => Promise<readonly DifferingRow[]>) => Promise<readonly DifferingRow[] | null>
}

/** Differing rows that are named. */
const mostRows = 20

/**
 * Compares a copy with its table, chunk by chunk. Both sides of a chunk are read by one statement, in one view of the data: what is written to both in one
 * transaction, as by triggers, is seen in both or in neither.
 */
export async function compareCopy(ask: Ask, comparison: Comparison, tuning: CompareTuning): Promise<CopyComparison> {
  const { later } = tuning
  const differing: DifferingRow[] = []
  let waiting: readonly DifferingRow[] = []
  let [rows, chunks] = [0, 0]
  let after: KeyValues | null = null
  for (;;) {
    const through: KeyValues | null = await readBound(ask, comparison, after, tuning.rows)
    const bounds: ChunkBounds = { after, through }
    const [own, other] = await readSums(ask, comparison, bounds)
    rows += own.rows
    chunks += 1
    if (!isEqual([own, other])) {
      if (later === undefined) differing.push(...(await narrow(ask, comparison, bounds, mostRows - differing.length)))
      else {
        const { found, isWhole } = await narrowLater(ask, comparison, bounds, later)
        if (isWhole) waiting = [...waiting, ...found]
        else differing.push(...found.slice(0, mostRows - differing.length))
      }
    }
    if (later !== undefined && waiting.length > 0 && (through === null || waiting.length >= mostWaiting)) {
      differing.push(...(await later.again(waiting)))
      waiting = []
    }
    if (through === null || differing.length >= mostRows) return { rows, chunks, differing }
    after = through
    await tuning.between({ rows, chunks })
  }
}

const isEqual = ([own, other]: readonly [ChunkSum, ChunkSum]): boolean =>
  own.rows === other.rows && own.sum === other.sum

/** Rows that are kept to be read again, and those that one chunk may have of them. */
const mostWaiting = 200
/** Times that a chunk is read in which more rows differ than are kept. */
const looks = 5

/**
 * All rows in which a chunk differs. Where they are too many to be kept, it is read again until they are not: rows that nobody has named would pass for equal. Where they
 * are too many to the end, it is not whole, and the chunk differs, whatever becomes of those that are named.
 */
async function narrowLater(
  ask: Ask,
  comparison: Comparison,
  bounds: ChunkBounds,
  { again, still }: LaterLook,
): Promise<{ readonly found: readonly DifferingRow[]; readonly isWhole: boolean }> {
  const look = async (): Promise<readonly DifferingRow[]> =>
    isEqual(await readSums(ask, comparison, bounds)) ? [] : narrow(ask, comparison, bounds, mostWaiting)
  for (let count = 1; count <= looks; count += 1) {
    const found = await look()
    if (found.length < mostWaiting) return { found, isWhole: true }
    const stays = await again(found)
    if (stays.length >= mostRows) return { found: stays, isWhole: false }
  }
  const found = (await still(look)) ?? (await look())
  return { found, isWhole: found.length < mostWaiting }
}

/** The rows that differed and still do: what was written meanwhile is seen whole now. */
export async function compareAgain(
  ask: Ask,
  comparison: Comparison,
  differing: readonly DifferingRow[],
): Promise<readonly DifferingRow[]> {
  const still: DifferingRow[] = []
  const { key } = comparison
  for (const row of differing) {
    if (row.type === 'count' || key === null) {
      still.push(row)
      continue
    }
    const own = await readDigests(ask, comparison, 'from', keyEquals(key, 'from', row.values))
    const other = await readDigests(ask, comparison, 'to', keyEquals(key, 'to', row.values))
    if (own.join() !== other.join()) still.push(row)
  }
  return still
}

const nameOf = (comparison: Comparison, side: Side): string =>
  quoteQualified(comparison.schema, side === 'from' ? comparison.table : comparison.copy)

/** The rows of a chunk on one side. */
function rowsOf({ key, own }: Comparison, side: Side, bounds: ChunkBounds): string {
  const chunk = key === null ? 'TRUE' : chunkCondition(key, side, bounds)
  return side === 'from' && own !== undefined ? `(${chunk}) AND (${own})` : chunk
}

/** A query of each table of a side, in one statement: each is read by its own index. */
function readEach(comparison: Comparison, side: Side, query: (name: string) => string): string {
  const { schema, pieces } = comparison
  if (side === 'from' || pieces === undefined) return query(nameOf(comparison, side))
  return pieces.map((piece) => query(quoteQualified(schema, piece))).join(' UNION ALL ')
}

/** The last key of the next chunk; null where the rest is one. */
export async function readBound(
  ask: Ask,
  comparison: Comparison,
  after: KeyValues | null,
  rows: number,
): Promise<KeyValues | null> {
  const { key } = comparison
  if (key === null) return null
  const where = chunkCondition(key, 'from', { after, through: null })
  const [found] = await ask(
    `SELECT ${ownHint} ${keyLiterals(key, 'from').join(',')} FROM ${nameOf(comparison, 'from')} FORCE INDEX(${quoteName(key.name)}) WHERE ${where} ORDER BY ${orderByKey(key)} LIMIT 1 OFFSET ${rows - 1}`,
  )
  return found === undefined ? null : found.map(textOf)
}

const textOf = (value: Value | undefined): string => (Buffer.isBuffer(value) ? value.toString() : String(value))

interface ChunkSum {
  readonly rows: number
  readonly sum: string
}

/** Sums, not exclusive ors: two equal rows would cancel each other out. Of the 256 bits of each row's digest, 128 are summed. */
function selectSums(comparison: Comparison, side: Side, bounds: ChunkBounds): string {
  const { pairs } = comparison
  const where = rowsOf(comparison, side, bounds)
  const part = (from: number): string => `IFNULL(SUM(CAST(CONV(SUBSTRING(d,${from},15),16,10) AS UNSIGNED)),0)`
  // LIMIT keeps the inner query apart; merged into the outer one, each digest would be made for each sum.
  const digests = readEach(comparison, side, (name) => `SELECT ${rowDigest(pairs, side)} d FROM ${name} WHERE ${where}`)
  return `SELECT '${side}' s,COUNT(*) n,COUNT(d) m,CONCAT(${part(1)},'/',${part(16)},'/',${part(31)}) d FROM (${digests} LIMIT 18446744073709551615) wwdb_rows`
}

export async function readSums(
  ask: Ask,
  comparison: Comparison,
  bounds: ChunkBounds,
): Promise<readonly [ChunkSum, ChunkSum]> {
  const rows = await ask(`${selectSums(comparison, 'from', bounds)} UNION ALL ${selectSums(comparison, 'to', bounds)}`)
  const read = (side: Side): ChunkSum => {
    const row = rows.find(([name]) => textOf(name) === side)
    const [, count, digests, sum] = row ?? []
    if (Number(count) !== Number(digests)) throw new Error(`a row of \`${nameOf(comparison, side)}\` has no checksum`)
    return { rows: Number(count), sum: textOf(sum) }
  }
  return [read('from'), read('to')]
}

async function readDigests(ask: Ask, comparison: Comparison, side: Side, where: string): Promise<readonly string[]> {
  const digests = readEach(
    comparison,
    side,
    (name) => `SELECT ${ownHint} ${rowDigest(comparison.pairs, side)} d FROM ${name} WHERE ${where}`,
  )
  const rows = await ask(`${digests} ORDER BY d`)
  return rows.map(([digest]) => textOf(digest))
}

/** The rows of a chunk that differ, each by its key; where no key tells rows apart, by what they are. */
export async function narrow(
  ask: Ask,
  comparison: Comparison,
  bounds: ChunkBounds,
  most: number,
): Promise<readonly DifferingRow[]> {
  const { key, pairs } = comparison
  const select = (side: Side): string => {
    const literals = key === null ? [] : keyLiterals(key, side)
    const [made, names] = [literals.map((literal, at) => `${literal} k${at},`), literals.map((_, at) => `k${at},`)]
    const where = rowsOf(comparison, side, bounds)
    const inner = readEach(
      comparison,
      side,
      (name) => `SELECT ${made.join('')}${rowDigest(pairs, side)} d FROM ${name} WHERE ${where}`,
    )
    return `SELECT '${side}' s,${names.join('')}d,COUNT(*) n FROM (${inner}) wwdb_rows GROUP BY ${names.join('')}d`
  }
  const rows = await ask(`${select('from')} UNION ALL ${select('to')}`)
  const found = new Map<string, { values: KeyValues; from: Map<string, number>; to: Map<string, number> }>()
  for (const row of rows) {
    const side = textOf(row[0]) === 'from' ? 'from' : 'to'
    const [digest, count] = [textOf(row.at(-2)), Number(row.at(-1))]
    const values = row.slice(1, -2).map(textOf)
    const name = key === null ? digest : values.join(', ')
    const entry = found.get(name) ?? { values, from: new Map(), to: new Map() }
    entry[side].set(digest, count)
    found.set(name, entry)
  }
  const differing: DifferingRow[] = []
  for (const [name, { values, from, to }] of found) {
    if (differing.length >= most) break
    const row = judge(name, values, from, to)
    if (row !== null) differing.push(row)
  }
  return differing
}

const total = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0)

function judge(
  key: string,
  values: KeyValues,
  from: ReadonlyMap<string, number>,
  to: ReadonlyMap<string, number>,
): DifferingRow | null {
  const [own, other] = [total(from), total(to)]
  const isSame = own === other && [...from].every(([digest, count]) => to.get(digest) === count)
  if (isSame) return null
  if (own > 1 || other > 1 || values.length === 0) return { type: 'count', key, table: own, copy: other }
  return { type: other === 0 ? 'missing' : own === 0 ? 'extra' : 'different', key, values }
}
