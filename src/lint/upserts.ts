import { indexColumns } from '../ddl/read-parts.ts'
import { isOwnColumn, knownColumns, nothingKnown, stateOfTable } from '../ddl/schema.ts'
import { type Clause, findWords, isMark, isPath, isWord, splitAtCommas } from '../sql/clauses.ts'
import { quoteName, quoteQualified } from '../sql/quote-name.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'
import { firstTableMayHaveData } from './existing-data.ts'
import { longestLook, type RowQuestion } from './row-question.ts'
import type { HazardContext } from './rule.ts'
import { readInsertedColumns } from './written-tables.ts'

/** An INSERT of a query's rows that overwrites values of rows with the same key. */
export interface Upsert {
  readonly table: ObjectName
  readonly query: Clause
}

/** Null for other statements, and where only the plan's own columns, or none, get another value. */
export function readUpsert(tokens: Clause, statement: Statement, context: HazardContext): Upsert | null {
  if (statement.verb !== 'INSERT') return null
  const end = findWords(tokens, 'ON', 'DUPLICATE', 'KEY', 'UPDATE')
  const start = tokens.findIndex((token) => isWord(token, 'SELECT', 'TABLE', 'WITH'))
  const table = statement.objects[0]
  if (end < 0 || start < 0 || start > end || table === undefined || !firstTableMayHaveData(statement, context))
    return null
  const assignments = splitAtCommas(tokens.slice(end + 4))
  const writes = assignments.some((one) => overwrites(one, table, context))
  return writes ? { table, query: tokens.slice(start, end) } : null
}

/** `n = n` and `t.n = t.n` change nothing: they only skip duplicates. */
function overwrites(assignment: Clause, table: ObjectName, { tables = nothingKnown }: HazardContext): boolean {
  const equals = assignment.findIndex((token) => isMark(token, '='))
  const column = assignment[equals - 1]?.text ?? ''
  if (isOwnColumn(tables, table, column)) return false
  const value = assignment.slice(equals + 1)
  if (!isPath(value) || value.at(-1)?.text.toLowerCase() !== column.toLowerCase()) return true
  const qualifier = value.at(-3)?.text.toLowerCase()
  return qualifier !== undefined && qualifier !== table.name.toLowerCase()
}

/** Asks whether the query has a row for each row of the table; null where the keys that find them are unknown. */
export function askAboutUpsert(statement: Statement, context: HazardContext): RowQuestion | null {
  const { text, userVariables } = statement
  if (text.includes('/*!') || userVariables.length > 0) return null
  const tokens = tokenize(text)
  const upsert = readUpsert(tokens, statement, context)
  if (upsert === null) return null
  const state = stateOfTable(context.tables ?? nothingKnown, upsert.table)
  const inserted = readInsertedColumns(text) ?? knownColumns(state)
  if (inserted === null || state.type !== 'table') return null
  const columns = inserted.map((name) => name.toLowerCase())
  const found = state.table.indexes
    .filter(({ unique }) => unique)
    .map(indexColumns)
    .filter((key) => key.every((name) => columns.includes(name.toLowerCase())))
    .map((key) =>
      key.map((name) => `wwdb_taken.c${columns.indexOf(name.toLowerCase())}=wwdb_row.${quoteName(name)}`).join(' AND '),
    )
  if (found.length === 0) return null
  const { schema, name } = upsert.table
  const own = schema === null ? quoteName(name) : quoteQualified(schema, name)
  const query = text.slice(upsert.query[0]?.start ?? 0, upsert.query.at(-1)?.end ?? 0)
  const left = `NOT EXISTS(SELECT 1 FROM wwdb_taken WHERE (${found.join(') OR (')}))`
  const asked =
    `WITH wwdb_taken(${columns.map((_, at) => `c${at}`).join(',')}) AS (${query}\n) ` +
    `SELECT /*+ QB_NAME(wwdb) MAX_EXECUTION_TIME(${longestLook}) */ EXISTS(SELECT 1 FROM ${own}),EXISTS(SELECT 1 FROM ${own} AS wwdb_row WHERE ${left})`
  return { own: [asked], fromTheEnd: null, decidedBy: null, cascades: [] }
}
