import { type Clause, closingOf, isMark, isWord, outerTokens } from '../sql/clauses.ts'
import type { Token } from '../sql/tokens.ts'

/** The rows that a condition selects, by its text and the columns' definitions. */
export type Choice = 'every' | 'none' | 'some'

/** Evaluates a comparison of a column by its definition; `some` where the result is unknown. */
export type JudgeColumns = (predicate: Clause) => Choice

/** Evaluates a condition by the precedence of the manual: OR, XOR, AND, NOT, then the comparison. */
export function judgeCondition(condition: Clause, judgeColumns: JudgeColumns): Choice {
  const tokens = withoutParentheses(condition)
  const again = (part: Clause): Choice => judgeCondition(part, judgeColumns)
  const either = splitAlternatives(tokens)
  if (either.length > 1) return combine(either.map(again), 'every', 'none')
  if (hasXor(tokens)) return 'some'
  const both = splitConjuncts(tokens)
  if (both.length > 1) return combine(both.map(again), 'none', 'every')
  if (isWord(tokens[0], 'NOT') || (isMark(tokens[0], '!') && !isMark(tokens[1], '=')))
    return opposite(again(tokens.slice(1)))
  return judgePredicate(tokens, judgeColumns)
}

/** The parts of which one must be true: those between OR; the whole condition where there is no OR. */
export function splitAlternatives(condition: Clause): readonly Clause[] {
  const tokens = withoutParentheses(condition)
  return splitAt(tokens, (at) => isOperatorWord(tokens, at, 'OR', '|'))
}

function hasXor(tokens: Clause): boolean {
  return outerTokens(tokens).some(({ token }) => isWord(token, 'XOR'))
}

/** The parts that must all be true: OR and XOR bind less than AND, so that a condition with one is a single part. The AND of BETWEEN does not split. */
export function splitConjuncts(condition: Clause): readonly Clause[] {
  const tokens = withoutParentheses(condition)
  if (splitAlternatives(tokens).length > 1 || hasXor(tokens)) return [tokens]
  let between = false
  return splitAt(tokens, (at) => {
    if (isWord(tokens[at], 'BETWEEN')) between = true
    if (!isOperatorWord(tokens, at, 'AND', '&')) return false
    const isBound = between && isWord(tokens[at], 'AND')
    between = false
    return !isBound
  })
}

function isOperatorWord(tokens: Clause, at: number, word: string, mark: string): boolean {
  return isWord(tokens[at], word) || (isMark(tokens[at], mark) && isMark(tokens[at + 1], mark))
}

/** Cuts at operators outside parentheses; an operator of two characters is two tokens. */
function splitAt(tokens: Clause, isCut: (at: number) => boolean): readonly Clause[] {
  const cuts = outerTokens(tokens).filter(({ at }) => isCut(at))
  const edges = [...cuts.map(({ at }) => at), tokens.length]
  let start = 0
  return edges.map((end) => {
    const part = tokens.slice(start, end)
    start = tokens[end]?.type === 'word' ? end + 1 : end + 2
    return part
  })
}

function withoutParentheses(tokens: Clause): Clause {
  const isWrapped = isMark(tokens[0], '(') && isMark(tokens.at(-1), ')') && outerTokens(tokens).length === 0
  if (!isWrapped || isWord(tokens[1], 'SELECT', 'WITH') || closesEarly(tokens)) return tokens
  return withoutParentheses(tokens.slice(1, -1))
}

/** In `(a) (b)` the first parenthesis is closed before the end. */
function closesEarly(tokens: Clause): boolean {
  return closingOf(tokens, 0) !== tokens.length - 1
}

function combine(choices: readonly Choice[], decisive: Choice, neutral: Choice): Choice {
  if (choices.includes(decisive)) return decisive
  return choices.every((choice) => choice === neutral) ? neutral : 'some'
}

function opposite(choice: Choice): Choice {
  if (choice === 'some') return 'some'
  return choice === 'every' ? 'none' : 'every'
}

function judgePredicate(tokens: Clause, judgeColumns: JudgeColumns): Choice {
  if (isWord(tokens[0], 'EXISTS')) return judgeExists(tokens)
  if (!tokens.every(isConstant)) return judgeColumns(tokens)
  const comparison = readComparison(tokens)
  const [only] = tokens
  if (comparison !== null) return compareLiterals(comparison)
  if (tokens.length !== 1 || only === undefined) return 'every'
  if (isWord(only, 'TRUE')) return 'every'
  const isFalse = isWord(only, 'FALSE', 'NULL') || (Number.parseFloat(only.text) || 0) === 0
  return isFalse ? 'none' : 'every'
}

/** `EXISTS (SELECT 1)` is always true. */
function judgeExists(tokens: Clause): Choice {
  return isWord(tokens[2], 'SELECT') && !tokens.some((token) => isWord(token, 'FROM', 'WHERE', 'HAVING', 'LIMIT'))
    ? 'every'
    : 'some'
}

const constants = ['TRUE', 'FALSE', 'AND', 'OR', 'NOT', 'XOR', 'NULL', 'IS', 'LIKE', 'IN', 'BETWEEN'] as const
const marks = ['=', '<', '>', '!', '+', '-', '*', '/', '(', ')', '|', '&', ',']

function isConstant(token: Token): boolean {
  if (token.type === 'number' || token.type === 'string') return true
  return isWord(token, ...constants) || (token.type === 'punctuation' && marks.includes(token.text))
}

export interface Comparison {
  readonly left: Clause
  readonly operator: string
  readonly right: Clause
}

/** `left operator right` with one comparison outside parentheses; null for anything else. */
export function readComparison(tokens: Clause): Comparison | null {
  const outer = outerTokens(tokens).filter(({ token }) => ['=', '<', '>', '!'].some((mark) => isMark(token, mark)))
  const first = outer[0]?.at ?? -1
  const last = outer.at(-1)?.at ?? -1
  const isOne = first >= 0 && last - first === outer.length - 1
  const operator = tokens.slice(first, last + 1).map(({ text }) => text)
  if (!isOne || !['=', '<', '>', '<=', '>=', '<>', '!=', '<=>'].includes(operator.join(''))) return null
  return { left: tokens.slice(0, first), operator: operator.join(''), right: tokens.slice(last + 1) }
}

/** The value of a number with its sign; null for any other token. */
export function readNumber(tokens: Clause): number | null {
  const negative = isMark(tokens[0], '-')
  const [literal, ...rest] = negative ? tokens.slice(1) : tokens
  if (literal?.type !== 'number' || rest.length > 0) return null
  return negative ? -Number(literal.text) : Number(literal.text)
}

/** A comparison without columns selects every row or none; where it cannot be computed, every row is assumed. */
function compareLiterals({ left, operator, right }: Comparison): Choice {
  const numbers = [readNumber(left), readNumber(right)] as const
  if (numbers[0] !== null && numbers[1] !== null) return fromOrder(numbers[0] - numbers[1], operator)
  const texts = [left, right].map(([token, ...rest]) =>
    token?.type === 'string' && rest.length === 0 ? token.text : null,
  )
  if (texts[0] === null || texts[1] === null || texts[0] === undefined || texts[1] === undefined) return 'every'
  if (texts[0] === texts[1]) return fromOrder(0, operator)
  return operator === '=' || operator === '<=>' ? 'none' : 'every'
}

/** Whether a comparison is true, by the sign of left minus right. */
export function fromOrder(difference: number, operator: string): Choice {
  const holds = {
    '=': difference === 0,
    '<=>': difference === 0,
    '<>': difference !== 0,
    '!=': difference !== 0,
    '<': difference < 0,
    '>': difference > 0,
    '<=': difference <= 0,
    '>=': difference >= 0,
  }[operator]
  return holds === true ? 'every' : 'none'
}
