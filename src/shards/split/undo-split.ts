import { ToolError } from '../../core/tool-error.ts'
import { quoteQualified } from '../../sql/quote-name.ts'
import { carryBack } from './carry-back.ts'
import type { StageRequest } from './copy-rows.ts'
import { createTriggers, dropTriggers, dropView, renameBack, type SplitPlace } from './cut-over.ts'
import { findCopies } from './find-copies.ts'
import { hasPlace } from './piece.ts'
import { type SplitRecord, unsplitTriggersOf } from './record.ts'
import { fromPiece } from './triggers.ts'
import { findHomeless, requireEqual } from './verify.ts'

/** What a split has left when it is taken back. */
export interface UndoneSplit {
  /** Rows that had been written to the pieces since the cut-over. */
  readonly carried: number
  /** Rows that were compared before the table got its name back; null where it had never lost it. */
  readonly compared: number | null
  readonly milliseconds: number | null
  /** Pieces with rows that the table does not have: they stay. */
  readonly left: readonly string[]
}

/** The split has not taken over yet: its triggers go, and then the rows that it brought to the pieces. */
export async function abandonSplit(place: SplitPlace, pace: Pace, record: SplitRecord): Promise<UndoneSplit> {
  // A run may have died behind the cut-over: then the pieces are in use, and what has the table's name is another's.
  await requireBack(place, record)
  const { likes, isUnchanged, refused } = await findCopies(place, record)
  // Once while the triggers still bring deletions to the pieces, so that little is left to look at without them. Those of a table that was changed may fail each write of it: they wait for nothing.
  if (isUnchanged && refused === null) await removeAllCopies(place, pace, likes)
  await dropTriggers(place, record.triggers)
  await dropView(place, record)
  if (refused !== null && (await listFilled(place, record)).length > 0) throw refused
  await removeAllCopies(place, pace, likes)
  return { carried: 0, compared: null, milliseconds: null, left: await listFilled(place, record) }
}

async function listFilled({ server, store }: SplitPlace, { pieces }: SplitRecord): Promise<readonly string[]> {
  const filled: string[] = []
  const there = await server.findTables(pieces.map((piece) => piece.table))
  for (const name of there.keys()) if (!(await store.isEmpty(name))) filled.push(name)
  return filled
}

const rowsAtOnce = 2000
const attempts = 10

/** What rows are removed by. */
type Pace = Pick<StageRequest, 'governor' | 'progressed'>

/** @param likes by the name of a piece, the condition that the table has a row of it */
async function removeAllCopies(place: SplitPlace, pace: Pace, likes: ReadonlyMap<string, string>): Promise<void> {
  for (const [piece, like] of likes) await removeCopies(place, pace, piece, like)
}

/** Removes from a piece what the table has under the same key, and nothing else: the table alone was written to by others. */
async function removeCopies(
  { server, store }: SplitPlace,
  { governor, progressed }: Pace,
  piece: string,
  like: string,
): Promise<void> {
  const copy = quoteQualified(store.target.schema, piece)
  for (let chunks = 0; (await server.ask(`SELECT 1 FROM ${copy} WHERE ${like} LIMIT 1`)).length > 0; chunks += 1) {
    await governor?.clear()
    await server.inTransaction([`DELETE FROM ${copy} WHERE ${like} LIMIT ${rowsAtOnce}`], attempts)
    progressed({ stage: 'empty', done: (chunks + 1) * rowsAtOnce, total: (chunks + 1) * rowsAtOnce, milliseconds: 0 })
  }
}

/** The pieces have taken over: what was written to them since is carried to the held table, which gets its name back when both are equal. */
export async function takeBackSplit(place: SplitPlace, request: StageRequest, held: SplitRecord): Promise<UndoneSplit> {
  const { server } = place
  const { shape } = request
  const hasHomeless = await findHomeless(request, held.hold, held.pieces)
  const record: SplitRecord = { ...held, state: 'undoing', pieces: shape.pieces }
  await server.writeRecord(record)
  let [carried, compared] = [0, 0]
  try {
    await dropTriggers(place, record.triggers)
    for (const piece of record.pieces) {
      const names = unsplitTriggersOf(record.hold, piece.table)
      await createTriggers(place, piece.table, names, fromPiece(shape, piece, record.hold, names))
    }
    carried = await carryBack(request, record.hold, hasHomeless)
    compared = await requireEqual(
      request,
      record.hold,
      'Nothing was put back, and the shards are in use as before. Correct the rows that are named, then run the command again.',
      hasPlace(shape.pieces, shape.column),
    )
  } catch (error) {
    if (error instanceof ToolError && error.code === 'SPLIT_DIFFERS') {
      await dropAll(place, record)
      await server.writeRecord({ ...record, state: 'held' })
    }
    throw error
  }
  const milliseconds = await renameBack(place, record)
  await emptyBack(place, record)
  return { carried, compared, milliseconds, left: [] }
}

/** The table has its name again: the pieces are emptied of what was proven equal to it. */
export async function emptyBack(place: SplitPlace, record: SplitRecord): Promise<void> {
  await requireBack(place, record)
  const emptying: SplitRecord = { ...record, state: 'emptying' }
  await place.server.writeRecord(emptying)
  await emptyPieces(place, emptying)
}

/** Rows leave the pieces only where the table has them: under its own name, with none under the hold name. */
async function requireBack(
  { server, store: { target } }: SplitPlace,
  { table, hold, state }: SplitRecord,
): Promise<void> {
  const found = await server.findTables([table, hold])
  if (found.get(table) === 'table' && !found.has(hold)) return
  const both = found.get(table) === 'table'
  const name = state === 'emptying' ? table : hold
  const isAway =
    state === 'undoing' || state === 'emptying'
      ? `Where it was renamed, give it the name \`${name}\` again, then run the command again: until then, writes of the shards may fail.`
      : 'The shards are in use as before.'
  throw new ToolError('SPLIT_REFUSED', {
    what: `The split of \`${table}\` cannot be taken back.`,
    where: { database: target.database, server: target.server },
    why: both
      ? `There is a table \`${table}\` created by somebody else, beside the held one, \`${hold}\`.`
      : `The held table, \`${name}\`, does not exist any more.`,
    next: both ? `Rename \`${table}\`, then run the command again.` : isAway,
  })
}

/**
 * Empties the pieces of a table that has its name again. Until its triggers are dropped, each write of a piece fails, because the table that they name is gone: so a piece with
 * triggers has what was proven equal to the table, and no row more.
 */
async function emptyPieces(place: SplitPlace, record: SplitRecord): Promise<void> {
  const { server, store } = place
  for (const piece of record.pieces) {
    const names = unsplitTriggersOf(record.hold, piece.table)
    if ((await server.findTriggers(names)).size === names.length)
      await server.define(`TRUNCATE TABLE ${quoteQualified(store.target.schema, piece.table)}`, [piece.table])
    await dropTriggers(place, names)
  }
  await dropView(place, record)
}

async function dropAll(place: SplitPlace, { pieces, hold }: SplitRecord): Promise<void> {
  for (const piece of pieces) await dropTriggers(place, unsplitTriggersOf(hold, piece.table))
}
