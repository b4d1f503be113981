import { setTimeout as pause } from 'node:timers/promises'
import type { ClientSession, Collection, Document, MongoClient } from 'mongodb'
import { ToolError } from '../../core/tool-error.ts'
import { hasCode, isElsewhere, serverErrors } from '../mongodb/errors.ts'
import { historyCollection, journalCollection, lockPosition } from '../mongodb/ports.ts'
import type { CodePlace } from './messages.ts'

/** Documents of the journal have versions as their IDs; the fence has this one. */
export const fenceId = 'fence'

/** And this one names the versions that were taken over from migrate-mongo: its changelog has them for ever. */
export const adoptedId = 'adopted'

type Journal = Collection<Document & { readonly _id: string }>

export interface Own {
  readonly client: MongoClient
  readonly session: ClientSession
  readonly place: CodePlace
  readonly journal: Journal
  readonly history: Collection
}

/** Milliseconds for which a transaction that meets another one is tried again. */
const patience = 120_000

/** What a majority of the set must have before a step is done. */
const transactionOptions = {
  readPreference: 'primary',
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority', wtimeoutMS: 60_000 },
} as const

/** The journal of a database, with the session in which everything of a step is written. */
export async function openOwn(client: MongoClient, place: CodePlace): Promise<Own> {
  const database = client.db(place.database)
  for (const name of [journalCollection, historyCollection]) {
    try {
      await database.command({ create: name, writeConcern: { w: 'majority', wtimeout: 60_000 } })
    } catch (error) {
      if (!hasCode(error, serverErrors.namespaceExists)) throw error
    }
  }
  return {
    client,
    session: client.startSession(),
    place,
    journal: database.collection(journalCollection),
    history: database.collection(historyCollection),
  }
}

/**
 * Makes this run the one whose transactions are accepted, where it still holds the lock. A transaction that a killed run left open would stay for a
 * minute, and be in the way of this one: it is ended.
 */
export async function takeFence({ client, session, place, journal }: Own): Promise<void> {
  const { id: own } = session.id ?? {}
  const before = await journal.findOne({ _id: fenceId })
  const left: unknown = before?.['session']
  if (left !== undefined)
    await client
      .db('admin')
      .command({ killSessions: [{ id: left }] })
      .catch(() => undefined)
  const locks = client.db(place.lockDatabase).collection<{ readonly _id: string }>(lockPosition.collection)
  await inTransaction(session, async () => {
    // It conflicts with a run that takes the lock over at the same time: one of both is refused.
    const { matchedCount } = await locks.updateOne(
      { _id: 'setup', owner: place.owner },
      { $set: { fence: own } },
      { session },
    )
    if (matchedCount !== 1) throw lockLost(place)
    const fence = { $set: { owner: place.owner, session: own } }
    await journal.updateOne({ _id: fenceId }, fence, { session, upsert: true })
  })
}

/** Part of each transaction: it is refused where another run has taken over. Last in it, so that the conflict is short. */
export async function passFence({ session, place, journal }: Own): Promise<void> {
  const { matchedCount } = await journal.updateOne(
    { _id: fenceId, owner: place.owner },
    { $inc: { transactions: 1 } },
    { session },
  )
  if (matchedCount !== 1) throw lockLost(place)
}

/** Carries out `work` in one transaction that a majority has; again where it met another one. It is not repeated on another server. */
export async function inTransaction(session: ClientSession, work: () => Promise<void>): Promise<void> {
  const end = Date.now() + patience
  for (;;) {
    session.startTransaction(transactionOptions)
    try {
      await work()
      await commit(session, end)
      return
    } catch (error) {
      if (session.inTransaction()) await session.abortTransaction().catch(() => undefined)
      if (isElsewhere(error) || !hasLabel(error, 'TransientTransactionError') || Date.now() >= end) throw error
    }
    await pause(20 + Math.random() * 80)
  }
}

/** A commit may be sent again: it takes effect once. */
async function commit(session: ClientSession, end: number): Promise<void> {
  for (;;) {
    try {
      await session.commitTransaction()
      return
    } catch (error) {
      if (isElsewhere(error) || !hasLabel(error, 'UnknownTransactionCommitResult') || Date.now() >= end) throw error
    }
    await pause(50)
  }
}

function hasLabel(error: unknown, label: string): boolean {
  if (!(error instanceof Error) || !('hasErrorLabel' in error)) return false
  const { hasErrorLabel } = error
  return typeof hasErrorLabel === 'function' && hasErrorLabel.call(error, label) === true
}

function lockLost({ database }: CodePlace): ToolError {
  return new ToolError('STORE_LOCK_LOST', {
    what: 'This run no longer holds the lock of mongodb, so it changes nothing more there.',
    where: { database },
    why: 'It did not renew the lock in time, and another run has taken it over. Its last transaction was refused.',
    next: 'See what was done with `wwdb setup migrations`.',
  })
}
