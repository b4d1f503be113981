import { BSON, MongoClient } from 'mongodb'
import { Secret } from '../../config/secret.ts'
import { ToolError } from '../../core/tool-error.ts'
import { clientOptions } from '../mongodb/driver.ts'
import { hasCode, isElsewhere } from '../mongodb/errors.ts'
import { inTransaction, type Own, openOwn, takeFence } from './driver-fence.ts'
import { notReplicated, recordBegun, recordDone, StepMoved, type StepRecord } from './driver-record.ts'
import { walkDocuments } from './driver-walk.ts'
import type { CodeConnection, CodeEars, CodeWork } from './messages.ts'
import type { StepEnd } from './ports.ts'
import type { CodePart } from './read-shape.ts'

/** Transactions are numbered by a session, which a server alone does not do. */
const illegalOperation = 20
/** The driver's own ways to notice that a command may not be in a transaction. */
const notInTransaction = [263, 50_768] as const

/** Carries out one step in the process of user code. Throws what the code threw. */
export async function carryOutCode(work: CodeWork, part: CodePart, ears: CodeEars): Promise<StepEnd> {
  const { connection, place } = work
  const client = openClient(connection)
  try {
    const own = await openOwn(client, place)
    await takeFence(own)
    return await carryOut(own, work, part, ears)
  } catch (error) {
    if (isElsewhere(error) || error instanceof StepMoved) return 'elsewhere'
    if (hasCode(error, illegalOperation)) throw notReplicated(connection.address)
    if (hasCode(error, ...notInTransaction)) throw notAllowed(work, error)
    throw error
  } finally {
    await client.close()
  }
}

export function openClient({ address, password, tls, ...connection }: CodeConnection): MongoClient {
  const options = clientOptions(
    {
      ...connection,
      password: password === null ? null : new Secret(password),
      tls: tls === null ? null : { ...tls, key: tls.key === null ? null : new Secret(tls.key) },
    },
    connection.user !== null,
  )
  return new MongoClient(`mongodb://${address}`, options)
}

async function carryOut(own: Own, work: CodeWork, part: CodePart, ears: CodeEars): Promise<StepEnd> {
  const { client, session, place } = own
  const { migration, direction } = work
  const manner = part.type === 'walks' ? 'batches' : part.manner
  const record: StepRecord = { migration, direction, manner, started: Date.now() }
  const database = client.db(place.database)
  if (part.type === 'walks') {
    await inTransaction(session, () => recordBegun(own, record))
    const give = (): (() => void) => lendSession(own, work)
    return walkDocuments(own, record, { walks: part.walks, ears, give, tools: { db: database, client, bson: BSON } })
  }
  if (part.manner === 'outside') {
    await inTransaction(session, () => recordBegun(own, record))
    await part.call(database, client)
    await inTransaction(session, () => recordDone(own, record, 0, true))
    return 'done'
  }
  await inTransaction(session, async () => {
    const takeBack = lendSession(own, work)
    try {
      await part.call(database, client)
    } finally {
      takeBack()
    }
    await recordDone(own, record, 0, false)
  })
  return 'done'
}

/**
 * Until it is taken back, every operation of the code that names no session of its own is part of the transaction: the client library asks its client
 * for an implicit session by these two methods, and gets this one.
 */
function lendSession({ client, session }: Own, work: CodeWork): () => void {
  const { startSession, withSession } = client
  const isImplicit = (options: unknown): boolean =>
    typeof options === 'object' && options !== null && Reflect.get(options, 'explicit') === false
  client.startSession = (options) => {
    if (isImplicit(options)) return session
    throw ownSession(work)
  }
  client.withSession = async (...given: readonly unknown[]) => {
    const [options, call] = given
    if (isImplicit(options) && typeof call === 'function') return call(session)
    throw ownSession(work)
  }
  return () => {
    client.startSession = startSession
    client.withSession = withSession
  }
}

function ownSession({ migration: { file } }: CodeWork): ToolError {
  return new ToolError('DATA_MIGRATION_REFUSED', {
    what: 'The code starts a session of its own.',
    where: { file },
    why: 'What is written in it would be committed apart from the record of the migration, and again after a kill.',
    next: 'Leave the session out: all that the code does is one transaction already. Where it cannot be one, export `transaction = false`.',
  })
}

function notAllowed({ migration: { file } }: CodeWork, cause: unknown): ToolError {
  return new ToolError(
    'DATA_MIGRATION_REFUSED',
    {
      what: 'The code sends a command that MongoDB does not allow in a transaction.',
      where: { file },
      why: cause instanceof Error ? cause.message : String(cause),
      next: 'Indexes and validators belong into `migrations/mongodb`. For the others export `transaction = false`, and write the code so that it may run again.',
    },
    { cause },
  )
}
