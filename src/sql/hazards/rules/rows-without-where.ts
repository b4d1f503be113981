import type { Token } from '../../token.ts'
import { isMark, isWord, outerTokens } from '../clauses.ts'

/** True when nothing chooses among the rows: no WHERE, or one that names no column (`WHERE 1`, `WHERE TRUE`). */
export function touchesEveryRow(tokens: readonly Token[], verb: 'UPDATE' | 'DELETE'): boolean {
  const outer = outerTokens(tokens)
  const start = outer.find(({ token }) => isWord(token, verb))?.at ?? 0
  const where = outer.find(({ token, at }) => at > start && isWord(token, 'WHERE'))?.at
  return where === undefined || isConstant(conditionFrom(tokens, where + 1))
}

function conditionFrom(tokens: readonly Token[], start: number): readonly Token[] {
  const end = outerTokens(tokens).find(({ token, at }) => at >= start && isWord(token, 'ORDER', 'LIMIT'))?.at
  return tokens.slice(start, end)
}

const constants = ['TRUE', 'AND', 'OR', 'NOT', 'XOR', 'NULL', 'IS', 'LIKE'] as const

/** FALSE and 0 choose no row, which harms nobody. */
function isConstant(condition: readonly Token[]): boolean {
  if (condition.length === 1 && condition[0]?.text === '0') return false
  return condition.every(
    (token) => token.type === 'number' || token.type === 'string' || isWord(token, ...constants) || isOperator(token),
  )
}

function isOperator(token: Token): boolean {
  return ['=', '<', '>', '!', '+', '-', '*', '/', '(', ')', '|', '&'].some((mark) => isMark(token, mark))
}
