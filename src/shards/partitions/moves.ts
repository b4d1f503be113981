import { ToolError } from '../../core/tool-error.ts'
import type { CreateOutcome, ShardStore, TableToCreate } from '../ports.ts'
import type { Shard } from '../shard.ts'
import { moveLateRows, refuseSecondInsert } from './late-rows.ts'
import {
  firstPieces,
  type Layout,
  type PartitionChange,
  type PartitionedFamily,
  type Piece,
  pieceOf,
  planClosing,
  planPieces,
  readLayout,
} from './layout.ts'
import { hasOwnBounds, type KeptShard } from './present.ts'
import { changePieces, exchangePartition, toHoldTable, toPartitioned, toWhole } from './statements.ts'

type MoveStore = Pick<
  ShardStore,
  'readPartitions' | 'readDefinitions' | 'readTriggers' | 'define' | 'isEmpty' | 'moveRows' | 'drop' | 'rename'
>

/** A shard to make, with the CREATE TABLE that would make it as a table. */
interface WantedPartition {
  readonly table: TableToCreate
  readonly shard: Shard
}

/** Errors after which nothing more can be sent. */
const fatal: ReadonlySet<string> = new Set(['LOCK_LOST', 'CONNECTION_LOST', 'READ_ONLY'])

/** True where a server refused one statement, and would take the next. */
export function isRefusal(error: unknown): error is ToolError {
  return error instanceof ToolError && !fatal.has(error.code)
}

/** Makes shards of one family: the table where there is none, else its missing partitions. A refusal fails these shards, and no others. */
export async function makePartitions(
  store: MoveStore,
  family: PartitionedFamily,
  whole: string,
  wanted: readonly WantedPartition[],
): Promise<readonly CreateOutcome[]> {
  try {
    const live = (await store.readPartitions([whole])).get(whole)
    const pieces = wanted.map(({ shard }) => pieceOf(family, shard))
    if (live === undefined) await makeTable(store, family, whole, wanted, pieces)
    else await changeTable(store, whole, family, planPieces(readLayout(family, whole, live), pieces))
    return wanted.map(({ table }) => ({ table: table.table, type: 'created' }))
  } catch (error) {
    if (!isRefusal(error)) throw error
    const { what = error.message, why } = error.faults[0] ?? {}
    const reason = why === undefined ? what : `${what} ${why}`
    return wanted.map(({ table }) => ({ table: table.table, type: 'failed', why: reason, cause: error }))
  }
}

function makeTable(
  store: MoveStore,
  family: PartitionedFamily,
  whole: string,
  wanted: readonly WantedPartition[],
  pieces: readonly Piece[],
): Promise<void> {
  const [first] = wanted
  if (first === undefined) return Promise.resolve()
  const text = toWhole(first.table.text, first.table.table, whole)
  return store.define(toPartitioned(text, family, firstPieces(pieces)), [whole])
}

/** The statement that would make one shard of a table by itself; a comment where it cannot. */
export function describePieces(layout: Layout, shard: Shard): string {
  try {
    const changes = planPieces(layout, [pieceOf(layout.family, shard)])
    return changes.map((one) => changePieces(layout.table, layout.family, one)).join(';\n')
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return `-- ${error.message}`
  }
}

/** Sends changes of a table's partitions, one after another. */
export async function changeTable(
  store: Pick<ShardStore, 'define'>,
  whole: string,
  family: PartitionedFamily,
  changes: readonly PartitionChange[],
): Promise<void> {
  for (const one of changes) await store.define(changePieces(whole, family, one), [whole])
}

/**
 * Puts a shard on hold: an empty table of the same definition takes the place of the partition's rows, and then the range is closed. The exchange is the one step that decides where the rows are.
 */
export async function holdPartition(store: MoveStore, kept: KeptShard, hold: string): Promise<void> {
  const { layout, shard } = kept
  const live = (await store.readPartitions([layout.table])).get(layout.table)
  const current = live === undefined ? layout : readLayout(layout.family, layout.table, live)
  if (!hasOwnBounds({ shard, layout: current })) throw otherRange(layout, shard)
  const shown = (await store.readDefinitions([layout.table])).get(layout.table) ?? ''
  await store.define(toHoldTable(shown, hold), [hold])
  // Its rows would take the partition's place, unchecked.
  if (!(await store.isEmpty(hold))) throw holdsRows(shard, hold)
  try {
    await store.define(exchangePartition(layout.table, shard.table, hold, false), [layout.table, hold])
  } catch (error) {
    // A refused exchange did not happen. After any other error the next run looks where the rows are.
    if (isRefusal(error) && (await store.isEmpty(hold))) await store.drop(hold)
    throw explainExchange(error, layout, shard.table)
  }
  await closeShard(store, layout, shard.table)
}

/** Closes the range of a shard whose rows are elsewhere. Where others use the table, the next run closes it: until then nothing counts it as a shard. */
export async function closeShard(store: MoveStore, { family, table }: Layout, name: string): Promise<void> {
  const live = (await store.readPartitions([table])).get(table)
  const closing = live === undefined ? null : planClosing(readLayout(family, table, live), name)
  try {
    if (closing !== null) await changeTable(store, table, family, [closing])
  } catch (error) {
    if (!isBlocked(error)) throw error
  }
}

/** Restores a shard from a table: opens its range, and lets the rows of that table take the place of the partition's. Rows of its period that came meanwhile are kept. */
export async function restorePartition(
  store: MoveStore,
  family: PartitionedFamily,
  whole: string,
  shard: Shard,
  from: string,
): Promise<void> {
  const live = (await store.readPartitions([whole])).get(whole)
  if (live === undefined) return store.rename(from, shard.table)
  const layout = readLayout(family, whole, live)
  await changeTable(store, whole, family, planPieces(layout, [pieceOf(family, shard)]))
  try {
    if (!(await store.isEmpty(whole, shard.table)))
      await refuseSecondInsert(store, whole, `the range of \`${shard.table}\``)
    await store.define(exchangePartition(whole, shard.table, from, true), [whole, from])
  } catch (error) {
    await closeShard(store, layout, shard.table)
    throw explainExchange(error, layout, shard.table)
  }
  try {
    await moveLateRows(store, from, whole)
    await store.drop(from)
  } catch (error) {
    throw isBlocked(error) ? notPutAway(error, shard, from) : error
  }
}

const isBlocked = (error: unknown): boolean => error instanceof ToolError && error.code === 'SHARD_BLOCKED'

/** Not as a table in use: whoever reads that takes the shard for one that is still on hold, but its rows are back. */
function notPutAway(error: unknown, { table }: Shard, from: string): ToolError {
  return new ToolError(
    'SHARD_CHANGED',
    {
      what: `The rows of \`${table}\` are restored, but \`${from}\` is in use and could not be put away.`,
      why: 'It has the rows of that period that came while the shard was on hold, if there were any.',
      next: 'Run `wwdb rotate run`: it moves them and drops that table.',
    },
    { cause: error },
  )
}

function holdsRows({ table }: Shard, hold: string): ToolError {
  return new ToolError('SHARD_CHANGED', {
    what: `\`${table}\` was not put on hold: there is a table \`${hold}\` already, and it has rows.`,
    why: 'Another hand created it, or a restore of the same day could not put it away. An exchange would bring its rows into the partition.',
    next: 'Look at its rows, move them to where they belong, and drop or rename that table.',
  })
}

function otherRange({ table, family }: Layout, shard: Shard): ToolError {
  return new ToolError('SHARD_CHANGED', {
    what: `The partition \`${shard.table}\` of \`${table}\` does not have the range of its period, so it was not put on hold.`,
    where: { file: family.template.file },
    why: 'A partition beside it was dropped or divided outside of wwdb, so it has rows of other periods, or not all of its own.',
    next: 'Divide it with a migration (ALTER TABLE ... REORGANIZE PARTITION) so that each period has one partition.',
  })
}

/** The server's refusal of an exchange, with what can be done. */
function explainExchange(error: unknown, { table }: Layout, shard: string): unknown {
  if (!(error instanceof ToolError)) return error
  const why = `${error.faults[0]?.what ?? ''} ${error.faults[0]?.why ?? ''}`
  if (/INSTANT COLUMN/.test(why))
    return new ToolError(
      'SHARD_CHANGED',
      {
        what: `\`${shard}\` cannot be exchanged with a table: \`${table}\` was changed with ALGORITHM=INSTANT.`,
        why: 'The server refuses EXCHANGE PARTITION once a column was added or dropped INSTANT (error 1731), until the whole table is rebuilt.',
        next: `Rebuild it with a migration (\`ALTER TABLE ${table} FORCE\`), and change it with ALGORITHM=INPLACE. Nothing was moved.`,
      },
      { cause: error },
    )
  return error
}
