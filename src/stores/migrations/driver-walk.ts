import type { Document, Filter } from 'mongodb'
import { ToolError } from '../../core/tool-error.ts'
import { isElsewhere } from '../mongodb/errors.ts'
import { type Attempt, type Own, passFence, readFence } from './driver-fence.ts'
import type { LentClient } from './driver-lend.ts'
import { recordDone, StepMoved, type StepRecord } from './driver-record.ts'
import { type CodeAttempt, hasLabel, inTransaction } from './driver-transaction.ts'
import type { CodeEars } from './messages.ts'
import type { StepEnd } from './ports.ts'
import type { Walk } from './read-shape.ts'

interface WalkWork {
  readonly walks: readonly Walk[]
  readonly ears: CodeEars
  /** Calls the code with a client whose operations are part of the transaction. */
  readonly call: (lent: LentClient, change: (tools: Readonly<Record<string, unknown>>) => unknown) => Promise<void>
}

/**
 * What a smaller batch may do: the transaction was too old (225, 290), ended by the server (251), too large (257, 388, 10334), or met another one or a
 * full cache (112, 365).
 */
const tooMuch: ReadonlySet<number> = new Set([112, 225, 251, 257, 290, 365, 388, 10_334])

/** How often a batch may meet another transaction before it is halved. */
const meetings = 2

/** Where a walk is, as its document in the journal has it. */
interface Cursor {
  readonly part: number
  readonly begun: boolean
  readonly after: unknown
  /** The highest `_id` when the part was begun: what the walk itself inserts behind it is not walked. */
  readonly until: unknown
  readonly documents: number
}

/**
 * Walks the documents by `_id`. Each batch is one transaction that also moves the cursor in the journal, and reads it there: a batch takes effect once,
 * whatever is killed.
 */
export async function walkDocuments(own: Own, record: StepRecord, work: WalkWork): Promise<StepEnd> {
  const { file } = record.migration
  const sizes = work.walks.map(({ size }) => size)
  let part = 0
  for (;;) {
    if (work.ears.isStopped()) return 'stopped'
    const most = (sizes[part] ?? 1) > 1 ? meetings : null
    const step: { moved: Cursor | null } = { moved: null }
    try {
      await inTransaction(own, { file, most }, async (attempt) => {
        step.moved = null
        const cursor = await readCursor(attempt, record)
        part = cursor.part
        const walk = work.walks[cursor.part]
        if (walk === undefined) return recordDone(attempt, record, cursor.documents, 'open')
        step.moved = await changeBatch(attempt, { cursor, walk, size: sizes[cursor.part] ?? walk.size, work })
        await moveCursor(attempt, record, cursor, step.moved)
      })
    } catch (error) {
      const size = sizes[part] ?? 1
      if (size === 1 || !isTooMuch(own, error)) throw error
      sizes[part] = Math.ceil(size / 2)
      continue
    }
    if (step.moved === null) return 'done'
    work.ears.progress(step.moved.documents)
  }
}

/** The first refusal counts: what the code catches, or throws in its place, follows from it. */
function isTooMuch({ watch: { first } }: Own, error: unknown): boolean {
  if (error instanceof StepMoved || isElsewhere(error)) return false
  if (first === null) return !(error instanceof ToolError) && error instanceof Error && isLarge(error.cause ?? error)
  return tooMuch.has(first.code) || hasLabel(first.error, 'TransientTransactionError')
}

/** A document or a command that the client library itself finds too large. */
function isLarge(error: unknown): boolean {
  return error instanceof Error && Number(Reflect.get(error, 'code')) === 10_334
}

async function readCursor(attempt: Attempt, { id, direction }: StepRecord): Promise<Cursor> {
  const { journal, session } = attempt
  await readFence(attempt)
  const found = await journal.findOne({ _id: id, state: 'open', direction }, { session })
  if (found === null) throw new StepMoved()
  const { part, begun, after, until } = found['walk'] ?? {}
  return { part: Number(part ?? 0), begun: begun === true, after, until, documents: Number(found['documents']) }
}

interface Batch {
  readonly cursor: Cursor
  readonly walk: Walk
  readonly size: number
  readonly work: WalkWork
}

/** Changes the documents behind the cursor, and returns where it is then. */
async function changeBatch(attempt: CodeAttempt, { cursor, walk, size, work }: Batch): Promise<Cursor> {
  const { client, session, place, lent } = attempt
  const collection = client.db(place.database).collection(walk.collection)
  const next = { part: cursor.part + 1, begun: false, after: null, until: null, documents: cursor.documents }
  const highest = cursor.begun
    ? { _id: cursor.until }
    : await collection.findOne<Document>({}, { session, sort: { _id: -1 }, projection: { _id: 1 } })
  if (highest === null) return next
  const until: unknown = highest['_id']
  // IDs may be of several types: `$gt` and `$lte` of a filter compare those of one type alone, the bounds of the index and expressions all of them.
  const bounds: Filter<Document>[] = [{ $expr: { $lte: ['$_id', { $literal: until }] } }]
  if (cursor.begun) bounds.push({ $expr: { $ne: ['$_id', { $literal: cursor.after }] } })
  const query = collection
    .find({ $and: [walk.filter, ...bounds] }, { session, hint: { _id: 1 } })
    .sort({ _id: 1 })
    .limit(size)
  const documents = await (cursor.begun ? query.min({ _id: cursor.after }) : query).toArray()
  const last = documents.at(-1)
  if (last === undefined) return next
  await work.call(lent, (tools) => walk.change(documents, { ...tools, collection }))
  return { part: cursor.part, begun: true, after: last._id, until, documents: cursor.documents + documents.length }
}

async function moveCursor(attempt: Attempt, { id }: StepRecord, from: Cursor, to: Cursor): Promise<void> {
  const { journal, session } = attempt
  const { part, begun, after, until, documents } = to
  const place = { 'walk.part': part, 'walk.begun': begun, 'walk.after': after, 'walk.until': until }
  const { matchedCount } = await journal.updateOne(
    { _id: id, state: 'open', documents: from.documents, 'walk.part': from.part },
    { $set: { ...place, documents } },
    { session },
  )
  if (matchedCount !== 1) throw new StepMoved()
  await passFence(attempt)
}
