import type { Document } from 'mongodb'
import { ToolError } from '../../core/tool-error.ts'
import { type Own, passFence } from './driver-fence.ts'
import type { CodeDirection, CodeManner, CodeMigration } from './ports.ts'

/** What is recorded of a step. */
export interface StepRecord {
  readonly migration: CodeMigration
  readonly direction: CodeDirection
  readonly manner: CodeManner
  /** Milliseconds since the epoch when it was begun. */
  readonly started: number
}

/** Another run, or an attempt whose answer was lost, did the step: what is there is to be read again. */
export class StepMoved extends Error {}

/** Part of the transaction that finishes a step: the journal and the history, after the fence. */
export async function recordDone(own: Own, record: StepRecord, walked: number, wasOpen: boolean): Promise<void> {
  const { journal, history, session, place } = own
  const { migration, direction, manner, started } = record
  const { version, name, file, checksum } = migration
  await passFence(own)
  const at = new Date()
  if (direction === 'down') {
    const { deletedCount } = await journal.deleteOne({ _id: version, state: wasOpen ? 'open' : 'applied' }, { session })
    if (deletedCount !== 1) throw new StepMoved()
  } else {
    const entry = { name, file, checksum, state: 'applied', direction, manner, at, by: place.by, documents: walked }
    await putEntry(own, version, entry, wasOpen)
  }
  const milliseconds = at.getTime() - started
  const line = { version, name, direction, manner, at, milliseconds, by: place.by, documents: walked }
  await history.insertOne(line, { session })
}

async function putEntry({ journal, session }: Own, version: string, entry: Document, wasOpen: boolean): Promise<void> {
  if (wasOpen) {
    const change = { $set: entry, $unset: { walk: '' } }
    const { matchedCount } = await journal.updateOne({ _id: version, state: 'open' }, change, { session })
    if (matchedCount !== 1) throw new StepMoved()
    return
  }
  if ((await journal.findOne({ _id: version }, { session })) !== null) throw new StepMoved()
  await journal.insertOne({ _id: version, ...entry }, { session })
}

/** Records that a step is begun, before anything of it is written. Part of a transaction. */
export async function recordBegun(own: Own, { migration, direction, manner, started }: StepRecord): Promise<void> {
  const { journal, session, place } = own
  const { version, name, file, checksum } = migration
  await passFence(own)
  const opened = { name, file, state: 'open', direction, manner, at: new Date(started), by: place.by, documents: 0 }
  const found = await journal.findOne({ _id: version }, { session })
  if (found?.['state'] === 'open') {
    if (found['direction'] !== direction) throw new StepMoved()
    // Its code may have been corrected since it was begun.
    await journal.updateOne({ _id: version }, { $set: { checksum, by: place.by } }, { session })
    return
  }
  if ((found === null) !== (direction === 'up')) throw new StepMoved()
  const fresh = { ...opened, checksum, walk: { part: 0, begun: false, after: null } }
  await journal.replaceOne({ _id: version }, fresh, { session, upsert: true })
}

export function notReplicated(address: string): ToolError {
  return new ToolError('MONGODB_NOT_REPLICATED', {
    what: `${address} is not a member of a replica set.`,
    where: { server: address },
    why: 'A migration commits with its record in one transaction, and a server alone has none.',
    next: 'Start it with `--replSet`, and declare `replicaSet` in `migrations/mongodb`: a set may have one member.',
  })
}
