import type { Target } from '../../core/target.ts'
import type { Answer, Connection } from '../../mysql/connection.ts'
import { hasNumber, isConnectionLost, isServerError, lockLost, serverErrors } from '../../mysql/errors.ts'
import type { StatementOutcome } from '../../mysql/facts.ts'
import { translateRunError } from '../../mysql/refusals.ts'
import { describeTogether } from '../../mysql/run-statement.ts'
import { noChange, type QuickStatement, type RowToOpen } from '../journal/rows.ts'
import { askForLocks, countClosed } from './journal-tables.ts'
import { type JournalWriter, renderChange, renderClosing, renderFence } from './journal-writing.ts'
import { translatingErrors } from './translate-errors.ts'

/** Where short data statements run, and who writes their rows. */
interface ShortWrites {
  readonly connection: Connection
  readonly writer: JournalWriter
  readonly target: Target
  readonly rollback: () => Promise<void>
}

/**
 * Statements in one transaction, at most: the server flushes its logs once for all of them, and what they lock is free again after some milliseconds.
 * Measured over 1,000 files: see decision 0039.
 */
const mostTogether = 16

/**
 * Seconds that one of several waits for a row, so that what the others have locked is soon free again. One that takes longer is refused there, and waits as usual when it
 * runs alone.
 */
const longestWait = 2

const lessWait = `SET @wwdb_wait=@@SESSION.innodb_lock_wait_timeout,SESSION innodb_lock_wait_timeout=CAST(LEAST(@@SESSION.innodb_lock_wait_timeout,${longestWait}) AS UNSIGNED)`
const usualWait = 'SET SESSION innodb_lock_wait_timeout=@wwdb_wait,@wwdb_wait=NULL'

/** A statement of a packet, and whose it is. */
interface Part {
  readonly text: string
  readonly by: 'user' | 'wwdb'
}

/** Where several share a transaction, LAST_INSERT_ID() is read before it: the server does not take it back together with the rows. */
function* renderParts(writer: JournalWriter, statements: readonly QuickStatement[]): Generator<Part> {
  const isShared = statements.length > 1
  if (isShared) yield { text: lessWait, by: 'wwdb' }
  for (const [index, one] of statements.entries()) {
    if (isFirst(index) && isShared) yield { text: readLastId, by: 'wwdb' }
    // It may end in a comment.
    yield { text: `${one.text}\n`, by: 'user' }
    yield { text: renderClosing(writer, one), by: 'wwdb' }
    if (isFirst(index + 1) || index + 1 === statements.length) yield { text: 'COMMIT', by: 'wwdb' }
  }
  if (isShared) yield { text: usualWait, by: 'wwdb' }
}

const readLastId = 'SELECT LAST_INSERT_ID()'

/** Whether the statement begins a transaction. */
const isFirst = (index: number): boolean => index % mostTogether === 0

/** Runs short data statements with their rows in one packet: `Session.runAndClose`. */
export async function runAndClose(
  writes: ShortWrites,
  statements: readonly QuickStatement[],
  open: readonly RowToOpen[],
): Promise<readonly StatementOutcome[]> {
  const { connection, writer, target, rollback } = writes
  const parts = [...renderParts(writer, statements)]
  const opening = open.length === 0 ? [] : [renderChange(writer, { ...noChange, open })]
  const { answers, error } = await connection.askInTurn([...opening, ...parts.map(({ text }) => text)].join(';'))
  const own = opening.length * 2 // the write and its COMMIT
  const given = answers.slice(own)
  if (error === null) return describeTogether(answersOfUser(parts, given))
  if (!isServerError(error) || isConnectionLost(error)) throw error
  if (answers.length >= own && parts[given.length]?.by === 'user') await commitWhatRan(writes)
  else await rollback()
  if (given.length > 0 && parts[0]?.text === lessWait) await connection.ask(usualWait)
  // The fence and a user's own invalid JSON raise the same error: check which it was.
  if (hasNumber(error, serverErrors.invalidJson) && !(await askForLocks(connection, writer)))
    throw lockLost(target, error)
  if (answers.length < own) throw translateRunError(error, target)
  return translatingErrors(target, async () => {
    const ran = await countClosed(connection, statements)
    if (isFirst(ran)) await restoreLastId(connection, parts, given, ran)
    return statements.slice(0, ran).map(() => ({ rows: null, warnings: [], lastInsertId: null }))
  })
}

function answersOfUser(parts: readonly Part[], answers: readonly Answer[]): readonly Answer[] {
  if (answers.length !== parts.length)
    throw new Error(`the server found ${answers.length} statements where the scanner found ${parts.length}`)
  return answers.filter((_, index) => parts[index]?.by === 'user')
}

/**
 * A statement was refused, and the server took back that one alone: those before it in its transaction stay, so that none of them runs again and takes other
 * values of AUTO_INCREMENT. After a deadlock there is nothing to commit. Which of them ran is read from the journal in either case.
 */
async function commitWhatRan({ connection, writer, target, rollback }: ShortWrites): Promise<void> {
  try {
    await connection.askAll(`${renderFence(writer)};COMMIT`)
  } catch (error) {
    await rollback()
    if (hasNumber(error, serverErrors.invalidJson)) throw lockLost(target, error)
    // What could not be committed runs again.
    if (!isServerError(error) || isConnectionLost(error)) throw translateRunError(error, target)
  }
}

/** Of a transaction that was taken back, the ID that the session had before it, which its first statement may read when it runs again. */
async function restoreLastId(
  connection: Connection,
  parts: readonly Part[],
  answers: readonly Answer[],
  ran: number,
): Promise<void> {
  const reads = parts.flatMap(({ text }, index) => (text === readLastId ? [answers[index]] : []))
  const before = reads[ran / mostTogether]?.rows[0]?.[0]
  if (before !== undefined) await connection.ask(`SELECT LAST_INSERT_ID(${String(before)})`)
}
