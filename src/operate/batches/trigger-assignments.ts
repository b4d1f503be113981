import { isMark, isWord } from '../../sql/clauses.ts'
import { tokenize } from '../../sql/tokens.ts'

/** True where the body of a trigger assigns a column of the new row: `SET NEW.a = 1, NEW.b = 2`, `SELECT ... INTO NEW.a`. A comparison is none. */
export function setsColumn(body: string, column: string): boolean {
  const tokens = tokenize(body)
  let depth = 0
  return tokens.some((token, at) => {
    if (isMark(token, '(')) depth += 1
    else if (isMark(token, ')')) depth -= 1
    const isNew = isWord(token, 'NEW') && isMark(tokens[at + 1], '.')
    if (depth > 0 || !isNew || tokens[at + 2]?.text.toLowerCase() !== column.toLowerCase()) return false
    const before = tokens[at - 1]
    return isMark(before, ',') || isWord(before, 'SET', 'INTO')
  })
}
