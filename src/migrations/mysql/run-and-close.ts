import type { Target } from '../../core/target.ts'
import type { Connection } from '../../mysql/connection.ts'
import { hasNumber, isConnectionLost, isServerError, lockLost, serverErrors } from '../../mysql/errors.ts'
import type { StatementOutcome } from '../../mysql/facts.ts'
import { translateRunError } from '../../mysql/refusals.ts'
import { describeTogether } from '../../mysql/run-statement.ts'
import { noChange, type QuickStatement, type RowToOpen } from '../journal/rows.ts'
import { askForLocks, countClosed } from './journal-tables.ts'
import { type JournalWriter, renderChange, renderClosing } from './journal-writing.ts'
import { translatingErrors } from './translate-errors.ts'

/** Where short data statements run, and who writes their rows. */
interface ShortWrites {
  readonly connection: Connection
  readonly writer: JournalWriter
  readonly target: Target
  readonly rollback: () => Promise<void>
}

/** Runs short data statements with their rows in one packet: `Session.runAndClose`. */
export async function runAndClose(
  { connection, writer, target, rollback }: ShortWrites,
  statements: readonly QuickStatement[],
  open: readonly RowToOpen[],
): Promise<readonly StatementOutcome[]> {
  const opening = open.length === 0 ? [] : [renderChange(writer, { ...noChange, open })]
  const packet = [...opening, ...statements.map((one) => one.text + renderClosing(writer, one))].join(';\n')
  const { answers, error } = await connection.askInTurn(packet)
  const own = opening.length * 2 // the write and its COMMIT
  if (error === null) return describeTogether(statements, answers.slice(own))
  if (!isServerError(error) || isConnectionLost(error)) throw error
  await rollback()
  // The fence and a user's own invalid JSON raise the same error: check which it was.
  if (hasNumber(error, serverErrors.invalidJson) && !(await askForLocks(connection, writer)))
    throw lockLost(target, error)
  if (answers.length < own) throw translateRunError(error, target)
  const ran = await translatingErrors(target, () => countClosed(connection, statements))
  return statements.slice(0, ran).map(() => ({ rows: null, warnings: [], lastInsertId: null }))
}
