import { knownColumns, nothingKnown, type Schema, stateOfTable } from '../ddl/schema.ts'
import { type Clause, isMark, isWord } from '../sql/clauses.ts'
import { readCondition } from './chosen-rows.ts'
import { splitConjuncts } from './condition.ts'
import { judgeSelection } from './selection.ts'
import { readNamedTables } from './written-tables.ts'

/**
 * Whether a statement of a body affects different rows each time that it runs: then all its runs together may affect every row. False where it also
 * compares with a fixed value, and where nothing in its condition varies.
 */
export function variesWithEachRun(tokens: Clause, verb: 'UPDATE' | 'DELETE', known: Schema = nothingKnown): boolean {
  const condition = readCondition(tokens, verb)
  if (condition === null) return false
  const named = readNamedTables(tokens, verb) ?? []
  const lists = named.map(({ table }) => knownColumns(stateOfTable(known, table)))
  const columns = lists.every((one) => one !== null)
    ? new Set(lists.flatMap((one) => one.map((name) => name.toLowerCase())))
    : null
  const isVarying = (part: Clause): boolean => part.some((_, at) => isVariable(part, at, columns))
  const parts = splitConjuncts(condition)
  const fixed = parts.filter((part) => !isVarying(part))
  const context = { tables: [], names: new Map<string, string>(), changed: new Set<string>() }
  return fixed.length < parts.length && !fixed.some((part) => judgeSelection(part, context) === 'value')
}

/** A user variable, a column of a trigger's row, or a name that is not a column of the tables. */
function isVariable(tokens: Clause, at: number, columns: ReadonlySet<string> | null): boolean {
  const token = tokens[at]
  const [before, after] = [tokens[at - 1], tokens[at + 1]]
  if (token === undefined) return false
  if (token.type === 'user-variable') return true
  if (isWord(token, 'NEW', 'OLD') && isMark(after, '.')) return true
  if (columns === null || isMark(before, '.') || isMark(after, '.') || isMark(after, '(')) return false
  const isBare = token.type === 'name' || (token.type === 'word' && !isWord(token, ...expressionWords))
  return isBare && !columns.has(token.text.toLowerCase())
}

/** Words of expressions that are neither a column nor a variable. */
const expressionWords = [
  ...['AND', 'OR', 'NOT', 'XOR', 'IN', 'IS', 'NULL', 'LIKE', 'BETWEEN', 'TRUE', 'FALSE', 'UNKNOWN', 'EXISTS', 'CASE'],
  ...['WHEN', 'THEN', 'ELSE', 'END', 'DIV', 'MOD', 'REGEXP', 'RLIKE', 'ESCAPE', 'COLLATE', 'BINARY', 'INTERVAL', 'AS'],
  ...['CURRENT_TIMESTAMP', 'CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_USER', 'LOCALTIME', 'LOCALTIMESTAMP', 'UTC_DATE'],
  ...['UTC_TIME', 'UTC_TIMESTAMP', 'SECOND', 'MINUTE', 'HOUR', 'DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR', 'DATE'],
  ...[
    'TIME',
    'TIMESTAMP',
    'SELECT',
    'FROM',
    'WHERE',
    'JOIN',
    'ON',
    'ALL',
    'ANY',
    'SOME',
    'LIMIT',
    'ORDER',
    'BY',
    'DESC',
  ],
  ...['SIGNED', 'UNSIGNED', 'CHAR', 'DECIMAL', 'DATETIME', 'USING', 'SOUNDS', 'MEMBER', 'OF', 'DISTINCT', 'GROUP'],
] as const
