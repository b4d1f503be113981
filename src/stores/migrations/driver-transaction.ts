import { setTimeout as pause } from 'node:timers/promises'
import { formatDuration } from '../../core/duration.ts'
import { ToolError } from '../../core/tool-error.ts'
import { hideSecrets } from '../hide-secrets.ts'
import { isElsewhere } from '../mongodb/errors.ts'
import { type Attempt, collectionsOf, type Own, refuseLost, takeFence } from './driver-fence.ts'
import { type LentClient, lendClient } from './driver-lend.ts'
import type { Refusal } from './driver-watch.ts'

/** Milliseconds for which a transaction that meets another one is tried again, and a commit that no majority confirms. */
const patience = 120_000

/** The server's numbers for a transaction that it has ended by itself: it was older than `transactionLifetimeLimitSeconds`, or was killed. */
const endedByServer: ReadonlySet<number> = new Set([251, 290])

/** Milliseconds behind which such an end is taken as that of its lifetime: the same would take as long again. */
const long = 5000

/** What a majority of the set must have before a step is done. */
const transactionOptions = {
  readPreference: 'primary',
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority', wtimeoutMS: 60_000 },
} as const

/** What the code threw, apart from what fails in wwdb's own work. */
export class CodeError extends Error {}

/** What a transaction works with: the client of the code asks for no session, and gets that of the transaction. */
export interface CodeAttempt extends Attempt {
  readonly lent: LentClient
}

interface Trials {
  readonly file: string
  /** How many attempts may end in a conflict; null for as many as the patience allows. */
  readonly most: number | null
  /** Called when nothing but the commit is left. */
  readonly committing?: () => void
}

/**
 * Carries out `work` in one transaction that a majority has; again where it met another one, and only there. It is not repeated on another server.
 * Throws what ended the transaction: the first refusal of the server, even where the code caught it.
 */
export async function inTransaction(
  own: Own,
  { file, most, committing }: Trials,
  work: (attempt: CodeAttempt) => Promise<void>,
): Promise<void> {
  const end = performance.now() + patience
  for (let count = 1; ; count += 1) {
    const began = performance.now()
    const attempt = beginAttempt(own, file)
    try {
      own.watch.begin()
      await takeFence(own, attempt.session)
      attempt.session.startTransaction(transactionOptions)
      await work(attempt)
      committing?.()
      await commit(attempt)
      return
    } catch (error) {
      const { first } = own.watch
      const took = performance.now() - began
      if (first !== null && endedByServer.has(first.code)) await refuseLost(own)
      if (!isTransient(error, first) || hasAged(first, took) || performance.now() >= end || count === most)
        throw explainEnd(error, first, { file, took })
    } finally {
      await endAttempt(own, attempt)
    }
    await pause(20 + Math.random() * 80)
  }
}

function beginAttempt({ client, place }: Own, file: string): CodeAttempt {
  const session = client.startSession()
  const lent = lendClient(client, file, session)
  // The library compares the client of an operation with that of its session.
  Object.assign(session, { client: lent.client })
  return { client: lent.client, session, place, lent, ...collectionsOf(lent.client, place) }
}

/** What the code left under way ends inside the transaction: behind it, the session would write it beside. */
async function endAttempt({ watch, client }: Own, { session, lent }: CodeAttempt): Promise<void> {
  lent.end()
  if (!(await watch.settle())) await client.close()
  await session.endSession().catch(() => undefined)
}

/** A commit may be sent again: it takes effect once. */
async function commit({ session, place }: Attempt): Promise<void> {
  const end = performance.now() + patience
  for (;;) {
    try {
      await session.commitTransaction()
      return
    } catch (error) {
      if (isElsewhere(error) || !hasLabel(error, 'UnknownTransactionCommitResult')) throw error
      if (performance.now() >= end) throw notConfirmed(place.database, error)
    }
    await pause(50)
  }
}

function isTransient(error: unknown, first: Refusal | null): boolean {
  if (error instanceof ToolError && first === null) return false
  const cause = first === null ? error : first.error
  return hasLabel(cause, 'TransientTransactionError') && !isElsewhere(cause)
}

function hasAged(first: Refusal | null, took: number): boolean {
  return first !== null && endedByServer.has(first.code) && took >= long
}

interface End {
  readonly file: string
  readonly took: number
}

function explainEnd(error: unknown, first: Refusal | null, { file, took }: End): unknown {
  if (first === null || isElsewhere(error)) return error
  if (hasAged(first, took)) return outlived(file, took, first)
  // What fails behind the first refusal only says that the transaction is gone.
  const follows = endedByServer.has(codeOf(error)) && !endedByServer.has(first.code)
  return follows ? swallowed(file, first) : error
}

function codeOf(error: unknown): number {
  const cause = error instanceof CodeError ? error.cause : error
  return cause instanceof Error ? Number(Reflect.get(cause, 'code') ?? 0) : 0
}

export function hasLabel(error: unknown, label: string): boolean {
  if (!(error instanceof Error) || !('hasErrorLabel' in error)) return false
  const { hasErrorLabel } = error
  return typeof hasErrorLabel === 'function' && hasErrorLabel.call(error, label) === true
}

function swallowed(file: string, { error: cause }: Refusal): ToolError {
  return new ToolError(
    'MODULE_FAILED',
    {
      what: 'The code caught an error of MongoDB, which had ended the transaction.',
      where: { file },
      why: hideSecrets(cause.message),
      next: 'Nothing that it changed was kept. Ask before writing (an upsert, a `find`) in place of catching the error, then run the command again.',
    },
    { cause },
  )
}

function outlived(file: string, took: number, { error: cause }: Refusal): ToolError {
  return new ToolError(
    'MODULE_FAILED',
    {
      what: `MongoDB ended the transaction of the code after ${formatDuration(took)}.`,
      where: { file },
      why: `${hideSecrets(cause.message)} A transaction lives for \`transactionLifetimeLimitSeconds\`, 60 by default.`,
      next: 'Nothing that it changed was kept. Export a walk, `export const up = { collection, change }`: each of its batches is a transaction of its own.',
    },
    { cause },
  )
}

function notConfirmed(database: string, cause: unknown): ToolError {
  return new ToolError(
    'MONGODB_NOT_HEALTHY',
    {
      what: 'It is not known whether the last transaction stays: no majority of the set has confirmed it.',
      where: { database },
      why: hideSecrets(cause instanceof Error ? cause.message : String(cause)),
      next: 'Run `wwdb setup verify`, then see `wwdb setup migrations`; the next run continues with what is there.',
    },
    { cause },
  )
}
