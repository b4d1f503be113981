import type { Target } from '../../../core/target.ts'
import type { Answer, Connection } from '../../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../../mysql/errors.ts'
import type { RecordMark } from '../../journal/compare-records.ts'
import type { JournalFormat } from '../../journal/journal-format.ts'
import type { JournalSnapshot } from '../../journal/rows.ts'
import { journalQuestions, toSnapshot } from '../journal-reading.ts'
import type { JournalPlace } from '../journal-tables.ts'
import { type JournalWriter, journalColumns, renderSetting } from '../journal-writing.ts'
import { selectMark, toMark } from '../own-records.ts'

const journalSetting = 'journal'

/** Behind the numbers of all other settings. */
const journalNumber = 82

/** What tells a journal from every other one, also from an earlier one of the same name: contexts of Vitess begin with it. */
export const renderJournalId = (writer: JournalWriter, id: string): string =>
  `INSERT IGNORE INTO ${writer.table}(${journalColumns}) VALUES ${renderSetting(writer, journalNumber, journalSetting, id, false)}`

/** Null where the journal has none yet. */
export const journalIdOf = ({ settings }: JournalSnapshot): string | null => settings.get(journalSetting) ?? null

/** How much of the journal is in the record; null where there is none. A run that is killed before it records anything leaves an empty table. */
async function readMark(
  connection: Connection,
  record: string,
): Promise<{ readonly mark: RecordMark | null; readonly hasRecordTable: boolean }> {
  try {
    return { mark: toMark((await connection.ask(selectMark(record))).rows), hasRecordTable: true }
  } catch (error) {
    if (!hasNumber(error, serverErrors.unknownTable)) throw error
    return { mark: null, hasRecordTable: false }
  }
}

/** Reads a journal in a transaction of its own, with what its record knows of it. */
export async function readKeyspaceJournal(
  connection: Connection,
  target: Target,
  { table, record }: { readonly table: JournalPlace['table']; readonly record: string },
  format: JournalFormat,
): Promise<JournalSnapshot> {
  const answers: Answer[] = []
  await connection.ask('ROLLBACK')
  try {
    for (const question of journalQuestions(table, 'pass>0')) answers.push(await connection.ask(question))
  } catch (error) {
    if (!hasNumber(error, serverErrors.unknownTable)) throw error
  }
  const snapshot = toSnapshot(answers, target, format, table)
  const read = await readMark(connection, record)
  await connection.ask('COMMIT')
  return { ...snapshot, ...read }
}
