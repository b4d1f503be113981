import type { ClientSession, Collection, Document, MongoClient } from 'mongodb'
import { ToolError } from '../../core/tool-error.ts'
import { hasCode, serverErrors } from '../mongodb/errors.ts'
import { fenceId, historyCollection, journalCollection, lockPosition } from '../mongodb/ports.ts'
import { CommandWatch } from './driver-watch.ts'
import type { CodePlace } from './messages.ts'

/** Documents of the journal have versions as their IDs; this one names the files that were taken over from migrate-mongo: its changelog has them for ever. */
export const adoptedId = 'adopted'

type Named = Document & { readonly _id: string }

const majority = { w: 'majority', wtimeoutMS: 60_000 } as const

/** The process of one step. */
export interface Own {
  readonly client: MongoClient
  readonly place: CodePlace
  readonly watch: CommandWatch
  /** The session that the fence names. */
  readonly named: { session: string | null }
}

/** What a transaction of this step reads and writes, through one client and in one session. */
export interface Attempt {
  readonly client: MongoClient
  readonly session: ClientSession
  readonly place: CodePlace
  readonly journal: Collection<Named>
  readonly history: Collection
  readonly locks: Collection<Named>
}

/** The journal of a database, created where it is not there yet. */
export async function openOwn(client: MongoClient, place: CodePlace): Promise<Own> {
  const watch = new CommandWatch(client)
  const database = client.db(place.database)
  for (const name of [journalCollection, historyCollection]) {
    try {
      await database.command({ create: name, writeConcern: { w: 'majority', wtimeout: 60_000 } })
    } catch (error) {
      if (!hasCode(error, serverErrors.namespaceExists)) throw error
    }
  }
  return { client, place, watch, named: { session: null } }
}

export function collectionsOf(client: MongoClient, place: CodePlace): Pick<Attempt, 'journal' | 'history' | 'locks'> {
  const database = client.db(place.database)
  return {
    journal: database.collection(journalCollection),
    history: database.collection(historyCollection),
    locks: locksOf(client, place),
  }
}

function locksOf(client: MongoClient, { lockDatabase }: CodePlace): Collection<Named> {
  return client.db(lockDatabase).collection(lockPosition.collection, { writeConcern: majority })
}

/**
 * Names the session in the fence, where this run still holds the lock: who takes the lock over ends the transaction that is left open in it, which would
 * stay for a minute and be in the way.
 */
export async function takeFence({ client, place, named }: Own, session: ClientSession): Promise<void> {
  const { id } = session.id ?? {}
  // The library gives the same one again, unless it had to discard it.
  if (named.session === JSON.stringify(id)) return
  const locks = locksOf(client, place)
  const before = await locks.findOne({ _id: fenceId, owner: place.owner })
  if (before === null) throw lockLost(place)
  const left: unknown = before['session']
  if (left !== undefined) await endSession(client, left)
  const { matchedCount } = await locks.updateOne({ _id: fenceId, owner: place.owner }, { $set: { session: id } })
  if (matchedCount !== 1) throw lockLost(place)
  named.session = JSON.stringify(id)
}

async function endSession(client: MongoClient, id: unknown): Promise<void> {
  const command = { killSessions: [{ id }] }
  await client
    .db('admin')
    .command(command)
    .catch(() => undefined)
}

/** Part of each transaction: it is refused where another run has taken the lock. Last in it, so that the conflict is short. */
export async function passFence({ session, place, locks }: Attempt): Promise<void> {
  const { matchedCount } = await locks.updateOne(
    { _id: fenceId, owner: place.owner },
    { $inc: { transactions: 1 } },
    { session },
  )
  if (matchedCount !== 1) throw lockLost(place)
}

/** First in a transaction, before code is called for nothing. */
export async function readFence({ session, place, locks }: Attempt): Promise<void> {
  if ((await locks.findOne({ _id: fenceId, owner: place.owner }, { session })) === null) throw lockLost(place)
}

/** Outside a transaction, where the server has ended one: who took the lock may have done that. */
export async function refuseLost({ client, place }: Own): Promise<void> {
  if ((await locksOf(client, place).findOne({ _id: fenceId, owner: place.owner })) === null) throw lockLost(place)
}

/** Calls `lost` once another run holds the lock: what the code does outside a transaction, no server refuses. */
export function watchFence(client: MongoClient, place: CodePlace, lost: (error: ToolError) => void): () => void {
  const locks = locksOf(client, place)
  let asking = false
  const ask = async (): Promise<void> => {
    if (asking) return
    asking = true
    try {
      const found = await locks.findOne({ _id: fenceId })
      if (found !== null && found['owner'] !== place.owner) lost(lockLost(place))
    } catch {
      // A server that does not answer is met by the step itself.
    } finally {
      asking = false
    }
  }
  const timer = setInterval(() => void ask(), 1000)
  timer.unref()
  return () => clearInterval(timer)
}

function lockLost({ database }: CodePlace): ToolError {
  return new ToolError('STORE_LOCK_LOST', {
    what: 'This run no longer holds the lock of mongodb, so it changes nothing more there.',
    where: { database },
    why: 'It did not renew the lock in time, and another run has taken it over. Its last transaction was refused.',
    next: 'See what was done with `wwdb setup migrations`.',
  })
}
