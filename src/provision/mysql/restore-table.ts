import type { Connection } from '../../mysql/connection.ts'
import { quoteName, quoteQualified } from '../../sql/quote-name.ts'
import type { ResetRequest } from '../ports.ts'
import type { BaselineTable } from './baseline.ts'
import type { ChangedTable } from './find-changes.ts'
import { makeProgram } from './make-programs.ts'
import { renderRows } from './render-rows.ts'
import { counterOf, withoutCounter } from './table-text.ts'

/** Takes one table back: its definition if that was changed, its rows, its counter. Checks of foreign keys are off. */
export async function restoreTable(
  connection: Connection,
  { baseline, text, rows }: ChangedTable,
  { from, to }: ResetRequest,
): Promise<void> {
  const table = quoteQualified(baseline.schema, baseline.table)
  const filling = renderRows(baseline.source, from, to)
  const fill = filling === null ? [] : [filling]
  if (text === null || withoutCounter(text) !== withoutCounter(baseline.text)) {
    await connection.ask(`DROP TABLE IF EXISTS ${table}`)
    await connection.ask(createTable(baseline))
    for (const statement of fill) await connection.ask(statement)
    await makeTriggers(connection, baseline, { from, to })
    return
  }
  if (rows && baseline.triggers.length > 0) await refillQuietly(connection, baseline, fill, { from, to })
  else if (rows) await connection.askAll(['START TRANSACTION', `DELETE FROM ${table}`, ...fill, 'COMMIT'].join(';'))
  const [now, then] = [counterOf(text), counterOf(baseline.text)]
  // What empties a table by TRUNCATE sets its counter back to 1.
  if (now !== then || (rows && baseline.triggers.length > 0))
    await connection.ask(`ALTER TABLE ${table} AUTO_INCREMENT=${then}`)
}

/** Triggers are for what a program writes: without them while the rows come back. TRUNCATE calls none. */
async function refillQuietly(
  connection: Connection,
  baseline: BaselineTable,
  fill: readonly string[],
  prefixes: Pick<ResetRequest, 'from' | 'to'>,
): Promise<void> {
  const table = quoteQualified(baseline.schema, baseline.table)
  if (fill.length === 0) {
    await connection.ask(`TRUNCATE TABLE ${table}`)
    return
  }
  for (const { name } of baseline.triggers)
    await connection.ask(`DROP TRIGGER IF EXISTS ${quoteQualified(baseline.schema, name)}`)
  await connection.ask(`TRUNCATE TABLE ${table}`)
  for (const statement of fill) await connection.ask(statement)
  await makeTriggers(connection, baseline, prefixes)
}

async function makeTriggers(
  connection: Connection,
  { triggers }: BaselineTable,
  { from, to }: Pick<ResetRequest, 'from' | 'to'>,
): Promise<void> {
  for (const trigger of triggers) await makeProgram(connection, trigger, (text) => text.replaceAll(from, to))
}

function createTable({ schema, text }: BaselineTable): string {
  return text.replace(/^CREATE TABLE /, `CREATE TABLE ${quoteName(schema)}.`)
}
