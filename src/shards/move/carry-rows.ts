import { quoteName } from '../../sql/quote-name.ts'
import { isOfShard } from './compare-sides.ts'
import { quoted } from './move-facts.ts'
import { comparedColumns, type MoveRequest, pause, refused } from './move-request.ts'
import type { CarryPlan } from './plan-carry.ts'
import type { KeyedRow, RowPage } from './ports.ts'
import type { MovedShard } from './workflow-commands.ts'

const rowsOfPage = 500

/** Rows of the keyspace that cannot be rows of one shard are named before anything is changed. Throws ToolError `MOVE_REFUSED`. */
export async function requireUnique(request: MoveRequest, { shards }: CarryPlan): Promise<void> {
  const { keyspace, table, column } = request
  for (const shard of shards)
    for (const columns of shard.once) {
      const values = await keyspace.findDuplicates(table, columns, isOfShard(shard, column))
      if (values.length > 0)
        throw refused(
          request,
          `Several rows of \`${table}\` with \`${column}\` ${shard.key} have equal values of ${quoted(columns)}, which \`${shard.table}\` takes once: ${values.join('; ')}.`,
          `Nothing was changed, and the shards take no writes. Change or delete these rows in \`${table}\`, and run the command again.`,
        )
    }
}

/**
 * Makes a shard equal to its rows in the keyspace: what the application has written there since the switch comes back. The shard refuses all other writes meanwhile. All rows that are
 * gone or changed are deleted before one is written, as the value of a unique key may have gone to a row far away. A run that was killed between the two has lost nothing: the rows are in
 * the keyspace. Returns the number of statements.
 */
export async function carryRows(request: MoveRequest, plan: CarryPlan, shard: MovedShard): Promise<number> {
  const { id } = plan
  const own = comparedColumns(plan, request.column)
  const deleted = await walk(request, plan, shard, ({ here, there }) => {
    // What cannot be written is said before the row that it would take the place of is deleted.
    const wanted = new Map(there.map((row) => [row.id, textOf(request, shard, row)]))
    return here
      .filter((row) => row.text === null || wanted.get(row.id) !== row.text)
      .map((row) => `DELETE FROM ${quoteName(shard.table)} WHERE ${quoteName(id)}=${row.id}`)
  })
  const into = `INSERT INTO ${quoteName(shard.table)}(${own.map(quoteName).join(',')})`
  const written = await walk(request, plan, shard, ({ here, there }) => {
    const present = new Set(here.map((row) => row.id))
    return there.filter((row) => !present.has(row.id)).map((row) => `${into} VALUES (${textOf(request, shard, row)})`)
  })
  return deleted + written
}

interface Pages {
  readonly here: readonly KeyedRow[]
  readonly there: readonly KeyedRow[]
}

/** Reads both sides in the order of the id, and writes what is to be done about each pair of pages. Returns the number of statements. */
async function walk(
  request: MoveRequest,
  plan: Pick<CarryPlan, 'columns' | 'id'>,
  shard: MovedShard,
  toTexts: (pages: Pages) => readonly string[],
): Promise<number> {
  const { source, keyspace, table, column } = request
  const own = { columns: comparedColumns(plan, column), id: plan.id, size: rowsOfPage }
  let [carried, after]: [number, RowPage['after']] = [0, null]
  for (;;) {
    if (request.stop.requested) await pause(request)
    const here: readonly KeyedRow[] = await source.readPage({ ...own, after, table: shard.table, where: null })
    const there: readonly KeyedRow[] = await keyspace.readPage({
      ...own,
      after,
      table,
      where: isOfShard(shard, column),
    })
    const bound = boundOf(here, there)
    const texts = toTexts({ here: upTo(here, bound), there: upTo(there, bound) })
    for (const some of inPackets(texts)) await source.write(some)
    carried += texts.length
    if (bound === null) return carried
    after = bound
  }
}

function textOf(request: MoveRequest, { table }: MovedShard, { id, text }: KeyedRow): string {
  if (text !== null) return text
  throw refused(
    request,
    `The row ${id} of \`${table}\` is too large to be written as one statement.`,
    'Increase max_allowed_packet on both sides, and run the command again. The shards take no writes until then.',
  )
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
