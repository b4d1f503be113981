import { quoteName } from '../../sql/quote-name.ts'
import { isOfShard } from './compare-sides.ts'
import { comparedColumns, type MoveRequest, pause, refused } from './move-request.ts'
import type { MovePlan } from './plan-move.ts'
import type { KeyedRow, RowPage } from './ports.ts'
import type { MovedShard } from './workflow-commands.ts'

const rowsOfPage = 500

/**
 * Makes a shard equal to its rows in the keyspace, row by row in the order of the id: what the application has written there since the switch comes back. The shard refuses all other
 * writes meanwhile. Returns the number of rows that were written or deleted.
 */
export async function carryRows(request: MoveRequest, plan: MovePlan, shard: MovedShard): Promise<number> {
  const { source, keyspace, table, column } = request
  const columns = comparedColumns(plan, column)
  const own = { columns, id: plan.id, size: rowsOfPage }
  let carried = 0
  let after: bigint | null = null
  for (;;) {
    const at: Pick<RowPage, 'after'> = { after }
    const here = await source.readPage({ ...own, ...at, table: shard.table, where: null })
    const there = await keyspace.readPage({ ...own, ...at, table, where: isOfShard(shard, column) })
    const bound = boundOf(here, there)
    const texts = toStatements(request, shard, columns, plan.id, upTo(here, bound), upTo(there, bound))
    for (const some of inPackets(texts)) await source.write(some)
    carried += texts.length
    if (bound === null) return carried
    after = bound
    if (request.stop.requested) await pause(request)
  }
}

/** Characters of one transaction: far below any server's max_allowed_packet, unless one row is larger. */
const packet = 1_000_000

function inPackets(texts: readonly string[]): readonly (readonly string[])[] {
  const packets: string[][] = []
  let length = packet
  for (const text of texts) {
    if (length + text.length > packet) {
      packets.push([])
      length = 0
    }
    packets.at(-1)?.push(text)
    length += text.length
  }
  return packets
}

/** Up to which id both pages are complete; null where no more rows follow on either side. */
function boundOf(...pages: readonly (readonly KeyedRow[])[]): bigint | null {
  const full = pages.flatMap((page) => (page.length < rowsOfPage ? [] : [page.at(-1)?.id ?? 0n]))
  return full.length === 0 ? null : (full.toSorted((a, b) => (a < b ? -1 : 1))[0] ?? null)
}

const upTo = (rows: readonly KeyedRow[], bound: bigint | null): readonly KeyedRow[] =>
  bound === null ? rows : rows.filter(({ id }) => id <= bound)

/** What makes the rows of a shard those of the keyspace. Deletes come first: the value of a unique key may have gone to another row. */
function toStatements(
  request: MoveRequest,
  shard: MovedShard,
  columns: readonly string[],
  id: string,
  here: readonly KeyedRow[],
  there: readonly KeyedRow[],
): readonly string[] {
  const into = quoteName(shard.table)
  const wanted = new Map(there.map((row) => [row.id, row]))
  const present = new Map(here.map((row) => [row.id, row]))
  const gone = here.filter((row) => !wanted.has(row.id))
  const other = there.filter((row) => present.get(row.id)?.text !== row.text || row.text === null)
  const tooLarge = other.find(({ text }) => text === null)
  if (tooLarge !== undefined)
    throw refused(
      request,
      `The row ${tooLarge.id} of \`${shard.table}\` is too large to be written as one statement.`,
      'Increase max_allowed_packet on both sides, and run the command again.',
    )
  const changed = other.filter((row) => present.has(row.id))
  return [
    ...[...gone, ...changed].map((row) => `DELETE FROM ${into} WHERE ${quoteName(id)}=${row.id}`),
    ...other.map((row) => `INSERT INTO ${into}(${columns.map(quoteName).join(',')}) VALUES (${row.text})`),
  ]
}
