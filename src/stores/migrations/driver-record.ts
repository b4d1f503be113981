import type { Document } from 'mongodb'
import { type Attempt, passFence, readFence } from './driver-fence.ts'
import type { CodeDirection, CodeManner, CodeMigration } from './ports.ts'

/** What is recorded of a step. */
export interface StepRecord {
  /** The ID of its document: the version as the journal has it, which a renamed file may write otherwise. */
  readonly id: string
  readonly migration: CodeMigration
  readonly direction: CodeDirection
  readonly manner: CodeManner
  /** Those that it walks. */
  readonly collections: readonly string[]
  /** Milliseconds since the epoch when it was begun. */
  readonly started: number
}

/** What the journal has of the step. */
export type RecordState = 'none' | 'open' | 'applied'

/** Another run, or an attempt whose answer was lost, did the step: what is there is to be read again. */
export class StepMoved extends Error {}

/** The first of a transaction: what the journal has, where this run still holds the lock. @throws StepMoved where nothing is left to do. */
export async function beginRecord(attempt: Attempt, record: StepRecord): Promise<RecordState> {
  await readFence(attempt)
  return readState(attempt, record)
}

/** @throws StepMoved where the step is done, or was begun in the other direction. */
export async function readState({ journal, session }: Attempt, { id, direction }: StepRecord): Promise<RecordState> {
  const found = await journal.findOne({ _id: id }, { session })
  if (found?.['state'] === 'open') {
    if (found['direction'] !== direction) throw new StepMoved()
    return 'open'
  }
  if ((found === null) !== (direction === 'up')) throw new StepMoved()
  return found === null ? 'none' : 'applied'
}

/** Part of the transaction that finishes a step: the journal and the history, then the fence. */
export async function recordDone(
  attempt: Attempt,
  record: StepRecord,
  walked: number,
  state: RecordState,
): Promise<void> {
  const { journal, history, session, place } = attempt
  const { id, migration, direction, manner, started } = record
  const { version, name, file, checksum } = migration
  const at = new Date()
  if (direction === 'down') {
    const { deletedCount } = await journal.deleteOne({ _id: id, state }, { session })
    if (deletedCount !== 1) throw new StepMoved()
  } else {
    const entry = { name, file, checksum, state: 'applied', direction, manner, at, by: place.by, documents: walked }
    await putEntry(attempt, id, entry, state)
  }
  const milliseconds = at.getTime() - started
  const line = { version, name, direction, manner, at, milliseconds, by: place.by, documents: walked }
  await history.insertOne(line, { session })
  await passFence(attempt)
}

async function putEntry({ journal, session }: Attempt, id: string, entry: Document, state: RecordState): Promise<void> {
  if (state === 'none') {
    await journal.insertOne({ _id: id, ...entry }, { session })
    return
  }
  const change = { $set: entry, $unset: { walk: '' } }
  const { matchedCount } = await journal.updateOne({ _id: id, state: 'open' }, change, { session })
  if (matchedCount !== 1) throw new StepMoved()
}

/** Records that a step is begun, before anything of it is written. A transaction. */
export async function recordBegun(attempt: Attempt, record: StepRecord): Promise<void> {
  const { journal, session, place } = attempt
  const { id, migration, direction, manner, collections, started } = record
  const { name, file, checksum } = migration
  const walk = { part: 0, begun: false, after: null, until: null, collections }
  const state = await beginRecord(attempt, record)
  if (state === 'open') {
    // Its code may have been corrected since it was begun.
    const corrected = { name, file, checksum, manner, by: place.by }
    await journal.updateOne({ _id: id }, { $set: corrected }, { session })
    // One that has passed nothing may have become another walk.
    await journal.updateOne({ _id: id, documents: 0 }, { $set: { walk } }, { session })
  } else {
    const opened = { name, file, state: 'open', direction, manner, at: new Date(started), by: place.by, documents: 0 }
    await journal.replaceOne({ _id: id }, { ...opened, checksum, walk }, { session, upsert: true })
  }
  await passFence(attempt)
}
