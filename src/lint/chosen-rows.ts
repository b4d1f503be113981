import type { ColumnType } from '../ddl/column-type.ts'
import { typeOf } from '../ddl/read-parts.ts'
import { nothingKnown, type Schema, stateOfTable } from '../ddl/schema.ts'
import { type Column, findKnownColumn, type Index } from '../ddl/table.ts'
import { type Clause, isMark, isName, isWord, outerTokens } from '../sql/clauses.ts'
import type { Token } from '../sql/tokens.ts'
import { type Choice, fromOrder, type JudgeColumns, judgeCondition, readComparison, readNumber } from './condition.ts'
import { readInnerTables } from './written-tables.ts'

/** A table or view with the columns that a condition may name, where they are known. */
export interface ConditionTable {
  readonly columns: readonly Column[]
  /** Absent for a view. */
  readonly indexes?: readonly Index[]
  /** The name that qualifies its columns; absent where any qualifier means it. */
  readonly alias?: string
}

/**
 * The tables and views of an UPDATE or DELETE that have a row in every selected row; for a view that the plan creates, the one table
 * that it reads.
 */
export function findConditionTables(
  tokens: Clause,
  verb: 'UPDATE' | 'DELETE',
  tables: Schema = nothingKnown,
): readonly ConditionTable[] {
  return readInnerTables(tokens, verb).flatMap(({ table, alias }) => {
    const state = stateOfTable(tables, table)
    if (state.type === 'table') return [{ columns: state.table.columns, indexes: state.table.indexes, alias }]
    if (state.type === 'view' && state.reads === null) return [{ columns: state.columns, alias }]
    const [only, ...others] = state.type === 'view' ? (state.reads ?? []) : []
    const behind = only === undefined || others.length > 0 ? null : stateOfTable(tables, only)
    return behind?.type === 'table' ? [{ columns: behind.table.columns, indexes: behind.table.indexes, alias }] : []
  })
}

/**
 * The result of a comparison by the definitions of the table's columns: `id IS NOT NULL` is true for every row of a NOT NULL
 * column, and `id > 0` for every row of an AUTO_INCREMENT column.
 */
export function judgeByColumns(tables: readonly ConditionTable[]): JudgeColumns {
  return (predicate) => {
    if (tables.length === 0) return 'some'
    return judgeNull(predicate, tables) ?? judgeLike(predicate, tables) ?? judgeComparison(predicate, tables) ?? 'some'
  }
}

/** A column of unknown type may be NULL. */
const isNullable = ({ nullable }: Column): boolean => nullable

/** `column IS [NOT] NULL`. IS NULL also matches the zero dates of a NOT NULL date column. */
function judgeNull(predicate: Clause, tables: readonly ConditionTable[]): Choice | null {
  const is = predicate.findIndex((token) => isWord(token, 'IS'))
  const column = is < 0 ? null : findConditionColumn(predicate.slice(0, is), tables)
  if (column === null || isNullable(column)) return null
  if (isWord(predicate[is + 1], 'NOT') && isWord(predicate[is + 2], 'NULL')) return 'every'
  const base = typeOf(column)?.base
  const isDate = base === 'date' || base === 'datetime'
  return isWord(predicate[is + 1], 'NULL') && !isDate ? 'none' : null
}

/** `column LIKE '%'`. */
function judgeLike(predicate: Clause, tables: readonly ConditionTable[]): Choice | null {
  const [like, pattern] = predicate.slice(-2)
  const column = isWord(like, 'LIKE') ? findConditionColumn(predicate.slice(0, -2), tables) : null
  if (column === null || isNullable(column)) return null
  return pattern?.type === 'string' && /^%+$/.test(pattern.text) ? 'every' : null
}

function judgeComparison(predicate: Clause, tables: readonly ConditionTable[]): Choice | null {
  const comparison = readComparison(predicate)
  if (comparison === null) return null
  const [left, right] = [findConditionColumn(comparison.left, tables), findConditionColumn(comparison.right, tables)]
  if (left !== null && left === right)
    return isNullable(left) && comparison.operator !== '<=>' ? null : fromOrder(0, comparison.operator)
  // `0 < id` is `id > 0`.
  const [column, number, operator] =
    left === null
      ? [right, readNumber(comparison.left), mirrored[comparison.operator] ?? comparison.operator]
      : [left, readNumber(comparison.right), comparison.operator]
  if (column === null || isNullable(column) || number === null) return null
  const range = rangeOf(typeOf(column))
  const [lowest, highest] = [lowestValue(column) ?? range?.[0] ?? null, range?.[1] ?? null]
  // The lowest value and all above it satisfy the comparison; or the highest value and all below it.
  const goesUp = lowest !== null && ['>', '>='].includes(operator) && fromOrder(lowest - number, operator) === 'every'
  const goesDown =
    highest !== null && ['<', '<='].includes(operator) && fromOrder(highest - number, operator) === 'every'
  const isOutside = (lowest !== null && number < lowest) || (highest !== null && number > highest)
  return goesUp || goesDown || (['<>', '!='].includes(operator) && isOutside) ? 'every' : null
}

/** The operator with its sides exchanged. */
const mirrored: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' }

const bytesOfIntegers: Readonly<Record<string, number>> = { tinyint: 1, smallint: 2, mediumint: 3, int: 4, bigint: 8 }

/** The range of an integer type; null for any other. */
function rangeOf(type: ColumnType | null): readonly [lowest: number, highest: number] | null {
  const bytes = bytesOfIntegers[type?.base ?? '']
  if (bytes === undefined) return null
  const values = 2 ** (8 * bytes)
  return type?.unsigned === true ? [0, values - 1] : [-values / 2, values / 2 - 1]
}

/** The lowest value of a column: 1 with AUTO_INCREMENT, 0 for UNSIGNED; null for other columns. */
export function lowestValue(column: Column): number | null {
  if (column.autoIncrement) return 1
  return typeOf(column)?.unsigned === true ? 0 : null
}

/** `id` or `t.id` or `s.t.id`, in the table that the name means. */
export function findConditionColumn(tokens: Clause, tables: readonly ConditionTable[]): Column | null {
  const last = tokens.at(-1)
  const isPath = tokens.every((token, at) => (at % 2 === 0 ? isName(token) : isMark(token, '.')))
  if (tokens.length % 2 === 0 || !isPath || last === undefined) return null
  const qualifier = tokens.at(-3)?.text.toLowerCase()
  const meant = tables.filter(
    ({ alias }) => [undefined, alias?.toLowerCase()].includes(qualifier) || alias === undefined,
  )
  const found = meant.map((table) => findKnownColumn(table, last.text)).filter((column) => column !== null)
  return found[0] ?? null
}

/**
 * True when no condition selects rows: no WHERE, or one that is true for every row (`WHERE 1 = 1`, and by the definitions of the
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

/** The tokens after the WHERE of a statement; null where it has none. */
export function readCondition(tokens: readonly Token[], verb: 'UPDATE' | 'DELETE' | 'SELECT'): readonly Token[] | null {
  const outer = outerTokens(tokens)
  const start = outer.find(({ token }) => isWord(token, verb))?.at ?? 0
  const where = outer.find(({ token, at }) => at > start && isWord(token, 'WHERE'))?.at
  if (where === undefined) return null
  const end = outer.find(({ token, at }) => at > where && isWord(token, ...endsCondition))?.at
  return tokens.slice(where + 1, end)
}

const endsCondition = ['ORDER', 'LIMIT', 'GROUP', 'HAVING', 'ON', 'UNION', 'FOR', 'WINDOW'] as const

/** The beginning of a sentence: why the statement changes all rows. */
export function describeMissingChoice(tokens: readonly Token[], verb: 'UPDATE' | 'DELETE'): string {
  return readCondition(tokens, verb) === null ? 'It has no WHERE' : 'Its WHERE is true for every row'
}
