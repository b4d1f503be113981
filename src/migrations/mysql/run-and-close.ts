import type { Target } from '../../core/target.ts'
import type { Answer, Connection } from '../../mysql/connection.ts'
import { hasNumber, isConnectionLost, isServerError, lockLost, serverErrors } from '../../mysql/errors.ts'
import type { StatementOutcome } from '../../mysql/facts.ts'
import { translateRunError } from '../../mysql/refusals.ts'
import { describeTogether } from '../../mysql/run-statement.ts'
import { noChange, type QuickStatement, type RowToOpen } from '../journal/rows.ts'
import { askForLocks, countClosed } from './journal-tables.ts'
import { type JournalWriter, renderChange, renderClosing, renderFence } from './journal-writing.ts'
import { translatingErrors, translatingFenceErrors } from './translate-errors.ts'

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

/** A statement of a packet, and whose it is. */
interface Part {
  readonly text: string
  readonly by: 'user' | 'journal'
}

function* renderParts(writer: JournalWriter, statements: readonly QuickStatement[]): Generator<Part> {
  for (const [index, one] of statements.entries()) {
    // It may end in a comment.
    yield { text: `${one.text}\n`, by: 'user' }
    yield { text: renderClosing(writer, one), by: 'journal' }
    const isLast = index + 1 === statements.length
    if (isLast || (index + 1) % mostTogether === 0) yield { text: 'COMMIT', by: 'journal' }
  }
}

/** Runs short data statements with their rows in one packet: `Session.runAndClose`. */
export async function runAndClose(
  { connection, writer, target, rollback }: ShortWrites,
  statements: readonly QuickStatement[],
  open: readonly RowToOpen[],
): Promise<readonly StatementOutcome[]> {
  const parts = [...renderParts(writer, statements)]
  const opening = open.length === 0 ? [] : [renderChange(writer, { ...noChange, open })]
  const { answers, error } = await connection.askInTurn([...opening, ...parts.map(({ text }) => text)].join(';'))
  const own = opening.length * 2 // the write and its COMMIT
  if (error === null) return describeTogether(answersOfUser(parts, answers.slice(own)))
  if (!isServerError(error) || isConnectionLost(error)) throw error
  if (parts[answers.length - own]?.by === 'user') await commitWhatRan({ connection, writer, target, rollback })
  else await rollback()
  // The fence and a user's own invalid JSON raise the same error: check which it was.
  if (hasNumber(error, serverErrors.invalidJson) && !(await askForLocks(connection, writer)))
    throw lockLost(target, error)
  if (answers.length < own) throw translateRunError(error, target)
  const ran = await translatingErrors(target, () => countClosed(connection, statements))
  return statements.slice(0, ran).map(() => ({ rows: null, warnings: [], lastInsertId: null }))
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
    await translatingFenceErrors(target, () => connection.askAll(`${renderFence(writer)};COMMIT`))
  } catch (error) {
    await rollback()
    throw error
  }
}
