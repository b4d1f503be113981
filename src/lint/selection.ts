import { primaryKeyOf, tokensOf, typeOf } from '../ddl/read-parts.ts'
import type { Column } from '../ddl/table.ts'
import {
  type Clause,
  closingOf,
  findWords,
  inParentheses,
  isMark,
  isName,
  isPath,
  isWord,
  outerTokens,
  splitAtCommas,
} from '../sql/clauses.ts'
import { readSources } from '../sql/read-sources.ts'
import type { Token } from '../sql/tokens.ts'
import { type ConditionTable, findConditionColumn, judgeByColumns, readCondition } from './chosen-rows.ts'
import { judgeCondition, readComparison, splitAlternatives, splitConjuncts } from './condition.ts'

/**
 * What the text of a condition, with the definitions of its columns, shows about the rows that it selects:
 * - `every`    all of them
 * - `unproven` nothing: it may select all
 * - `chosen`   it is written as a selection, such as a range or another table's rows; only the rows themselves show whether it leaves any out
 * - `value`    those that have a stated value
 */
export type Selection = 'every' | 'unproven' | 'chosen' | 'value'

const byStrength: readonly Selection[] = ['every', 'unproven', 'chosen', 'value']

const weakest = (all: readonly Selection[]): Selection => byStrength.find((one) => all.includes(one)) ?? 'every'
const strongest = (all: readonly Selection[]): Selection => byStrength.findLast((one) => all.includes(one)) ?? 'every'

/** What is needed to judge a condition. */
export interface SelectionContext {
  /** The tables whose columns it names, where they are known. */
  readonly tables: readonly ConditionTable[]
  /** The tables of the statement by the names that qualify their columns, all in lower case. */
  readonly names: ReadonlyMap<string, string>
  /**
   * The names, in lower case, of the tables that are changed, and of common table expressions (WITH) that read nothing else: their rows do not prove a
   * selection.
   */
  readonly changed: ReadonlySet<string>
}

/** How a WHERE selects rows; null means there is no WHERE. */
export function judgeSelection(condition: Clause | null, context: SelectionContext): Selection {
  if (condition === null) return 'every'
  const known = judgeCondition(condition, judgeByColumns(context.tables))
  if (known === 'every') return 'every'
  // It selects no row at all.
  if (known === 'none') return 'value'
  return judge(condition, context)
}

function judge(condition: Clause, context: SelectionContext): Selection {
  const again = (part: Clause): Selection => {
    const known = judgeCondition(part, judgeByColumns(context.tables))
    return known === 'some' ? judge(part, context) : known === 'every' ? 'every' : 'value'
  }
  const either = splitAlternatives(condition)
  if (either.length > 1) return weakest(either.map(again).map((one) => (one === 'every' ? 'unproven' : one)))
  const both = splitConjuncts(condition)
  if (both.length > 1) return strongest(both.map(again))
  const tokens = both[0] ?? condition
  if (outerTokens(tokens).some(({ token }) => isWord(token, 'XOR'))) return 'unproven'
  if (isWord(tokens[0], 'NOT')) return judgeNegation(tokens.slice(1), context)
  return judgePredicate(tokens, context)
}

/** A condition that leaves rows out is a selection, too; one that leaves out a value selects all others. */
function judgeNegation(tokens: Clause, context: SelectionContext): Selection {
  const parts = splitConjuncts(tokens).flatMap(splitAlternatives)
  const all = parts.map((part) => judge(part, context))
  return all.every((one) => one === 'chosen' || one === 'value') ? 'chosen' : 'unproven'
}

function judgePredicate(tokens: Clause, context: SelectionContext): Selection {
  if (isWord(tokens[0], 'EXISTS')) return judgeSubquery(inside(tokens.slice(1)), context, 'exists')
  const comparison = readComparison(tokens)
  if (comparison !== null) return judgeComparison(comparison.left, comparison.operator, comparison.right, context)
  const at = outerTokens(tokens).find(({ token }) =>
    isWord(token, 'IN', 'BETWEEN', 'LIKE', 'IS', 'REGEXP', 'RLIKE'),
  )?.at
  if (at === undefined) return isPath(tokens) && !isKey(tokens, context) ? 'chosen' : 'unproven'
  const isNot = isWord(tokens[at - 1], 'NOT')
  const left = tokens.slice(0, isNot ? at - 1 : at)
  const right = tokens.slice(at + 1)
  if (!isColumns(left)) return 'unproven'
  if (isWord(tokens[at], 'IS')) return isWord(right[0], 'NULL') ? 'value' : 'chosen'
  if (isWord(tokens[at], 'IN')) return judgeList(left, inside(right), isNot, context)
  if (!isConstantText(right)) return 'unproven'
  if (isWord(tokens[at], 'BETWEEN')) return 'chosen'
  return isNot || right.some(({ type, text }) => type !== 'string' || /[^%_.*]/.test(text)) ? 'chosen' : 'unproven'
}

function judgeComparison(left: Clause, operator: string, right: Clause, context: SelectionContext): Selection {
  const isTurned = isColumns(left) ? false : isColumns(right) || isConstantText(left)
  const [column, other] = isTurned ? [right, left] : [left, right]
  if (isQuery(other)) return isColumns(column) ? judgeSubquery(inside(other), context, 'value') : 'unproven'
  if (isColumns(column) && isColumns(other)) return judgePair(column, other, context)
  if (!isConstantText(other)) return 'unproven'
  const isEqual = operator === '=' || operator === '<=>'
  if (!isColumns(column)) return isEqual && isTelling(column, other) ? 'chosen' : 'unproven'
  if (isEqual) return 'value'
  // All but one row, where the column is unique.
  return ['<>', '!='].includes(operator) && isKey(column, context) ? 'unproven' : 'chosen'
}

/** Two columns of a row, or of a join. A join of a table with itself by one column selects each row. */
function judgePair(left: Clause, right: Clause, context: SelectionContext): Selection {
  const [one, other] = [left.at(-1)?.text.toLowerCase(), right.at(-1)?.text.toLowerCase()]
  if (one !== other) return 'chosen'
  const [of, by] = [left, right].map((path) => {
    const name = path.at(-3)?.text.toLowerCase()
    return name === undefined ? null : (context.names.get(name) ?? name)
  })
  return of === null || by === null || of === by ? 'unproven' : 'chosen'
}

/** `(1, 2)`, `(SELECT ...)`. */
function judgeList(left: Clause, list: Clause, isNot: boolean, context: SelectionContext): Selection {
  if (isQuery([...list]) || isWord(list[0], 'SELECT', 'WITH', 'TABLE', 'VALUES'))
    return judgeSubquery(list, context, isNot ? 'not-in' : 'in')
  const values = splitAtCommas(list)
  if (values.length === 0 || !values.every(isConstantText)) return 'unproven'
  if (isNot) return 'chosen'
  const column = isPath(left) ? findConditionColumn(left, context.tables) : null
  return column !== null && values.length >= countValues(column) ? 'unproven' : 'value'
}

/** How many values a column's type has, where a list could name them all. */
function countValues(column: Column): number {
  const type = typeOf(column)
  if (type?.base === 'enum' || type?.base === 'set') return type.arguments.length
  const written = tokensOf(column)
    .slice(0, 4)
    .map(({ text }) => text)
    .join('')
  return /^(?:tinyint\(1\)|bit\(1\)|bool)/i.test(written) ? 2 : Number.POSITIVE_INFINITY
}

function isKey(tokens: Clause, { tables }: SelectionContext): boolean {
  const column = findConditionColumn(tokens, tables)
  if (column === null || column.autoIncrement) return column !== null
  return tables.some(
    ({ columns, indexes = [] }) =>
      columns.includes(column) &&
      primaryKeyOf({ indexes })?.columns.some((name) => name.toLowerCase() === column.name.toLowerCase()) === true,
  )
}

/** `column`, or `(a, b)` of columns only. */
function isColumns(tokens: Clause): boolean {
  if (isPath(tokens)) return !isRowName(tokens[0]) && !isConstantText(tokens)
  const isRow = isMark(tokens[0], '(') && closingOf(tokens, 0) === tokens.length - 1
  return isRow && !isQuery(tokens) && splitAtCommas(tokens.slice(1, -1)).every(isColumns)
}

/** A function of a column that equals a value which no function returns for every row: not 0, 1 or an empty text. */
function isTelling(expression: Clause, value: Clause): boolean {
  const hasColumn = expression.some((token, at) => isName(token) && !isMark(expression[at + 1], '('))
  const isTrivial = value.some(({ type, text }) => (type === 'string' ? text === '' : /^[01](?:\.0*)?$/.test(text)))
  return hasColumn && !isTrivial && !isQuery(expression) && !expression.some((token) => isWord(token, 'SELECT', 'IF'))
}

function isQuery(tokens: Clause): boolean {
  const first = tokens.findIndex((token) => !isMark(token, '('))
  return first > 0 && isWord(tokens[first], 'SELECT', 'WITH', 'TABLE', 'VALUES')
}

function inside(tokens: Clause): Clause {
  return isMark(tokens[0], '(') ? tokens.slice(1, closingOf(tokens, 0)) : tokens
}

/** The row of a trigger. */
const isRowName = (token: Token | undefined): boolean => isWord(token, 'NEW', 'OLD')

/** Words that are a value. */
const valueWords = [
  ...['NULL', 'TRUE', 'FALSE', 'CURRENT_TIMESTAMP', 'CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_USER'],
  ...['LOCALTIME', 'LOCALTIMESTAMP', 'UTC_TIMESTAMP', 'UTC_DATE', 'UTC_TIME'],
] as const

/** Words that are part of an expression, but alone are the name of a column. */
const operatorWords = [
  ...['UNKNOWN', 'AND', 'INTERVAL', 'DATE', 'TIME', 'TIMESTAMP', 'BINARY', 'COLLATE', 'MICROSECOND'],
  ...['SECOND', 'MINUTE', 'HOUR', 'DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR', 'DIV', 'MOD', 'ESCAPE'],
  ...['AS', 'CHAR', 'SIGNED', 'UNSIGNED', 'DECIMAL', 'DATETIME', 'USING', 'NOT'],
] as const

/** True for an expression of literals, variables and functions of them: it has the same value for all rows. */
function isConstantText(tokens: Clause): boolean {
  return (
    tokens.length > 0 &&
    tokens.every((token, at) => {
      if (token.type === 'name') return isMark(tokens[at - 1], '.') && isRowName(tokens[at - 2])
      if (token.type !== 'word') return true
      if (isWord(token, 'SELECT', 'EXISTS', 'RAND', 'UUID')) return false
      return (
        isMark(tokens[at + 1], '(') ||
        isWord(token, ...valueWords) ||
        (tokens.length > 1 && isWord(token, ...operatorWords)) ||
        isRowName(token) ||
        (isMark(tokens[at - 1], '.') && isRowName(tokens[at - 2])) ||
        isWord(tokens[at - 1], 'COLLATE', 'USING') ||
        (token.text.startsWith('_') && tokens[at + 1]?.type === 'string')
      )
    })
  )
}

/** How a condition uses the rows of a query: `IN`, `NOT IN`, `EXISTS`, or as the one value of a comparison. */
type QueryUse = 'in' | 'not-in' | 'exists' | 'value'

/**
 * What a query in a condition selects. Rows of another table are a selection. Those of the changed table are one only where the query itself
 * selects: `id IN (SELECT id FROM t)` selects all of `t`.
 */
function judgeSubquery(query: Clause, context: SelectionContext, use: QueryUse): Selection {
  const sources = readSources(query)
  const others = sources.filter(({ table }) => !context.changed.has(table.name.toLowerCase()))
  if (sources.length === 0) return 'unproven'
  if (use === 'exists') return others.length > 0 && isCorrelated(query) ? 'chosen' : 'unproven'
  if (others.length > 0) return 'chosen'
  return use === 'value' ? 'unproven' : judgeOwnRows(query, context, use)
}

/** A query of the rows that are changed. */
function judgeOwnRows(query: Clause, context: SelectionContext, use: QueryUse): Selection {
  const condition = readCondition(query, 'SELECT')
  const limits = ['LIMIT', 'HAVING'].some((word) => findWords(query, word) >= 0)
  const groups = findWords(query, 'GROUP', 'BY') >= 0
  if (use === 'not-in' && condition !== null && judgeCondition(condition, () => 'some') === 'none') return 'unproven'
  if (limits || (use === 'not-in' && groups)) return 'chosen'
  const own = { ...context, tables: [] }
  if (condition !== null && ['chosen', 'value'].includes(judgeSelection(condition, own))) return 'chosen'
  const from = findWords(query, 'FROM')
  return from >= 0 && isMark(query[from + 1], '(') && isWord(query[from + 2], 'SELECT', 'WITH')
    ? judgeOwnRows(inParentheses(query, from + 1), context, use)
    : 'unproven'
}

/** True where its rows are correlated with the outer row by columns. */
function isCorrelated(query: Clause): boolean {
  const condition = readCondition(query, 'SELECT')
  return (
    condition !== null &&
    splitConjuncts(condition).some((part) => {
      const comparison = readComparison(part)
      return comparison !== null && isPath(comparison.left) && isPath(comparison.right)
    })
  )
}

/** True for a query that may return every row of these tables, by their names in lower case. */
export function isUnprovenQuery(query: Clause, changed: ReadonlySet<string>): boolean {
  return judgeSubquery(query, { tables: [], names: new Map(), changed }, 'in') === 'unproven'
}
