import type { Document, Filter } from 'mongodb'
import { hasCode } from '../mongodb/errors.ts'
import { inTransaction, type Own, passFence } from './driver-fence.ts'
import { recordDone, StepMoved, type StepRecord } from './driver-record.ts'
import type { CodeEars } from './messages.ts'
import type { StepEnd } from './ports.ts'
import type { Walk } from './read-shape.ts'

interface WalkWork {
  readonly walks: readonly Walk[]
  readonly ears: CodeEars
  /** Makes what the code does part of the transaction, until the function that it returns is called. */
  readonly give: () => () => void
  readonly tools: Readonly<Record<string, unknown>>
}

/** What a smaller batch may do: the transaction was too large, too old, or was ended by the server. */
const tooMuch = [225, 251, 257, 290, 10_334] as const

/** Where a walk is, as its document in the journal has it. */
interface Cursor {
  readonly part: number
  readonly begun: boolean
  readonly after: unknown
  readonly documents: number
}

/**
 * Walks the documents by `_id`. Each batch is one transaction that also moves the cursor in the journal, and reads it there: a batch takes effect once,
 * whatever is killed.
 */
export async function walkDocuments(own: Own, record: StepRecord, work: WalkWork): Promise<StepEnd> {
  const sizes = work.walks.map(({ size }) => size)
  for (;;) {
    if (work.ears.isStopped()) return 'stopped'
    const step: { moved: Cursor | null; part: number } = { moved: null, part: 0 }
    try {
      await inTransaction(own.session, async () => {
        step.moved = null
        const cursor = await readCursor(own, record)
        step.part = cursor.part
        const walk = work.walks[cursor.part]
        if (walk === undefined) return recordDone(own, record, cursor.documents, true)
        step.moved = await changeBatch(own, { cursor, walk, size: sizes[cursor.part] ?? walk.size, work })
        await moveCursor(own, record, cursor, step.moved)
      })
    } catch (error) {
      const size = sizes[step.part] ?? 1
      if (size === 1 || !hasCode(error, ...tooMuch)) throw error
      sizes[step.part] = Math.ceil(size / 2)
      continue
    }
    if (step.moved === null) return 'done'
    work.ears.progress(step.moved.documents)
  }
}

async function readCursor({ journal, session }: Own, { migration, direction }: StepRecord): Promise<Cursor> {
  const found = await journal.findOne({ _id: migration.version, state: 'open', direction }, { session })
  if (found === null) throw new StepMoved()
  const { part, begun, after } = found['walk'] ?? {}
  return { part: Number(part ?? 0), begun: begun === true, after, documents: Number(found['documents']) }
}

interface Batch {
  readonly cursor: Cursor
  readonly walk: Walk
  readonly size: number
  readonly work: WalkWork
}

/** Changes the documents behind the cursor, and returns where it is then. */
async function changeBatch({ client, session, place }: Own, { cursor, walk, size, work }: Batch): Promise<Cursor> {
  const collection = client.db(place.database).collection(walk.collection)
  // IDs may be of several types: `$gt` compares those of one type alone, the bounds of the index all of them.
  const wanted: Filter<Document> = cursor.begun ? { $and: [walk.filter, { _id: { $ne: cursor.after } }] } : walk.filter
  const query = collection
    .find(wanted, { session, hint: { _id: 1 } })
    .sort({ _id: 1 })
    .limit(size)
  const documents = await (cursor.begun ? query.min({ _id: cursor.after }) : query).toArray()
  const last = documents.at(-1)
  if (last === undefined) return { part: cursor.part + 1, begun: false, after: null, documents: cursor.documents }
  const after = last._id
  const takeBack = work.give()
  try {
    await walk.change(documents, { ...work.tools, collection })
  } finally {
    takeBack()
  }
  return { part: cursor.part, begun: true, after, documents: cursor.documents + documents.length }
}

async function moveCursor(own: Own, { migration }: StepRecord, from: Cursor, to: Cursor): Promise<void> {
  const { journal, session } = own
  await passFence(own)
  const { part, begun, after, documents } = to
  const { matchedCount } = await journal.updateOne(
    { _id: migration.version, state: 'open', documents: from.documents, 'walk.part': from.part },
    { $set: { walk: { part, begun, after }, documents } },
    { session },
  )
  if (matchedCount !== 1) throw new StepMoved()
}
