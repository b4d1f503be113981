import { type Clause, isMark, isName, isWord } from '../sql/clauses.ts'
import type { Statement } from '../sql/statement.ts'
import { type ColumnState, type KnownTables, noTablesKnown, stateOfTable } from '../sql/table-state.ts'
import { findColumn } from './column-changes.ts'
import { type Choice, fromOrder, type JudgeColumns, readComparison, readNumber } from './condition.ts'

/** What a condition may name: the columns of a table, or of a view as far as they are known. */
export interface ConditionTable {
  readonly columns: readonly ColumnState[]
}

/** The table or view that an UPDATE or DELETE names alone; of a view that the plan makes, the only table behind it. */
export function findConditionTable(
  statement: Pick<Statement, 'objects'>,
  tables: KnownTables = noTablesKnown,
): ConditionTable | null {
  const [table] = statement.objects
  if (table === undefined) return null
  const state = stateOfTable(tables, table)
  if (state.type === 'present' || (state.type === 'view' && state.reads === null)) return state
  if (state.type !== 'view' || state.reads?.length !== 1) return null
  const behind = stateOfTable(tables, state.reads[0] ?? table)
  return behind.type === 'present' ? behind : null
}

/**
 * What the definitions of a table's columns say of a comparison: `id IS NOT NULL` holds for every row where the column is NOT
 * NULL, and so does `id > 0` where it counts from 1.
 */
export function judgeByColumns(table: ConditionTable | null): JudgeColumns {
  return (predicate) => {
    if (table === null) return 'some'
    return judgeNull(predicate, table) ?? judgeLike(predicate, table) ?? judgeComparison(predicate, table) ?? 'some'
  }
}

/** `column IS [NOT] NULL`. IS NULL also finds the zero dates of a NOT NULL column, so that only the other is certain. */
function judgeNull(predicate: Clause, table: ConditionTable): Choice | null {
  const is = predicate.findIndex((token) => isWord(token, 'IS'))
  const column = is < 0 ? null : readColumn(predicate.slice(0, is), table)
  if (column === null || column.nullable) return null
  if (isWord(predicate[is + 1], 'NOT') && isWord(predicate[is + 2], 'NULL')) return 'every'
  const isDate = /^(?:date|datetime)\b/i.test(column.type)
  return isWord(predicate[is + 1], 'NULL') && !isDate ? 'none' : null
}

/** `column LIKE '%'`. */
function judgeLike(predicate: Clause, table: ConditionTable): Choice | null {
  const [like, pattern] = predicate.slice(-2)
  const column = isWord(like, 'LIKE') ? readColumn(predicate.slice(0, -2), table) : null
  if (column === null || column.nullable) return null
  return pattern?.type === 'string' && /^%+$/.test(pattern.text) ? 'every' : null
}

function judgeComparison(predicate: Clause, table: ConditionTable): Choice | null {
  const comparison = readComparison(predicate)
  if (comparison === null) return null
  const [left, right] = [readColumn(comparison.left, table), readColumn(comparison.right, table)]
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

/** `id` or `t.id` or `s.t.id`, of a statement that names one table. */
function readColumn(tokens: Clause, table: ConditionTable): ColumnState | null {
  const last = tokens.at(-1)
  const isPath = tokens.every((token, at) => (at % 2 === 0 ? isName(token) : isMark(token, '.')))
  return tokens.length % 2 === 1 && isPath && last !== undefined ? findColumn(table, last.text) : null
}
