import { isMark, isWord } from '../sql/clauses.ts'
import { applyEdits, type Edit, type Token, tokenize } from '../sql/tokens.ts'

/** A word that may be the name of a column. */
interface PartitionName {
  readonly token: Token
  /** In `KEY (id)` and `RANGE COLUMNS (day, word)`; elsewhere only in an expression, which has quoted names. */
  readonly isListed: boolean
}

/** Tokens that may be column names in the text of a partitioning. */
function listNames(tokens: readonly Token[]): readonly PartitionName[] {
  let isListed = false
  return tokens.flatMap((token, at): readonly PartitionName[] => {
    // `KEY ALGORITHM = 1 (id)`
    if (isMark(token, '(')) isListed = isWord(tokens[at - 1], 'KEY', 'COLUMNS') || isWord(tokens[at - 3], 'ALGORITHM')
    if (isMark(token, ')')) isListed = false
    return token.type === 'name' || (token.type === 'word' && isListed) ? [{ token, isListed }] : []
  })
}

/** The text with the names that `name` returns for them; null keeps a name. */
export function replacePartitionNames(text: string, name: (token: Token, isListed: boolean) => string | null): string {
  const edits = listNames(tokenize(text)).flatMap(({ token, isListed }): readonly Edit[] => {
    const to = name(token, isListed)
    return to === null ? [] : [{ start: token.start, end: token.end, text: to }]
  })
  return applyEdits(text, edits)
}

const plainName = /^[\p{L}\p{N}_$]+$/u

/**
 * The text for comparison: in lists MySQL prints names in the case in which they were typed, and quotes the keywords of its version
 * (`manual` and `sets` on 9.7, not on 8.0.12). A statement that repartitions because of that would copy the table.
 */
export function comparablePartitioning(text: string | null): string | null {
  if (text === null || !/\b(?:KEY|COLUMNS)\b/.test(text)) return text
  return replacePartitionNames(text, (token, isListed) =>
    isListed && plainName.test(token.text) ? token.text.toLowerCase() : null,
  )
}
