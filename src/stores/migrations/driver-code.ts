import { setImmediate as turn } from 'node:timers/promises'
import { BSON, MongoClient } from 'mongodb'
import { Secret } from '../../config/secret.ts'
import { formatDuration } from '../../core/duration.ts'
import { ToolError } from '../../core/tool-error.ts'
import { clientOptions } from '../mongodb/driver-clients.ts'
import { hasCode, isElsewhere } from '../mongodb/errors.ts'
import { explainOwn } from './driver-errors.ts'
import { type Own, openOwn, watchFence } from './driver-fence.ts'
import { forgotten, type LentClient, lendClient } from './driver-lend.ts'
import { beginRecord, readState, recordBegun, recordDone, StepMoved, type StepRecord } from './driver-record.ts'
import { CodeError, inTransaction } from './driver-transaction.ts'
import { walkDocuments } from './driver-walk.ts'
import type { CodeConnection, CodeEars, CodeWork } from './messages.ts'
import type { CodeDirection, StepEnd } from './ports.ts'
import type { CodePart } from './read-shape.ts'

/** The driver's own ways to notice that a command may not be in a transaction. */
const notInTransaction = [263, 50_768] as const

/** Milliseconds without an operation after which code is ended that a program has asked to stop. */
const grace = 3000

/** Seconds, where the server does not say it. */
const usualLifetime = 60

/** The code was ended in between, as a stop was requested. */
class CodeStopped extends Error {}

/** Carries out one step in the process of user code. Throws what the code threw. */
export async function carryOutCode(work: CodeWork, part: CodePart, ears: CodeEars): Promise<StepEnd> {
  const { connection, place } = work
  const client = openClient(connection)
  const observer = openClient(connection)
  const leave = watchFence(observer, place, ears.lost)
  let own: Own | null = null
  try {
    own = await openOwn(client, place)
    return await carryOut(own, work, part, ears)
  } catch (error) {
    if (error instanceof StepMoved) return 'moved'
    if (error instanceof CodeStopped) return 'stopped'
    if (await isLeft(error, own)) return 'elsewhere'
    if (error instanceof CodeError) throw explainCode(error.cause, work)
    throw hasCode(error, ...notInTransaction) ? notAllowed(work, error) : explainOwn(error, connection, place)
  } finally {
    leave()
    await Promise.all([client.close(), observer.close()])
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
  return new MongoClient(`mongodb://${address}`, { ...options, monitorCommands: true })
}

/** Whether the primary was left. An error of a client that the code has opened to some other server looks the same, and says nothing of it. */
async function isLeft(error: unknown, own: Own | null): Promise<boolean> {
  const cause = error instanceof CodeError ? error.cause : error
  const first = own?.watch.first?.error
  if (first !== undefined && isElsewhere(first)) return true
  if (!isElsewhere(cause)) return false
  if (own === null || !(error instanceof CodeError)) return true
  try {
    const { isWritablePrimary } = await own.client.db('admin').command({ hello: 1 })
    return isWritablePrimary !== true
  } catch {
    return true
  }
}

function explainCode(cause: unknown, work: CodeWork): unknown {
  return hasCode(cause, ...notInTransaction) ? notAllowed(work, cause) : cause
}

async function carryOut(own: Own, work: CodeWork, part: CodePart, ears: CodeEars): Promise<StepEnd> {
  const { client, place } = own
  const { migration, direction, id } = work
  const { file } = migration
  const trials = { file, most: null }
  const manner = part.type === 'walks' ? 'batches' : part.manner
  const collections = part.type === 'walks' ? part.walks.map(({ collection }) => collection) : []
  const record: StepRecord = { id, migration, direction, manner, collections, started: Date.now() }
  // A transaction does not outlive this: what is silent for as long waits for something that never happens.
  const longest = manner === 'outside' ? null : await readLifetime(client)
  const calls = { file, ears, longest, direction }
  if (part.type === 'walks') {
    await inTransaction(own, trials, (attempt) => recordBegun(attempt, record))
    const call = (lent: LentClient, change: (tools: Readonly<Record<string, unknown>>) => unknown): Promise<void> =>
      callCode(own, { lent, ...calls }, () =>
        change({ db: lent.client.db(place.database), client: lent.client, bson: BSON }),
      )
    return walkDocuments(own, record, { walks: part.walks, ears, call })
  }
  if (part.manner === 'outside') {
    await inTransaction(own, trials, (attempt) => recordBegun(attempt, record))
    const lent = lendClient(client, file, null)
    own.watch.begin()
    await callCode(own, { lent, ...calls }, () => part.call(lent.client.db(place.database), lent.client))
    await inTransaction(own, trials, async (attempt) =>
      recordDone(attempt, record, 0, await readState(attempt, record)),
    )
    return 'done'
  }
  await inTransaction(own, { ...trials, committing: ears.committing }, async (attempt) => {
    // Before the code: the first operation of a transaction is to be alone, and code may begin with many at once.
    const state = await beginRecord(attempt, record)
    const { lent } = attempt
    await callCode(own, { lent, ...calls }, () => part.call(lent.client.db(place.database), lent.client))
    await recordDone(attempt, record, 0, state)
  })
  return 'done'
}

async function readLifetime(client: MongoClient): Promise<number> {
  const command = { getParameter: 1, transactionLifetimeLimitSeconds: 1 }
  const answer = await client
    .db('admin')
    .command(command)
    .catch(() => ({ transactionLifetimeLimitSeconds: usualLifetime }))
  return Number(answer['transactionLifetimeLimitSeconds'] ?? usualLifetime) * 1000
}

interface Call {
  readonly lent: LentClient
  readonly file: string
  readonly direction: CodeDirection
  readonly ears: CodeEars
  /** Milliseconds for which it may do nothing; null for as long as it likes. */
  readonly longest: number | null
}

/** Calls the code, and looks whether it waited for all that it began. @throws CodeError, CodeStopped, ToolError. */
async function callCode(own: Own, given: Call, call: () => unknown): Promise<void> {
  const { lent, file, ears } = given
  ears.calling(true)
  const silence = watchSilence(own, given)
  try {
    await Promise.race([silence.broken, runCode(call)])
  } finally {
    silence.end()
    lent.end()
    ears.calling(false)
  }
  // What it left under way goes on in these turns, and an unhandled error is reported in them.
  for (let count = 0; count < 3; count += 1) {
    if (own.watch.busy || lent.usedLate()) throw forgotten(file)
    await turn()
  }
  if (lent.usedLate()) throw forgotten(file)
  ears.refuseFloating()
}

async function runCode(call: () => unknown): Promise<void> {
  try {
    await call()
  } catch (cause) {
    throw new CodeError('The code failed.', { cause })
  }
}

/** Rejects once the code has neither asked anything nor waited for an answer for too long. */
function watchSilence(
  { watch }: Own,
  { ears, longest, file, direction }: Call,
): { broken: Promise<never>; end: () => void } {
  let timer: NodeJS.Timeout | undefined
  const broken = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      const { silence } = watch
      if (ears.isEnding() && silence >= grace) reject(new CodeStopped())
      if (longest !== null && silence >= longest) reject(stuck(direction, file, longest))
    }, 250)
  })
  broken.catch(() => undefined)
  return { broken, end: () => clearInterval(timer) }
}

function stuck(direction: CodeDirection, file: string, longest: number): ToolError {
  return new ToolError('MODULE_STUCK', {
    what: `\`${direction}()\` has asked nothing of MongoDB for ${formatDuration(longest)}, and has not ended.`,
    where: { file },
    why: 'A transaction lives no longer than `transactionLifetimeLimitSeconds`, so nothing of it can be committed any more.',
    next: 'Nothing that it changed was kept. Correct what it awaits; where it has to wait for so long, export `transaction = false`. Then run the command again.',
  })
}

function notAllowed({ migration: { file } }: CodeWork, cause: unknown): ToolError {
  return new ToolError(
    'DATA_MIGRATION_REFUSED',
    {
      what: 'The code sends a command that MongoDB does not allow in a transaction.',
      where: { file },
      why: cause instanceof Error ? cause.message : String(cause),
      next: 'Indexes and validators belong in `migrations/mongodb`. For the others export `transaction = false`, and write the code so that it may run again.',
    },
    { cause },
  )
}
