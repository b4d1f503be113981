import type { Connection } from '../../mysql/connection.ts'
import { hasNumber } from '../../mysql/errors.ts'
import type { UpgradeStatement, UpgradeStep } from '../journal/journal-format.ts'
import { type JournalWriter, journalColumns, renderFence, renderSetting } from './journal-writing.ts'

/** The format's row is the second of pass 0 (prepareJournal writes it that way). It is overwritten, or written where it was lost. */
function renderFormat(writer: JournalWriter, format: number): string {
  return `REPLACE INTO ${writer.table}(${journalColumns}) VALUES ${renderSetting(writer, 1, 'format', String(format), true)}`
}

/**
 * Runs upgrade steps of the journal, one after another. The number of a step is written when all of it was done, so that a killed run
 * leaves a step to repeat, never a missing one. Every statement has the fence in its packet. Needs the lock.
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
