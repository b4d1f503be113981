import type { Target } from '../../../core/target.ts'
import type { Answer, Connection } from '../../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../../mysql/errors.ts'
import { quoteName } from '../../../sql/quote-name.ts'
import type { JournalFormat } from '../../journal/journal-format.ts'
import type { JournalSnapshot } from '../../journal/rows.ts'
import { journalQuestions, toSnapshot } from '../journal-reading.ts'
import type { JournalPlace } from '../journal-tables.ts'

/** The journals of several keyspaces may be in one: each has the name of its own. */
export const tableOf = (journal: string, keyspace: string): JournalPlace['table'] =>
  `\`${journal}\`.${quoteName(`wwdb_journal_${keyspace}`)}`

/** Reads a journal in a transaction of its own. */
export async function readKeyspaceJournal(
  connection: Connection,
  target: Target,
  table: JournalPlace['table'],
  format: JournalFormat,
): Promise<JournalSnapshot> {
  const answers: Answer[] = []
  await connection.ask('ROLLBACK')
  try {
    for (const question of journalQuestions(table, 'pass>0')) answers.push(await connection.ask(question))
  } catch (error) {
    if (!hasNumber(error, serverErrors.unknownTable)) throw error
  }
  await connection.ask('COMMIT')
  return toSnapshot(answers, target, format, table)
}
