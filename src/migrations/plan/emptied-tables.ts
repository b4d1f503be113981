import { tableKey } from '../../ddl/schema.ts'
import { findHazards } from '../../lint/find-hazards.ts'
import { longestLook, type RowQuestion } from '../../lint/row-question.ts'
import type { Hazard, HazardContext } from '../../lint/rule.ts'
import { risksOldRows } from '../../lint/taken-rows.ts'
import { readDeletedTables } from '../../lint/written-tables.ts'
import { quoteName, quoteQualified } from '../../sql/quote-name.ts'
import type { ObjectName, Statement } from '../../sql/statement.ts'
import { tokenize } from '../../sql/tokens.ts'
import type { LookAtRows } from '../ports.ts'

type Context = HazardContext & Required<Pick<HazardContext, 'tables'>>

interface Deleted {
  readonly table: ObjectName
  readonly count: number
  readonly hadRows: boolean
  /** The last of them, and what was known before it. */
  readonly statement: Statement
  readonly context: Context
}

/**
 * Follows the DELETEs of users' code that each select their rows by a value: a loop of them may delete every row, which shows only at its end.
 */
export class EmptiedTables {
  readonly #tables = new Map<string, Deleted>()

  /** Before a statement is sent. */
  async note(statement: Statement, context: Context, look: LookAtRows): Promise<void> {
    if (statement.verb !== 'DELETE') return
    const tokens = tokenize(statement.text)
    if (!risksOldRows(tokens, statement, 'DELETE', context)) return
    for (const { table } of readDeletedTables(tokens) ?? []) {
      const key = tableKey(context.tables, table)
      const before = this.#tables.get(key)
      const hadRows = before?.hadRows ?? (await hasRows(table, look))
      this.#tables.set(key, { table, hadRows, count: (before?.count ?? 0) + 1, statement, context })
    }
  }

  /** The hazards of tables that several of them left without a row. */
  async judge(look: LookAtRows): Promise<readonly Hazard[]> {
    const found: Hazard[] = []
    for (const { table, count, hadRows, statement, context } of this.#tables.values()) {
      if (count < 2 || !hadRows || (await hasRows(table, look))) continue
      found.push(...findHazards(statement, { ...context, taken: { own: 'together' } }))
    }
    return found.filter(({ code }) => code === 'DELETE_ALL_ROWS')
  }
}

/** True where the table has rows, and where that cannot be seen. */
async function hasRows({ schema, name }: ObjectName, look: LookAtRows): Promise<boolean> {
  const quoted = schema === null ? quoteName(name) : quoteQualified(schema, name)
  const text = `SELECT /*+ QB_NAME(wwdb) MAX_EXECUTION_TIME(${longestLook}) */ 1,NOT EXISTS(SELECT 1 FROM ${quoted})`
  const question: RowQuestion = { own: [text], fromTheEnd: null, decidedBy: null, cascades: [] }
  // `all` means that no existing row is left out.
  return (await look(new Map([[0, question]]))).get(0)?.own !== 'some'
}
