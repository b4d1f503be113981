import { type Clause, closingOf, isMark, isName, isWord, outerWords, splitAtCommas } from '../../sql/clauses.ts'
import { tokenize } from '../../sql/tokens.ts'
import type { Walk } from '../batches/read-walk.ts'
import { isPlainCondition } from './plain-condition.ts'

/** The parts of an INSERT ... SELECT that tell which rows it adds. */
export interface Inserted {
  /** The columns that it names, in their order; null where it names none. */
  readonly columns: readonly string[] | null
  /** Where its SELECT and the FROM of that begin, in its text and in that of each chunk. */
  readonly select: number
  readonly from: number
  /** What it selects for each column; null where a `*` stands for some of them. */
  readonly values: readonly string[] | null
}

/** Reads a statement that was read as a walk. A sentence says why the rows that it adds are not told from others. */
export function readInserted({ verb, before, after }: Pick<Walk, 'verb' | 'before' | 'after'>): Inserted | string {
  if (verb === 'REPLACE') return 'A REPLACE deletes the rows that it replaces, and does not keep them: write INSERT.'
  if (after !== '') return 'Its ON DUPLICATE KEY UPDATE changes rows that were there before, and does not keep them.'
  const tokens = tokenize(before)
  const select = tokens.findIndex(
    (token, at) => isWord(token, 'SELECT') && at > 0 && tokens.slice(0, at).every((one) => !isWord(one, 'SELECT')),
  )
  if (tokens.slice(0, select).some((token) => isWord(token, 'IGNORE')))
    return 'With IGNORE it passes over rows that are there already, which are not told from those that it adds.'
  const query = tokens.slice(select)
  const from = outerWords(query).get('FROM')
  const [first, last] = [tokens[select], from === undefined ? undefined : query[from]]
  if (first === undefined || last === undefined || from === undefined) return 'Its SELECT was not found.'
  const list = splitAtCommas(query.slice(1, from))
  return {
    columns: readColumns(tokens.slice(0, select)),
    select: first.start,
    from: last.start,
    values: list.some(isStar) ? null : list.map((clause) => textOf(before, clause)),
  }
}

const textOf = (text: string, clause: Clause): string => text.slice(clause[0]?.start, clause.at(-1)?.end)

/** `*` and `t.*`; in any other place a star multiplies. */
const isStar = (clause: Clause): boolean =>
  isMark(clause.at(-1), '*') && (clause.length === 1 || isMark(clause.at(-2), '.'))

/** The list of columns stands in parentheses in front of SELECT; that behind PARTITION is another one. */
function readColumns(tokens: Clause): readonly string[] | null {
  for (let at = 0; at < tokens.length; at += 1) {
    if (!isMark(tokens[at], '(')) continue
    const end = closingOf(tokens, at)
    if (!isWord(tokens[at - 1], 'PARTITION'))
      return splitAtCommas(tokens.slice(at + 1, end)).flatMap((clause) => clause.findLast(isName)?.text ?? [])
    at = end
  }
  return null
}

/**
 * Whether the statement certainly selects the same keys when it is asked again. @param keys where the values of the key stand in its list
 */
export function canForetellKeys(
  { before, condition }: Pick<Walk, 'before' | 'condition'>,
  inserted: Inserted,
  keys: readonly number[],
): boolean {
  const { values, select, from } = inserted
  const read = `${before.slice(from)} ${condition ?? ''}`
  const written = values === null ? [before.slice(select, from)] : keys.map((at) => values[at] ?? '')
  return [read, ...written].every(isPlainCondition)
}
