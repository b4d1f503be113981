import type { ClientSession, ClientSessionOptions } from 'mongodb'
import { MongoClient } from 'mongodb'
import { ToolError } from '../../core/tool-error.ts'

/** A client for one attempt of the code. */
export interface LentClient {
  readonly client: MongoClient
  /** From now on it does nothing more: what the code still begins is refused, and never written beside the transaction. */
  readonly end: () => void
  /** Whether something was begun after that. */
  readonly usedLate: () => boolean
}

/**
 * Makes every operation that names no session of its own part of the transaction: the client library asks its client for an implicit session by two methods,
 * and gets this one. Without a session the operations are those of the client itself.
 */
export function lendClient(client: MongoClient, file: string, lent: ClientSession | null): LentClient {
  let ended = false
  let late = false
  const refuseLate = (): void => {
    if (!ended) return
    late = true
    throw forgotten(file)
  }
  const own: MongoClient = Object.create(client)
  const start = (options?: ClientSessionOptions): ClientSession => MongoClient.prototype.startSession.call(own, options)
  own.startSession = (options) => {
    refuseLate()
    if (lent === null) return start(options)
    if (isImplicit(options)) return lent
    throw ownSession(file)
  }
  own.withSession = async (...given: readonly unknown[]) => {
    refuseLate()
    const [options, call] = given
    const work = typeof options === 'function' ? options : call
    if (typeof work !== 'function') throw new TypeError('withSession() needs a function.')
    if (lent !== null) {
      if (isImplicit(options)) return work(lent)
      throw ownSession(file)
    }
    const session = start({
      owner: Symbol('withSession'),
      ...(typeof options === 'object' ? options : {}),
    } as ClientSessionOptions)
    try {
      return await work(session)
    } finally {
      await session.endSession()
    }
  }
  // Code that closes what it was given would take the journal's client away.
  own.close = () => Promise.resolve()
  return {
    client: own,
    end: () => {
      ended = true
    },
    usedLate: () => late,
  }
}

function isImplicit(options: unknown): boolean {
  return typeof options === 'object' && options !== null && Reflect.get(options, 'explicit') === false
}

function ownSession(file: string): ToolError {
  return new ToolError('DATA_MIGRATION_REFUSED', {
    what: 'The code starts a session of its own.',
    where: { file },
    why: 'What is written in it would be committed apart from the record of the migration, and again after a kill.',
    next: 'Leave the session out: all that the code does is one transaction already. Where it cannot be one, export `transaction = false`.',
  })
}

/** What the code began and did not wait for: it would be written in part, or beside the transaction. */
export function forgotten(file: string): ToolError {
  return new ToolError('DATA_MIGRATION_REFUSED', {
    what: 'The code had ended, and operations that it did not wait for were still under way.',
    where: { file },
    why: 'They would take effect in part, or not at all, and the migration would be recorded as applied.',
    next: 'Await every promise (`for ... of` with `await`, or `await Promise.all(...)` in place of `forEach`), then run the command again.',
  })
}
