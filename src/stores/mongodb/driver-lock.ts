import type { Db, Document } from 'mongodb'
import type { LeaseAnswer, LeaseClaim, LeaseHolder } from '../lease.ts'
import { hasCode, serverErrors } from './errors.ts'
import { fenceId, type LeaseRequest, lockPosition } from './ports.ts'

const id = 'setup'
const writeConcern = { w: 'majority', wtimeout: 60_000 } as const

/**
 * A document that each step compares and sets by the server's own clock, known to a majority: no election brings back an older one. To renew, `taken`
 * means that it is still held.
 */
export async function changeLease(database: Db, request: LeaseRequest): Promise<LeaseAnswer> {
  const locks = database.collection<{ readonly _id: string }>(lockPosition.collection)
  const readHolder = async (): Promise<LeaseHolder | null> => {
    const heldFor = { $subtract: ['$$NOW', '$since'] }
    const left = { $subtract: ['$until', '$$NOW'] }
    const pipeline = [{ $match: { _id: id, owner: { $type: 'string' } } }, { $project: { holder: 1, heldFor, left } }]
    const [found] = await locks.aggregate<Document>(pipeline).toArray()
    if (found === undefined) return null
    return { holder: String(found['holder']), heldFor: Number(found['heldFor']), left: Number(found['left']) }
  }
  const until = (claim: LeaseClaim): Document => ({ $add: ['$$NOW', claim.milliseconds] })
  switch (request.type) {
    case 'read':
      return { type: 'held', by: await readHolder() }
    case 'release':
      await locks.deleteOne({ _id: id, owner: request.claim.owner }, { writeConcern })
      return { type: 'held', by: null }
    case 'renew': {
      const { claim } = request
      const change = [{ $set: { until: until(claim) } }]
      const { matchedCount } = await locks.updateOne({ _id: id, owner: claim.owner }, change, { writeConcern })
      return matchedCount === 1 ? { type: 'taken' } : { type: 'held', by: null }
    }
    case 'take': {
      const { claim } = request
      await placeDocument()
      const free = { $or: [{ owner: null }, { owner: claim.owner }, { $expr: { $lte: ['$until', '$$NOW'] } }] }
      const taken = { owner: claim.owner, holder: { $literal: claim.holder }, since: '$$NOW', until: until(claim) }
      const { matchedCount } = await locks.updateOne({ _id: id, ...free }, [{ $set: taken }], { writeConcern })
      if (matchedCount !== 1) return { type: 'held', by: await readHolder() }
      await takeFence(claim)
      return { type: 'taken' }
    }
    default:
      return request satisfies never
  }

  /**
   * From here on no transaction of a run before this one commits. One that it left open would stay for a minute, and be in the way of this write: it is
   * ended first, where the account may do that.
   */
  async function takeFence({ owner }: LeaseClaim): Promise<void> {
    const left: unknown = (await locks.findOne<Document>({ _id: fenceId }))?.['session']
    if (left !== undefined) {
      const end = { killSessions: [{ id: left }] }
      await database.client
        .db('admin')
        .command(end)
        .catch(() => undefined)
    }
    const taken = { $set: { owner }, $unset: { session: '' as const } }
    await locks.updateOne({ _id: fenceId }, taken, { upsert: true, writeConcern })
  }

  /** What asks for the time cannot insert; two that insert at once meet in the same document. */
  async function placeDocument(): Promise<void> {
    try {
      await locks.updateOne({ _id: id }, { $setOnInsert: { owner: null } }, { upsert: true, writeConcern })
    } catch (error) {
      if (!hasCode(error, serverErrors.duplicateKey)) throw error
    }
  }
}
