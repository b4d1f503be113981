import { isAtLeast } from '../../core/version.ts'
import { hasWords, isMark, isWord } from '../../sql/clauses.ts'
import type { Token } from '../../sql/tokens.ts'
import { type RemovedStatement, removedFunctions, removedStatements } from './removed-names.ts'

/** After these words, a name with parentheses is that of an object. */
const objectWords = [
  'INTO',
  'TABLE',
  'KEY',
  'INDEX',
  'FUNCTION',
  'PROCEDURE',
  'CALL',
  'EXISTS',
  'REFERENCES',
  'UNIQUE',
  'ON',
] as const

/** Calls of functions that a server of this version does not have. */
export function findRemovedCalls(tokens: readonly Token[], target: string): readonly Token[] {
  return tokens.filter((token, at) => {
    if (token.type !== 'word' || !isMark(tokens[at + 1], '(')) return false
    const since = removedFunctions.get(token.text.toUpperCase())
    return (
      since !== undefined &&
      isAtLeast(target, since) &&
      !isMark(tokens[at - 1], '.') &&
      !isWord(tokens[at - 1], ...objectWords)
    )
  })
}

/** Statements that a server of this version refuses: the text itself, or in the body of a routine, trigger or event, where any place may begin one. */
export function findRemovedStatements(
  tokens: readonly Token[],
  target: string,
  isBody: boolean,
): readonly { readonly at: Token; readonly removed: RemovedStatement }[] {
  const places = isBody ? tokens.keys() : [0]
  const found: { readonly at: Token; readonly removed: RemovedStatement }[] = []
  for (const place of places) {
    const at = tokens[place]
    if (at?.type !== 'word') continue
    const words = withoutOptions(tokens, place)
    const removed = removedStatements.find((each) => isAtLeast(target, each.since) && hasWords(words, 0, ...each.words))
    if (removed !== undefined) found.push({ at, removed })
  }
  return found
}

/** `FLUSH LOCAL HOSTS` and `FLUSH STATUS, HOSTS` are `FLUSH HOSTS`, too. */
function withoutOptions(tokens: readonly Token[], at: number): readonly Token[] {
  const [first] = tokens.slice(at, at + 1)
  const rest = tokens.slice(at + 1, at + 12)
  if (first === undefined || !isWord(first, 'FLUSH')) return tokens.slice(at, at + 6)
  const end = rest.findIndex((token) => isMark(token, ';'))
  const options = end < 0 ? rest : rest.slice(0, end)
  const hosts = options.find((token, index) => {
    const before = index === 0 ? first : options[index - 1]
    return isWord(token, 'HOSTS') && (isMark(before, ',') || isWord(before, 'FLUSH', 'LOCAL', 'NO_WRITE_TO_BINLOG'))
  })
  return hosts === undefined ? [first, ...options] : [first, hosts]
}

/** Statements that were only renamed. */
export function isOfReplication({ words }: RemovedStatement): boolean {
  return words.some((word) => word === 'MASTER' || word === 'SLAVE')
}
