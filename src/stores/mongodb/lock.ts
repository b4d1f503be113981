import type { LeaseAnswer, LeasePlace } from '../lease.ts'
import { defineMembers, findWriter, type MongodbContext, waitingOf, writeOnPrimary } from './members.ts'
import { type LeaseRequest, lockPosition, type MongodbDriver, type ObservedMember } from './ports.ts'

/** The lock is a document in the database `wwdb`, on the primary and known to a majority. */
export function lockPlace(context: MongodbContext): LeasePlace {
  const { driver, prefix } = context
  const members = defineMembers(context)
  const ask = async (request: LeaseRequest): Promise<LeaseAnswer> => {
    let answer: LeaseAnswer = { type: 'no-place' }
    await writeOnPrimary(members, waitingOf(context), async (address) => {
      const done = await driver.lease(address, `${prefix}${lockPosition.database}`, request)
      answer = done.answer
      return done.outcome
    })
    return answer
  }
  return {
    take: async (claim) => (isUnborn(await members.observe()) ? { type: 'no-place' } : ask({ type: 'take', claim })),
    renew: async (claim) => (await ask({ type: 'renew', claim })).type === 'taken',
    release: async (claim) => {
      await ask({ type: 'release', claim })
    },
    read: async () => {
      const seen = await members.observe()
      if (isUnborn(seen) || findWriter(members, seen) === null) return null
      const answer = await ask({ type: 'read' })
      return answer.type === 'held' ? answer.by : null
    },
  }
}

/** A set that is not initiated, or has no user yet, takes no document. */
function isUnborn(seen: readonly ObservedMember[]): boolean {
  const joined = seen.flatMap(({ status }) => (status.type === 'member' ? [status] : []))
  if (joined.length > 0) return joined.some(({ withoutUsers }) => withoutUsers)
  return seen.some(({ status }) => status.type === 'fresh')
}

/**
 * Commands that define things take part in no transaction: between the check and the command, a run that is paused there cannot be stopped by the
 * server. A configuration of the set is refused by its version.
 */
export function guardWrites(driver: MongodbDriver, check: () => Promise<void>): MongodbDriver {
  const after = async <T>(write: () => Promise<T>): Promise<T> => {
    await check()
    return write()
  }
  return {
    ...driver,
    reconfigure: (address, configuration) => after(() => driver.reconfigure(address, configuration)),
    stepDown: (address) => after(() => driver.stepDown(address)),
    setProfiling: (address, operation) => after(() => driver.setProfiling(address, operation)),
    resizeOplog: (address, operation) => after(() => driver.resizeOplog(address, operation)),
    perform: (address, operation) => after(() => driver.perform(address, operation)),
  }
}
