import { isWord, outerTokens } from '../../sql/clauses.ts'
import type { Token } from '../../sql/token.ts'
import { type ConditionTable, judgeByColumns } from '../column-conditions.ts'
import { judgeCondition } from '../condition.ts'

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
