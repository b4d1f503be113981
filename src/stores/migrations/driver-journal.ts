import type { Db, Document } from 'mongodb'
import type { Clients } from '../mongodb/driver-clients.ts'
import { historyCollection, journalCollection } from '../mongodb/ports.ts'
import { adoptedId } from './driver-fence.ts'
import { byVersion } from './plan-migrations.ts'
import { type CodeHistoryEntry, changelog, type Journal, type JournalEntry } from './ports.ts'

type Named = Document & { readonly _id: string }

export async function readJournal(clients: Clients, address: string, name: string): Promise<Journal> {
  const database = clients.database(address, name)
  const documents = await database.collection<Named>(journalCollection).find({}, { readConcern: 'majority' }).toArray()
  const entries = documents.filter(({ state }) => typeof state === 'string')
  const adopted: unknown = documents.find(({ _id }) => _id === adoptedId)?.['names']
  const taken = new Set<unknown>(Array.isArray(adopted) ? adopted : [])
  const changelogName = await findChangelog(database, entries.length === 0 && taken.size === 0)
  const applied = await database
    .collection(changelogName)
    .find({ fileName: { $type: 'string' } })
    .toArray()
  return {
    entries: entries.map(toEntry).toSorted(byVersion),
    changelogName,
    changelog: applied
      .map(({ fileName, appliedAt }) => ({ fileName: String(fileName), at: toTime(appliedAt) }))
      .filter(({ fileName }) => !taken.has(fileName)),
    changelogLocked: (await database.collection(changelog.lock).findOne({})) !== null,
  }
}

/**
 * migrate-mongo can be configured to call its collection otherwise. Before the first migration the one is looked for whose first document is such a line:
 * a file that was applied there would be applied a second time.
 */
async function findChangelog(database: Db, isFirst: boolean): Promise<string> {
  const { applied } = changelog
  if (!isFirst || (await database.collection(applied).findOne({})) !== null) return applied
  const collections = await database.listCollections({ type: 'collection' }, { nameOnly: true }).toArray()
  for (const { name } of collections) {
    const [line] = await database.collection(name).find({}).limit(1).toArray()
    if (typeof line?.['fileName'] === 'string' && line['appliedAt'] instanceof Date) return name
  }
  return applied
}

function toEntry(document: Named): JournalEntry {
  const { _id, name, file, checksum, state, direction, manner, at, by, documents, walk } = document
  const collections: unknown = state === 'open' && manner === 'batches' ? walk?.['collections'] : null
  return {
    version: _id,
    name: String(name),
    file: String(file),
    checksum: typeof checksum === 'string' ? checksum : null,
    state: state === 'open' ? 'open' : 'applied',
    direction: direction === 'down' ? 'down' : 'up',
    at: toTime(at),
    by: String(by),
    documents: Number(documents ?? 0),
    collections: Array.isArray(collections) ? collections.map(String) : null,
  }
}

export async function readHistory(
  clients: Clients,
  address: string,
  name: string,
): Promise<readonly CodeHistoryEntry[]> {
  const lines = await clients
    .database(address, name)
    .collection(historyCollection)
    .find({}, { readConcern: 'majority' })
    .sort({ at: 1, _id: 1 })
    .toArray()
  return lines.map(({ version, name: called, direction, manner, at, milliseconds, by, documents }) => ({
    version: String(version),
    name: String(called),
    direction: direction === 'down' ? 'down' : 'up',
    manner: ['batches', 'outside', 'adopted'].includes(manner) ? manner : 'transaction',
    at: toTime(at),
    milliseconds: Number(milliseconds),
    by: String(by),
    documents: Number(documents ?? 0),
  }))
}

function toTime(value: unknown): string {
  return value instanceof Date ? value.toISOString() : ''
}
