import { type Clause, isMark, isName, isWord, outerTokens } from '../sql/clauses.ts'
import { type ColumnState, type KnownTables, noTablesKnown, stateOfTable } from '../sql/table-state.ts'
import type { Token } from '../sql/tokens.ts'
import { findColumn } from './column-changes.ts'
import { type Choice, fromOrder, type JudgeColumns, judgeCondition, readComparison, readNumber } from './condition.ts'
import { readInnerTables } from './written-tables.ts'

/** A table or view whose columns a condition may name, as far as they are known. */
export interface ConditionTable {
  readonly columns: readonly ColumnState[]
  /** What its columns are qualified by; absent where any qualifier means it. */
  readonly alias?: string
}

/**
 * The tables and views of an UPDATE or DELETE of which every row that is chosen has a row: of a view that the plan makes, the only
 * table behind it.
 */
export function findConditionTables(
  tokens: Clause,
  verb: 'UPDATE' | 'DELETE',
  tables: KnownTables = noTablesKnown,
): readonly ConditionTable[] {
  return readInnerTables(tokens, verb).flatMap(({ table, alias }) => {
    const state = stateOfTable(tables, table)
    if (state.type === 'present' || (state.type === 'view' && state.reads === null))
      return [{ columns: state.columns, alias }]
    const [only, ...others] = state.type === 'view' ? (state.reads ?? []) : []
    const behind = only === undefined || others.length > 0 ? null : stateOfTable(tables, only)
    return behind?.type === 'present' ? [{ columns: behind.columns, alias }] : []
  })
}

/**
 * What the definitions of a table's columns say of a comparison: `id IS NOT NULL` holds for every row where the column is NOT
 * NULL, and so does `id > 0` where it counts from 1.
 */
export function judgeByColumns(tables: readonly ConditionTable[]): JudgeColumns {
  return (predicate) => {
    if (tables.length === 0) return 'some'
    return judgeNull(predicate, tables) ?? judgeLike(predicate, tables) ?? judgeComparison(predicate, tables) ?? 'some'
  }
}

/** `column IS [NOT] NULL`. IS NULL also finds the zero dates of a NOT NULL column, so that only the other is certain. */
function judgeNull(predicate: Clause, tables: readonly ConditionTable[]): Choice | null {
  const is = predicate.findIndex((token) => isWord(token, 'IS'))
  const column = is < 0 ? null : readColumn(predicate.slice(0, is), tables)
  if (column === null || column.nullable) return null
  if (isWord(predicate[is + 1], 'NOT') && isWord(predicate[is + 2], 'NULL')) return 'every'
  const isDate = /^(?:date|datetime)\b/i.test(column.type)
  return isWord(predicate[is + 1], 'NULL') && !isDate ? 'none' : null
}

/** `column LIKE '%'`. */
function judgeLike(predicate: Clause, tables: readonly ConditionTable[]): Choice | null {
  const [like, pattern] = predicate.slice(-2)
  const column = isWord(like, 'LIKE') ? readColumn(predicate.slice(0, -2), tables) : null
  if (column === null || column.nullable) return null
  return pattern?.type === 'string' && /^%+$/.test(pattern.text) ? 'every' : null
}

function judgeComparison(predicate: Clause, tables: readonly ConditionTable[]): Choice | null {
  const comparison = readComparison(predicate)
  if (comparison === null) return null
  const [left, right] = [readColumn(comparison.left, tables), readColumn(comparison.right, tables)]
  if (left !== null && left === right)
    return left.nullable && comparison.operator !== '<=>' ? null : fromOrder(0, comparison.operator)
  const lowest = left === null || left.nullable ? null : lowestValue(left)
  const number = readNumber(comparison.right)
  if (lowest === null || number === null) return null
  // The lowest value passes, and the operator lets all above it pass, too.
  const goesUp = ['>', '>='].includes(comparison.operator)
  const avoids = ['<>', '!='].includes(comparison.operator) && number < lowest
  const passes = goesUp && fromOrder(lowest - number, comparison.operator) === 'every'
  return passes || avoids ? 'every' : null
}

/** Counters begin at 1, unsigned numbers at 0; null where a column has no such bound. */
function lowestValue({ type, attributes }: ColumnState): number | null {
  if (attributes?.autoIncrement === true) return 1
  return /\bunsigned\b/i.test(type) ? 0 : null
}

/** `id` or `t.id` or `s.t.id`, in the table that it means. */
function readColumn(tokens: Clause, tables: readonly ConditionTable[]): ColumnState | null {
  const last = tokens.at(-1)
  const isPath = tokens.every((token, at) => (at % 2 === 0 ? isName(token) : isMark(token, '.')))
  if (tokens.length % 2 === 0 || !isPath || last === undefined) return null
  const qualifier = tokens.at(-3)?.text.toLowerCase()
  const meant = tables.filter(
    ({ alias }) => [undefined, alias?.toLowerCase()].includes(qualifier) || alias === undefined,
  )
  const found = meant.map((table) => findColumn(table, last.text)).filter((column) => column !== null)
  return found[0] ?? null
}

/**
 * True when nothing chooses among the rows: no WHERE, or one that holds for every row (`WHERE 1 = 1`, and with the tables'
 * columns `WHERE id IS NOT NULL`).
 */
export function touchesEveryRow(
  tokens: readonly Token[],
  verb: 'UPDATE' | 'DELETE',
  tables: readonly ConditionTable[] = [],
): boolean {
  const condition = readCondition(tokens, verb)
  return condition === null || judgeCondition(condition, judgeByColumns(tables)) === 'every'
}

/** The tokens behind the WHERE of a statement; null where it has none. */
export function readCondition(tokens: readonly Token[], verb: 'UPDATE' | 'DELETE' | 'SELECT'): readonly Token[] | null {
  const outer = outerTokens(tokens)
  const start = outer.find(({ token }) => isWord(token, verb))?.at ?? 0
  const where = outer.find(({ token, at }) => at > start && isWord(token, 'WHERE'))?.at
  if (where === undefined) return null
  const end = outer.find(({ token, at }) => at > where && isWord(token, ...endsCondition))?.at
  return tokens.slice(where + 1, end)
}

const endsCondition = ['ORDER', 'LIMIT', 'GROUP', 'HAVING', 'ON', 'UNION', 'FOR', 'WINDOW'] as const

/** Why the rows are not chosen, as the beginning of a sentence. */
export function describeMissingChoice(tokens: readonly Token[], verb: 'UPDATE' | 'DELETE'): string {
  return readCondition(tokens, verb) === null ? 'No WHERE says which rows are meant' : 'Its WHERE holds for every row'
}
