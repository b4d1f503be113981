import type { Connection } from '../../mysql/connection.ts'
import { hasNumber } from '../../mysql/server-errors.ts'
import type { UpgradeStatement, UpgradeStep } from '../journal/journal-format.ts'
import { type JournalWriter, renderFence, renderFormat } from './journal-writing.ts'

/**
 * Takes the journal through steps, one after another. The number of a step is written when all of it was done, so that a run that was
 * killed leaves a step to do again, never one that is missing. Every statement has the fence in its packet. Needs the lock.
 */
export async function upgradeJournal(
  connection: Connection,
  writer: JournalWriter,
  steps: readonly UpgradeStep[],
): Promise<void> {
  for (const { to, statements } of steps) {
    for (const statement of statements) await runUpgradeStatement(connection, writer, statement)
    await connection.askAll(`${renderFormat(writer, to)};COMMIT`)
  }
}

async function runUpgradeStatement(
  connection: Connection,
  writer: JournalWriter,
  { text, doneBy = [] }: UpgradeStatement,
): Promise<void> {
  try {
    await connection.askAll(`${renderFence(writer)};${text}`)
  } catch (error) {
    if (!hasNumber(error, ...doneBy)) throw error
  }
}
