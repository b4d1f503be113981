import type { Connection } from '../../mysql/connection.ts'
import { quoteQualified } from '../../sql/quote-name.ts'
import type { ResetRequest } from '../ports.ts'
import type { ChangedTable } from './baseline.ts'
import { makeProgram } from './make-programs.ts'
import { counterOf, createTable, renderRows } from './table-text.ts'
import type { TableTriggers } from './table-triggers.ts'

/** Drops triggers before any row is put back: they would write to tables that may have been compared, or that no longer exist. */
export async function dropTriggers(
  connection: Connection,
  { schema, names }: Pick<TableTriggers, 'schema' | 'names'>,
): Promise<void> {
  for (const name of names) await connection.ask(`DROP TRIGGER IF EXISTS ${quoteQualified(schema, name)}`)
}

/** Takes one table back: its definition if that was changed, its rows, its counter, its triggers. Checks of foreign keys are off. */
export async function restoreTable(
  connection: Connection,
  change: ChangedTable,
  { from, to }: ResetRequest,
): Promise<void> {
  const { baseline, isRedefined } = change
  const filling = renderRows(baseline.source, from, to)
  const fill = filling === null ? [] : [filling]
  const makeTriggers = async (): Promise<void> => {
    for (const trigger of baseline.triggers) await makeProgram(connection, trigger, (text) => text.replaceAll(from, to))
  }
  if (isRedefined) {
    await connection.ask(`DROP TABLE IF EXISTS ${quoteQualified(baseline.schema, baseline.table)}`)
    await connection.ask(createTable(baseline))
    for (const statement of fill) await connection.ask(statement)
    await makeTriggers()
    return
  }
  // Triggers are for writes of programs: they are dropped while rows are restored, and so that a second attempt, after a deadlock, finds none.
  const isQuiet = change.triggers || (change.rows && fill.length > 0 && baseline.triggers.length > 0)
  if (isQuiet)
    await dropTriggers(connection, { schema: baseline.schema, names: baseline.triggers.map(({ name }) => name) })
  await restoreContent(connection, change, fill)
  if (isQuiet) await makeTriggers()
}

/** A table with triggers is emptied by TRUNCATE, as DELETE would fire them. */
async function restoreContent(
  connection: Connection,
  { baseline, counter, rows }: ChangedTable,
  fill: readonly string[],
): Promise<void> {
  const table = quoteQualified(baseline.schema, baseline.table)
  const truncates = rows && baseline.triggers.length > 0
  if (truncates) for (const statement of [`TRUNCATE TABLE ${table}`, ...fill]) await connection.ask(statement)
  else if (rows) await connection.askAll(['START TRANSACTION', `DELETE FROM ${table}`, ...fill, 'COMMIT'].join(';'))
  const then = counterOf(baseline.text)
  // TRUNCATE resets the counter to 1.
  if (counter !== then || truncates) await connection.ask(`ALTER TABLE ${table} AUTO_INCREMENT=${then}`)
}
